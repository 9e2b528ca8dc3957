//! Versions: a change that expects one which is not there any more does nothing, and says which is.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, book_by_graphql, id_of, john, on_both_engines};

const CANCEL: &str =
    "mutation ($input: CancelAppointmentInput!) { cancelAppointment(input: $input) {
    appointment { status version } error { code ... on VersionConflict { currentVersion } } } }";
const MOVE: &str =
    "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
    appointment { startsAt version } error { code ... on VersionConflict { currentVersion } } } }";

/// Another time of John's.
const LATER: &str = "2027-01-12T15:00:00Z";

async fn booked(app: &TestApp) -> (String, i64) {
    let answer = app.book(&json!({ "patient": john() })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    assert_eq!(answer.header("etag"), format!("\"{}\"", body["version"]));
    (id_of(&body), body["version"].as_i64().unwrap())
}

async fn with_if_match(app: &TestApp, path: &str, tags: &[&str], body: &Value) -> Answer {
    let mut request = app.request(Method::POST, path).json(body);
    for tag in tags {
        request = request.header("If-Match", *tag);
    }
    TestApp::send(request).await
}

on_both_engines! {
    async fn a_stale_version_changes_nothing_by_either_door(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, version) = booked(&app).await;
        let stale = version - 1;
        let conflict = json!({ "code": "VERSION_CONFLICT", "currentVersion": version });
        let input = json!({ "id": id, "expectedVersion": stale });
        let answer = app.graphql(CANCEL, json!({ "input": input })).await;
        assert_eq!(answer["data"]["cancelAppointment"],
            json!({ "appointment": { "status": "CONFIRMED", "version": version }, "error": conflict }));
        let input = json!({ "id": id, "startsAt": LATER, "expectedVersion": stale });
        let answer = app.graphql(MOVE, json!({ "input": input })).await;
        assert_eq!(answer["data"]["rescheduleAppointment"]["error"], conflict, "{answer}");
        let (cancel, reschedule) = (format!("/appointment/{id}/cancel"), format!("/appointment/{id}/reschedule"));
        let tag = format!("\"{stale}\"");
        for (path, mut body) in [(&cancel, json!({})), (&reschedule, json!({ "time": LATER }))] {
            let answer = with_if_match(&app, path, &[&tag], &body).await;
            assert_eq!(answer.problem(), (412, "VERSION_CONFLICT".to_owned()), "{path}");
            body["expected_version"] = json!(stale);
            let answer = app.post(path, &body).await;
            assert_eq!(answer.problem(), (409, "VERSION_CONFLICT".to_owned()), "{path}");
            assert_eq!(answer.json()["current_version"], version);
        }
        let shown = app.get(&format!("/appointment/{id}")).await.json();
        assert_eq!((&shown["status"], &shown["version"]), (&json!("CONFIRMED"), &json!(version)));
        // As seen: done.
        let answer = with_if_match(&app, &reschedule, &[&format!("\"{version}\"")], &json!({ "time": LATER })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let now = answer.json()["version"].as_i64().unwrap();
        assert!(now > version);
        assert_eq!(answer.header("etag"), format!("\"{now}\""));
        let input = json!({ "id": id, "expectedVersion": now });
        let answer = app.graphql(CANCEL, json!({ "input": input })).await;
        assert_eq!(answer["data"]["cancelAppointment"]["error"], Value::Null, "{answer}");
    }
}

on_both_engines! {
    async fn if_match_is_read_as_the_standard_says(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, version) = booked(&app).await;
        let path = format!("/appointment/{id}/cancel");
        let weak = format!("W/\"{version}\"");
        for (tags, status) in [
            (vec![weak.as_str()], 412),
            (vec!["\"somebody-else's\""], 412),
            (vec!["\"1000\", \"1001\""], 412),
            (vec!["7"], 400),
            (vec![""], 400),
            (vec!["\"7\" \"8\""], 400),
        ] {
            let answer = with_if_match(&app, &path, &tags, &json!({})).await;
            assert_eq!(answer.problem().0, status, "{tags:?}: {answer:?}");
        }
        let strong = format!("\"{version}\"");
        let shown = |tag: &str| {
            let request = app.request(Method::GET, &format!("/appointment/{id}")).header("If-Match", tag);
            TestApp::send(request)
        };
        let answer = shown(&strong).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, strong.as_str()));
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!(shown("\"1000\"").await.problem(), (412, "VERSION_CONFLICT".to_owned()));
        let list = format!("\"1000\", {strong}");
        assert_eq!(with_if_match(&app, &path, &["*"], &json!({ "expected_version": version + 1 })).await.problem(),
            (409, "VERSION_CONFLICT".to_owned()));
        assert_eq!(with_if_match(&app, &path, &["\"999\"", &list], &json!({})).await.status, 200);
        // One that is not there is not found, whatever is expected of it.
        let nowhere = "/appointment/apt_01h455vb4pex5vsknk084sn02q/cancel";
        assert_eq!(with_if_match(&app, nowhere, &["*"], &json!({})).await.problem(), (404, "NOT_FOUND".to_owned()));
    }
}

on_both_engines! {
    async fn a_repeat_under_its_key_is_answered_before_the_version_is_looked_at(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, version) = booked(&app).await;
        let move_it = |expected: i64| {
            let body = json!({ "time": LATER, "expected_version": expected });
            let request = app.request(Method::POST, &format!("/appointment/{id}/reschedule"));
            let tag = format!("\"{expected}\"");
            let request = request.header("Idempotency-Key", "move").header("If-Match", tag).json(&body);
            TestApp::send(request)
        };
        let first = move_it(version).await;
        assert_eq!(first.status, 200, "{first:?}");
        let repeat = move_it(version).await;
        assert_eq!((repeat.status, repeat.header("idempotency-replayed")), (first.status, "true"));
        assert_eq!(repeat.json(), first.json());
        // Another version expected is another request.
        let other = move_it(version + 5).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        // A conflict commits nothing, and so keeps no key.
        let input = |expected: i64| json!({ "id": id, "expectedVersion": expected, "idempotencyKey": "cancel" });
        let answer = app.graphql(CANCEL, json!({ "input": input(version) })).await;
        assert_eq!(answer["data"]["cancelAppointment"]["error"]["code"], "VERSION_CONFLICT");
        let now = first.json()["version"].as_i64().unwrap();
        let answer = app.graphql(CANCEL, json!({ "input": input(now) })).await;
        assert_eq!(answer["data"]["cancelAppointment"]["error"], Value::Null, "{answer}");
    }
}

on_both_engines! {
    async fn of_two_changes_that_have_seen_the_same_one_is_done(engine) {
        let app = TestApp::spawn(engine).await;
        for round in 0..5 {
            let payload = book_by_graphql(&app, json!({ "patient": john() })).await;
            let id = payload["appointment"]["id"].as_str().unwrap().to_owned();
            let version = app.get(&format!("/appointment/{id}")).await.json()["version"].clone();
            let time = format!("2027-01-{:02}T15:00:00Z", 18 + round);
            let bodies = [json!({ "time": time, "expected_version": version }), json!({ "time": time.replace("15:", "17:"), "expected_version": version })];
            let path = format!("/appointment/{id}/reschedule");
            let (one, other) = tokio::join!(app.post(&path, &bodies[0]), app.post(&path, &bodies[1]));
            let done = [&one, &other].iter().filter(|answer| answer.status == 200).count();
            assert_eq!(done, 1, "{one:?} {other:?}");
            let lost = if one.status == 200 { other } else { one };
            assert_eq!(lost.problem(), (409, "VERSION_CONFLICT".to_owned()));
        }
    }
}

on_both_engines! {
    async fn providers_patients_and_appointments_have_a_version(engine) {
        let app = TestApp::spawn(engine).await;
        booked(&app).await;
        let query = "{ providers(first: 1) { nodes { version } } patients { nodes { version } } }";
        let answer = app.graphql(query, json!({})).await;
        assert_eq!(answer["data"], json!({ "providers": { "nodes": [{ "version": 1 }] },
            "patients": { "nodes": [{ "version": 1 }] } }));
        for wrong in [0, -1] {
            let input = json!({ "id": "apt_01h455vb4pex5vsknk084sn02q", "expectedVersion": wrong });
            let answer = app.graphql(CANCEL, json!({ "input": input })).await;
            assert_eq!(answer["data"]["cancelAppointment"]["error"]["code"], "INVALID_INPUT", "{answer}");
        }
    }
}
