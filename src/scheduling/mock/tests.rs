mod faults;
mod guard;
mod journal;
mod lies;
mod window;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::Service as _;

use std::path::Path;

use super::*;

fn open(ledger: Option<&Path>, faults: Faults) -> Router {
    router(Arc::new(MockScheduler::open(ledger, faults).unwrap()))
}

/// Sends one request; the answer's body is null when it is not JSON.
async fn send(
    app: &Router,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &Value,
) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(path).header("Host", "127.0.0.1:9090");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let response = app.clone().call(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn get(app: &Router, path: &str) -> Value {
    send(app, "GET", path, None, &Value::Null).await.1
}

async fn post(app: &Router, key: &str, body: &Value) -> (StatusCode, Value) {
    send(app, "POST", "/appointments", Some(key), body).await
}

fn at(reference: &str, time: &str) -> Value {
    json!({
        "reference": reference,
        "provider_reference": "prv_1",
        "provider_name": "Dr. Grey",
        "patient_name": "Ada Lovelace",
        "time": time,
        "duration_minutes": 30,
    })
}

#[tokio::test]
async fn a_booking_is_confirmed_in_the_words_of_the_contract() {
    let app = open(None, Faults::default());

    let (status, body) = post(&app, "1", &at("apt_1", "2027-01-15T09:00:00+01:00")).await;

    let id = body["appointment_id"].clone();
    assert!(id.as_str().unwrap().starts_with("ext_"));
    let confirmed = json!({
        "scheduled": true, "reference": "apt_1", "appointment_id": id, "provider": "Dr. Grey",
        "patient": "Ada Lovelace", "time": "2027-01-15T08:00:00Z", "duration_minutes": 30,
    });
    assert_eq!((status, body), (StatusCode::CREATED, confirmed));
    let row = json!([{
        "reference": "apt_1", "appointment_id": id, "provider_reference": "prv_1",
        "time": "2027-01-15T08:00:00Z", "duration_minutes": 30, "cancelled": false,
    }]);
    assert_eq!(get(&app, "/ledger").await, row, "and the ledger names no patient");
    assert_eq!(get(&app, "/appointments?reference=apt_1").await, row);
    assert_eq!(get(&app, "/appointments?reference=apt_2").await, json!([]));
}

#[tokio::test]
async fn spans_are_half_open_and_ones_own_does_not_block_a_move() {
    let app = open(None, Faults::default());
    let first = post(&app, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await.1;
    let path = format!("/appointments/{}", first["appointment_id"].as_str().unwrap());

    let touching = post(&app, "2", &at("apt_2", "2027-01-15T08:30:00Z")).await;
    assert_eq!(touching.0, StatusCode::CREATED);
    let overlapping = post(&app, "3", &at("apt_3", "2027-01-15T07:31:00Z")).await;
    assert_eq!(overlapping.0, StatusCode::CONFLICT);
    assert_eq!(overlapping.1["scheduled"], false);
    let to = |time: &str| json!({"time": time, "duration_minutes": 30});
    let late = send(&app, "PUT", &path, Some("4"), &to("2027-01-15T08:01:00Z")).await;
    assert_eq!(late.0, StatusCode::CONFLICT);
    let early = send(&app, "PUT", &path, Some("5"), &to("2027-01-15T07:45:00Z")).await;
    assert_eq!(early.0, StatusCode::OK);
    assert_eq!(early.1["patient"], "Ada Lovelace");

    let gone = send(&app, "DELETE", &path, Some("6"), &Value::Null).await;
    assert_eq!(gone.0, StatusCode::NO_CONTENT);
    assert_eq!(send(&app, "DELETE", &path, Some("6"), &Value::Null).await, gone);
    let twice = send(&app, "DELETE", &path, Some("7"), &Value::Null).await;
    assert_eq!(twice.0, StatusCode::NOT_FOUND);
    let (free, _) = post(&app, "8", &at("apt_3", "2027-01-15T07:31:00Z")).await;
    assert_eq!(free, StatusCode::CREATED, "a cancelled appointment blocks nothing");
    assert_eq!(post(&app, "3", &Value::Null).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let again = post(&app, "3", &at("apt_3", "2027-01-15T07:31:00Z")).await;
    assert_eq!(again, overlapping, "the same key answers the same");
}

#[tokio::test]
async fn concurrent_requests_under_one_key_are_decided_once() {
    let app = open(None, Faults::default());
    let requests = (0..32).map(|_| {
        let app = app.clone();
        tokio::spawn(async move { post(&app, "1", &at("apt_1", "2027-01-15T08:00:00Z")).await })
    });
    let requests: Vec<_> = requests.collect();

    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.await.unwrap());
    }

    assert_eq!(answers[0].0, StatusCode::CREATED);
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(get(&app, "/ledger").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_writing_call_needs_a_key_and_a_whole_body() {
    let app = open(None, Faults::default());
    let visit = at("apt_1", "2027-01-15T08:00:00Z");

    let keyless = send(&app, "POST", "/appointments", None, &visit).await;
    assert_eq!(keyless.0, StatusCode::BAD_REQUEST);
    for (field, value) in [("extra", json!(1)), ("reference", json!("")), ("time", json!("noon"))] {
        let mut wrong = visit.clone();
        wrong[field] = value;
        assert_eq!(post(&app, "1", &wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let unknown = send(&app, "DELETE", "/appointments/ext_1", Some("2"), &Value::Null).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
}
