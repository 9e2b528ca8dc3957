use super::*;

#[tokio::test]
async fn a_window_lists_what_overlaps_it_by_start() {
    let app = open(None, Faults::default());
    for (key, time) in [("1", "10:00"), ("2", "08:00"), ("3", "08:30"), ("4", "09:00")] {
        let visit = at(&format!("apt_{key}"), &format!("2027-01-15T{time}:00Z"));
        assert_eq!(post(&app, key, &visit).await.0, StatusCode::CREATED);
    }
    let listed = async |from: &str, to: &str| {
        let path = format!("/appointments?from=2027-01-15T{from}:00Z&to=2027-01-15T{to}:00Z");
        let rows = get(&app, &path).await;
        let rows = rows.as_array().unwrap().iter();
        rows.map(|row| row["reference"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(listed("08:00", "10:00").await, ["apt_2", "apt_3", "apt_4"]);
    assert_eq!(listed("08:15", "08:16").await, ["apt_2"]);
    assert_eq!(listed("09:30", "10:00").await, Vec::<String>::new());
    for query in [
        "",
        "?from=2027-01-15T08:00:00Z",
        "?to=2027-01-15T08:00:00Z",
        "?from=2027-01-15T08:00:00Z&to=2027-01-15T08:00:00Z",
        "?from=noon&to=midnight",
    ] {
        let (status, _) =
            send(&app, "GET", &format!("/appointments{query}"), None, &Value::Null).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_move_may_lead_to_another_provider() {
    let app = open(None, Faults::default());
    let taken = at("apt_1", "2027-01-15T08:00:00Z");
    let mut with_another = at("apt_2", "2027-01-15T08:00:00Z");
    with_another["provider_reference"] = json!("prv_2");
    post(&app, "1", &taken).await;
    let second = post(&app, "2", &with_another).await.1;
    let path = format!("/appointments/{}", second["appointment_id"].as_str().unwrap());
    let to = |provider: &str| {
        json!({ "provider_reference": provider, "provider_name": "Dr. Who",
        "time": "2027-01-15T08:00:00Z", "duration_minutes": 45 })
    };

    assert_eq!(send(&app, "PUT", &path, Some("3"), &to("prv_1")).await.0, StatusCode::CONFLICT);
    let (status, moved) = send(&app, "PUT", &path, Some("4"), &to("prv_3")).await;
    assert_eq!((status, &moved["provider"]), (StatusCode::OK, &json!("Dr. Who")));
    let row = &get(&app, "/appointments?reference=apt_2").await[0];
    assert_eq!(
        (&row["provider_reference"], &row["duration_minutes"]),
        (&json!("prv_3"), &json!(45))
    );
    let (free, _) = post(&app, "5", &with_another).await;
    assert_eq!(free, StatusCode::CREATED, "the provider it was with is free");
}
