use super::*;

async fn order(app: &Router, faults: &Value) {
    assert_eq!(send(app, "PUT", "/faults", None, faults).await.0, StatusCode::OK);
}

#[tokio::test]
async fn each_lie_is_about_one_thing_and_the_same_key_tells_the_truth_afterwards() {
    for (fault, key) in [
        ("wrong_reference_rate", "reference"),
        ("wrong_time_rate", "time"),
        ("wrong_length_rate", "duration_minutes"),
        ("wrong_id_rate", "appointment_id"),
    ] {
        let app = open(None, Faults::default());
        let first = post(&app, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await.1;
        let visit = at("apt_2", "2027-01-15T09:00:00Z");
        order(&app, &json!({ fault: 1 })).await;
        let (status, mut lie) = post(&app, "2", &visit).await;
        order(&app, &json!({})).await;
        let truth = post(&app, "2", &visit).await;

        assert_eq!((status, truth.0), (StatusCode::CREATED, StatusCode::CREATED));
        assert_ne!(lie[key], truth.1[key], "{fault}");
        lie[key] = truth.1[key].clone();
        assert_eq!(lie, truth.1, "{fault}");
        order(&app, &json!({ "wrong_id_rate": 1 })).await;
        let again = post(&app, "2", &visit).await.1;
        assert_eq!(again["appointment_id"], first["appointment_id"]);
    }
}

#[tokio::test]
async fn what_is_forgotten_is_not_there_and_its_keys_are_new_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let app = open(Some(file.path()), Faults::default());
    let visit = at("apt_1", "2027-01-15T08:00:00Z");
    let first = post(&app, "1", &visit).await.1["appointment_id"].clone();
    order(&app, &json!({ "forget_share": 1 })).await;

    for app in [&app, &open(Some(file.path()), Faults::default())] {
        assert_eq!(get(app, "/ledger").await, json!([]));
        assert_eq!(get(app, "/appointments?reference=apt_1").await, json!([]));
        let path = format!("/appointments/{}", first.as_str().unwrap());
        let (gone, _) = send(app, "DELETE", &path, Some("2"), &Value::Null).await;
        assert_eq!(gone, StatusCode::NOT_FOUND);
    }
    let anew = post(&app, "1", &visit).await;
    assert_eq!(anew.0, StatusCode::CREATED);
    assert_ne!(anew.1["appointment_id"], first);
}
