//! Visits for calendars: the file of one, and feeds of a provider's visits.

mod feeds;
mod making;
mod oracle;
mod rights;
mod visits;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{API_TOKEN, Answer, Engine, RosterBuilder, TestApp, closed};

/// What is asked of a feed.
const FEED: &str = "feed { id name provider { name } withPatients tellsPatients active owner createdAt revokedAt lastReadAt }";

/// A closed clinic of two providers.
async fn clinic(engine: Engine) -> TestApp {
    closed(engine).roster(RosterBuilder::alike(2)).spawn().await
}

/// A request by whoever bears that token.
async fn send_as(app: &TestApp, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = app.request(method, path).bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(body) };
    TestApp::send(request).await
}

async fn get_as(app: &TestApp, token: &str, path: &str) -> Answer {
    send_as(app, token, Method::GET, path, &Value::Null).await
}

/// Books with a provider; the visit's id.
async fn booked(app: &TestApp, provider: &str, name: &str, time: &str) -> String {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let patient = json!({ "name": name, "email": email, "state": "CT", "insurance": "Aetna" });
    let body = json!({ "patient": patient, "provider_id": provider, "time": time, "reason": "A secret itch" });
    let answer = send_as(app, API_TOKEN, Method::POST, "/appointment", &body).await;
    assert!(answer.status.is_success(), "{answer:?}");
    answer.json()["appointment_id"].as_str().unwrap().to_owned()
}

/// Makes a feed by whoever bears that token; what is answered.
async fn made_as(app: &TestApp, token: &str, provider: &str, with_patients: bool) -> Value {
    let input = json!({ "providerId": provider, "withPatients": with_patients });
    app.administer_as(token, "createCalendarFeed", &format!("{FEED} secret url"), input).await
}

/// The path of a feed that was made.
fn path_of(made: &Value) -> String {
    made["url"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// What a feed says; it is read as calendars do, without a token.
async fn read(app: &TestApp, path: &str) -> Answer {
    app.get(path).await
}

/// The lines of a file, put together again.
fn lines(text: &str) -> Vec<String> {
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"),
        "{text}"
    );
    text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
}

/// The values of a property in a file.
fn values(text: &str, property: &str) -> Vec<String> {
    let lines = lines(text).into_iter();
    lines.filter_map(|line| line.strip_prefix(&format!("{property}:")).map(str::to_owned)).collect()
}

/// The one value of a property.
fn value(text: &str, property: &str) -> String {
    let mut values = values(text, property);
    assert_eq!(values.len(), 1, "{property}: {text}");
    values.remove(0)
}
