//! What became of a visit: checked in, completed, never there, and corrections of that.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, id_of, on_both_engines, with_jane};

/// 11:00 in New York, a Monday.
const AT_ELEVEN: &str = "2027-01-11T16:00:00Z";

const SET: &str = "mutation ($input: SetVisitStatusInput!) { setVisitStatus(input: $input) {
    appointment { status scheduled version } error { code message ... on IllegalTransition { allowed } } } }";

async fn booked(app: &TestApp) -> String {
    let answer = app.book(&with_jane(1, AT_ELEVEN)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    id_of(&answer.json())
}

async fn set(app: &TestApp, id: &str, status: &str) -> Answer {
    app.post(&format!("/appointment/{id}/status"), &json!({ "status": status })).await
}

async fn set_by_graphql(app: &TestApp, id: &str, status: &str) -> Value {
    let input = json!({ "input": { "id": id, "status": status } });
    app.graphql(SET, input).await["data"]["setVisitStatus"].clone()
}

async fn assert_set(app: &TestApp, id: &str, status: &str) {
    let answer = set(app, id, status).await;
    let body = answer.json();
    let is = (answer.status.as_u16(), &body["status"], &body["scheduled"]);
    assert_eq!(is, (200, &json!(status), &json!(true)), "{answer:?}");
}

async fn assert_refused(app: &TestApp, id: &str, status: &str, allowed: &[&str]) {
    let answer = set(app, id, status).await;
    assert_eq!(answer.problem(), (409, "ILLEGAL_TRANSITION".to_owned()), "{status}: {answer:?}");
    assert_eq!(answer.json()["allowed"], json!(allowed), "{status}");
    let payload = set_by_graphql(app, id, status).await;
    let error = &payload["error"];
    assert_eq!(
        (&error["code"], &error["allowed"]),
        (&json!("ILLEGAL_TRANSITION"), &json!(allowed))
    );
    assert!(payload["appointment"].is_object(), "{payload}");
}

on_both_engines! {
    async fn a_visit_is_checked_in_completed_and_corrected_step_by_step(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        app.clock.set("2027-01-11T15:50:00Z");
        assert_set(&app, &id, "CHECKED_IN").await;
        // Said twice, it is as it is.
        assert_set(&app, &id, "CHECKED_IN").await;
        assert_refused(&app, &id, "COMPLETED", &["CONFIRMED"]).await;
        app.clock.set("2027-01-11T16:20:00Z");
        for status in ["COMPLETED", "CHECKED_IN", "NO_SHOW", "CHECKED_IN", "CONFIRMED", "NO_SHOW", "CONFIRMED"] {
            assert_set(&app, &id, status).await;
        }
        assert_refused(&app, &id, "COMPLETED", &["CHECKED_IN", "NO_SHOW"]).await;
        assert_set(&app, &id, "CHECKED_IN").await;
        assert_set(&app, &id, "COMPLETED").await;
        assert_refused(&app, &id, "NO_SHOW", &["CHECKED_IN"]).await;
        // The scheduling service was told of none of it, and has it as it was.
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn nobody_is_checked_in_before_the_day_of_the_visit_on_the_providers_clock(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        // One minute before midnight in New York.
        app.clock.set("2027-01-11T04:59:00Z");
        assert_refused(&app, &id, "CHECKED_IN", &["CANCELLING", "FAILED"]).await;
        let told = set(&app, &id, "CHECKED_IN").await.json();
        assert!(told["detail"].as_str().unwrap().contains("Too early"), "{told}");
        app.clock.set("2027-01-11T05:00:00Z");
        assert_refused(&app, &id, "NO_SHOW", &["CHECKED_IN", "CANCELLING", "FAILED"]).await;
        assert_set(&app, &id, "CHECKED_IN").await;
        // Who is there is neither moved nor cancelled: first it is taken back.
        assert_eq!(app.cancel(&id).await.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
        assert_set(&app, &id, "CONFIRMED").await;
        assert_eq!(app.cancel(&id).await.status, 200);
        assert_refused(&app, &id, "CHECKED_IN", &[]).await;
    }
}

on_both_engines! {
    async fn other_statuses_are_not_given_by_hand(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        for status in ["CANCELLED", "PENDING", "HELD", "checked_in", ""] {
            let answer = set(&app, &id, status).await;
            assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{status}: {answer:?}");
            assert_eq!(answer.json()["errors"][0]["pointer"], "/status");
        }
        let payload = set_by_graphql(&app, &id, "CANCELLED").await;
        assert_eq!(payload["error"]["code"], "INVALID_INPUT");
        let nobody = set(&app, "apt_01h455vb4pex5vsknk084sn02q", "CHECKED_IN").await;
        assert_eq!(nobody.problem(), (404, "NOT_FOUND".to_owned()));
    }
}

on_both_engines! {
    async fn a_repeat_and_a_stale_version_are_told_as_with_every_change(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        app.clock.set(AT_ELEVEN);
        let path = format!("/appointment/{id}/status");
        let body = json!({ "status": "CHECKED_IN" });
        let first = app.post_with_key(&path, "arrived", &body).await;
        assert_eq!(first.status, 200, "{first:?}");
        let repeat = app.post_with_key(&path, "arrived", &body).await;
        assert_eq!((repeat.status, repeat.header("idempotency-replayed")), (first.status, "true"));
        let other = app.post_with_key(&path, "arrived", &json!({ "status": "NO_SHOW" })).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        let request = app.request(Method::POST, &path).header("If-Match", "\"1\"");
        let stale = TestApp::send(request.json(&json!({ "status": "NO_SHOW" }))).await;
        assert_eq!(stale.problem(), (412, "VERSION_CONFLICT".to_owned()));
    }
}

on_both_engines! {
    async fn what_became_of_it_is_in_the_log_and_its_time_stays_held(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app).await;
        app.clock.set(AT_ELEVEN);
        for status in ["CHECKED_IN", "COMPLETED", "CHECKED_IN", "CONFIRMED", "NO_SHOW"] {
            assert_set(&app, &id, status).await;
            let rival = app.book(&with_jane(2, "2027-01-11T16:15:00Z")).await;
            assert_eq!(rival.problem(), (409, "SLOT_TAKEN".to_owned()), "{status}");
        }
        let log = app.graphql("{ events(first: 20) { nodes { kind appointmentId appointment { status } } } }", json!({})).await;
        let nodes = log["data"]["events"]["nodes"].as_array().unwrap();
        let kinds: Vec<&str> = nodes.iter().map(|node| node["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["BOOKED", "CONFIRMED", "CHECKED_IN", "COMPLETED", "CHECKED_IN", "REINSTATED", "NO_SHOW"]);
        assert!(nodes.iter().all(|node| node["appointmentId"] == json!(id)), "{log}");
    }
}
