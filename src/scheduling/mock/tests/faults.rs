use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

#[tokio::test]
async fn faults_are_replaced_as_a_whole_and_checked() {
    let app = open(None, Faults { down: true, seed: 7, ..Faults::default() });
    let put = async |body: Value| send(&app, "PUT", "/faults", None, &body).await;

    assert_eq!(get(&app, "/ledger").await, json!([]), "works even when the service is down");
    assert_eq!(put(json!({"error_rate": 0.5})).await.0, StatusCode::OK);
    let faults = json!({
        "latency_ms": 0, "error_rate": 0.5, "refuse_rate": 0.0, "drop_rate": 0.0,
        "lost_reply_rate": 0.0, "garbage_rate": 0.0, "wrong_reference_rate": 0.0,
        "wrong_time_rate": 0.0, "wrong_length_rate": 0.0, "wrong_id_rate": 0.0,
        "forget_share": 0.0, "down": false, "poisoned_provider": null,
        "poisoned_name": null, "poison_status": 500, "poison_latency_ms": 0, "seed": 0,
    });
    assert_eq!(get(&app, "/faults").await, faults);
    for wrong in [
        json!({"error_rat": 1}),
        json!({"drop_rate": 1.1}),
        json!({"seed": -1}),
        json!({"poison_status": 200}),
    ] {
        let (status, body) = put(wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(body["message"].is_string());
    }
    assert_eq!(get(&app, "/faults").await, faults, "what is refused changes nothing");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_fates() {
    let faults = json!({"error_rate": 0.5, "seed": 42});
    let app = open(None, Faults::default());
    let mut runs = Vec::new();
    for _ in 0..2 {
        send(&app, "PUT", "/faults", None, &faults).await;
        let mut fates = Vec::new();
        for _ in 0..32 {
            let path = "/appointments?reference=apt_1";
            fates.push(send(&app, "GET", path, None, &Value::Null).await.0);
        }
        runs.push(fates);
    }

    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&StatusCode::OK));
    assert!(runs[0].contains(&StatusCode::INTERNAL_SERVER_ERROR));
}

#[tokio::test]
async fn a_refusal_is_remembered_and_an_error_is_not() {
    let app = open(None, Faults { refuse_rate: 1.0, ..Faults::default() });
    let visit = at("apt_1", "2027-01-15T08:00:00Z");

    let refused = post(&app, "1", &visit).await;
    assert_eq!(refused.0, StatusCode::CONFLICT);
    send(&app, "PUT", "/faults", None, &json!({"error_rate": 1})).await;
    assert_eq!(post(&app, "2", &visit).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    send(&app, "PUT", "/faults", None, &json!({})).await;
    assert_eq!(post(&app, "1", &visit).await, refused);
    assert_eq!(post(&app, "2", &visit).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn poison_is_what_is_about_one_provider_or_one_name_whatever_is_asked() {
    let app = open(None, Faults::default());
    let early = at("apt_1", "2027-01-15T08:00:00Z");
    let booked = post(&app, "1", &early).await.1;
    let path = format!("/appointments/{}", booked["appointment_id"].as_str().unwrap());
    let late = at("apt_2", "2027-01-15T09:00:00Z");
    let (provider, name) = (&early["provider_reference"], &early["patient_name"]);
    for poison in [
        json!({"poisoned_provider": provider, "poison_status": 400}),
        json!({"poisoned_name": name, "poison_status": 503}),
    ] {
        send(&app, "PUT", "/faults", None, &poison).await;
        let status = poison["poison_status"].as_u64().unwrap();
        let is_poisoned = |(code, _): (StatusCode, Value)| u64::from(code.as_u16()) == status;
        assert!(is_poisoned(post(&app, "2", &late).await));
        let moved = json!({"time": "2027-01-15T10:00:00Z", "duration_minutes": 30});
        assert!(is_poisoned(send(&app, "PUT", &path, Some("3"), &moved).await));
        assert!(is_poisoned(send(&app, "DELETE", &path, Some("4"), &Value::Null).await));
        let found = get(&app, "/appointments?reference=apt_1").await;
        assert_eq!(found.as_array().unwrap().len(), 1, "it can be looked up");
        let mut other = at(&format!("apt_{status}"), "2027-01-15T09:00:00Z");
        other["provider_reference"] = json!(format!("prv_{status}"));
        other["patient_name"] = json!("Somebody Else");
        assert_eq!(post(&app, &format!("5{status}"), &other).await.0, StatusCode::CREATED);
    }
}

#[tokio::test(start_paused = true)]
async fn it_acts_late_even_when_its_caller_has_hung_up() {
    let app = open(None, Faults { latency_ms: 60_000, ..Faults::default() });
    let visit = at("apt_1", "2027-01-15T08:00:00Z");

    let patience = Duration::from_secs(1);
    assert!(tokio::time::timeout(patience, post(&app, "1", &visit)).await.is_err());
    assert_eq!(get(&app, "/ledger").await, json!([]));
    send(&app, "PUT", "/faults", None, &json!({})).await;
    tokio::time::sleep(Duration::from_mins(1)).await;

    let booked = get(&app, "/ledger").await;
    assert_eq!(booked.as_array().unwrap().len(), 1);
}

/// What a caller gets on a connection of its own, until the mock closes it.
async fn bytes_sent_for(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good as an end: either way nothing more comes.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_dropped_connection_carries_not_one_byte_and_serving_goes_on_until_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let faults = Faults { drop_rate: 1.0, ..Faults::default() };
    let mock = Arc::new(MockScheduler::open(None, faults).unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(serve(mock, listener, async move {
        let _ = stopped.await;
    }));

    let dropped = "GET /appointments?reference=a HTTP/1.1\r\nhost: localhost\r\n\r\n";
    assert_eq!(bytes_sent_for(address, dropped).await, "");
    let working = "GET /ledger HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(bytes_sent_for(address, working).await.starts_with("HTTP/1.1 200 OK"));

    let idle = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    drop(idle);
}
