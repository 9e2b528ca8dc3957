//! What a patient's link opens: one visit or one offer, and nothing else.

mod acting;
mod making;
mod moving;
mod offers;
mod opening;
mod revoking;

use clinic::db::{Ending, StoreError, Tx, appointments, patients};
use clinic::domain::LinkTarget;
use clinic::links::PatientLink;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{API_TOKEN, Answer, Engine, RosterBuilder, TestApp, TestAppBuilder, closed};

/// 9:00 in New York, two hours from now.
const NINE: &str = "2027-01-11T14:00:00Z";
const REASON: &str = "A secret itch";

/// A closed clinic of one provider.
fn builder(engine: Engine) -> TestAppBuilder {
    closed(engine).roster(RosterBuilder::alike(1))
}

async fn clinic(engine: Engine) -> TestApp {
    builder(engine).spawn().await
}

/// A request of a program that has the clinic's token.
async fn send(app: &TestApp, method: Method, path: &str, body: &Value) -> Answer {
    let request = app.request(method, path).bearer_auth(API_TOKEN);
    TestApp::send(if body.is_null() { request } else { request.json(body) }).await
}

/// Books John Doe, who lives by the clock of Connecticut; the visit's id.
async fn booked(app: &TestApp, time: &str) -> String {
    booked_by(app, "John Doe", "CT", time).await
}

async fn booked_by(app: &TestApp, name: &str, state: &str, time: &str) -> String {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let patient = json!({ "name": name, "email": email, "state": state, "insurance": "Aetna" });
    let body = json!({ "patient": patient, "time": time, "reason": REASON });
    let answer = send(app, Method::POST, "/appointment", &body).await;
    assert!(answer.status.is_success(), "{answer:?}");
    answer.json()["appointment_id"].as_str().unwrap().to_owned()
}

/// The visit as the clinic has it.
async fn visit(app: &TestApp, id: &str) -> Value {
    send(app, Method::GET, &format!("/appointment/{id}"), &Value::Null).await.json()
}

/// A new link to a visit, as a mail has it.
async fn mailed(app: &TestApp, id: &str) -> PatientLink {
    let visit = appointments::find(app.db.read(), id.parse().unwrap()).await.unwrap().unwrap();
    let patient = patients::find(app.db.read(), visit.patient_id).await.unwrap().unwrap();
    let (links, target, patient) = (&app.services.links, LinkTarget::Visit(visit.id), &patient);
    let work = |tx: Tx| async move {
        Ok::<_, StoreError>(Ending::Commit(links.make_one(&tx, target, patient).await?))
    };
    app.db.transaction("visit_link", work).await.unwrap()
}

/// Its path.
async fn path_to(app: &TestApp, id: &str) -> String {
    mailed(app, id).await.path().to_owned()
}

/// A browser that is led nowhere by itself.
fn browser() -> Client {
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

/// A form of a page of ours.
fn form(app: &TestApp, path: &str, fields: &str) -> RequestBuilder {
    let request = browser().post(format!("{}{path}", app.url)).header("origin", &app.url);
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(fields.replace(':', "%3A"))
}

async fn post(app: &TestApp, path: &str, fields: &str) -> Answer {
    read(TestApp::send(form(app, path, fields)).await)
}

async fn get(app: &TestApp, path: &str) -> Answer {
    read(app.get(path).await)
}

/// An answer as a browser reads it, but for what would be no text then.
fn read(answer: Answer) -> Answer {
    Answer { text: answer.text.replace("&#x2f;", "/"), ..answer }
}

/// Sends a form, which leads somewhere; the page that it leads to.
async fn led(app: &TestApp, path: &str, fields: &str) -> String {
    let answer = post(app, path, fields).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (303, ""), "{answer:?}");
    let page = get(app, answer.header("location")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.text
}

/// Who did what with a visit, as its history has it: kind of change, kind of caller.
async fn history(app: &TestApp, id: &str) -> Vec<(String, String)> {
    let query = "query ($id: ID!) { appointment(id: $id) { history { kind actor { kind } } } }";
    let answer = app.graphql_as(API_TOKEN, query, json!({ "id": id })).await;
    let history = answer["data"]["appointment"]["history"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    history.iter().map(|row| (text(&row["kind"]), text(&row["actor"]["kind"]))).collect()
}
