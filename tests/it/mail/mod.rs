//! Mail: patients are told what happens to their visits.

mod keeping;
mod reminding;
mod sending;
mod server;
mod standing;
mod templates;

use serde_json::{Value, json};

use self::server::{MailServer, Message};
use crate::support::{Engine, TestApp, TestAppBuilder, comes_true, id_of, with_jane};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";

const MAIL: &str =
    "id at kind status outcome attempts nextAttemptAt settledAt recipient appointment { id }
    waitlistEntry { id } content { subject text html calendar }";

/// A clinic whose mail goes to that server.
fn sending(engine: Engine, server: &MailServer) -> TestAppBuilder {
    TestApp::builder(engine)
        .setting("SMTP_URL", &server.url)
        .setting("MAIL_FROM", "The Clinic <no-reply@clinic.example>")
}

/// Every mail, the oldest first.
async fn mails(app: &TestApp) -> Vec<Value> {
    let query = format!("{{ mails(first: 100) {{ nodes {{ {MAIL} }} }} }}");
    let answer = app.graphql(&query, json!({})).await;
    let nodes = answer["data"]["mails"]["nodes"].as_array();
    let mut nodes = nodes.unwrap_or_else(|| panic!("{answer}")).clone();
    nodes.reverse();
    nodes
}

/// Waits until the mails stand so: what each is, where it stands, and what became of it.
async fn become_so(app: &TestApp, expected: &[(&str, &str, Option<&str>)]) -> Vec<Value> {
    let shown = |all: &[Value]| -> Vec<(String, String, Option<String>)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let one = |mail: &Value| {
            (text(&mail["kind"]).unwrap(), text(&mail["status"]).unwrap(), text(&mail["outcome"]))
        };
        let mut all: Vec<_> = all.iter().map(one).collect();
        // What is written down at one moment is in no order, and the clock of the tests stands still.
        all.sort();
        all
    };
    let owned = |&(kind, status, outcome): &(&str, &str, Option<&str>)| {
        (kind.to_owned(), status.to_owned(), outcome.map(str::to_owned))
    };
    let mut expected: Vec<_> = expected.iter().map(owned).collect();
    expected.sort();
    let came = comes_true(async || shown(&mails(app).await) == expected).await;
    let all = mails(app).await;
    assert!(came, "{:?} instead of {expected:?}", shown(&all));
    all
}

/// What the mail server has taken, once it is written down that it has: with another clock what is not would be sent again.
async fn sent(app: &TestApp, server: &MailServer, count: usize) -> Vec<Message> {
    let messages = server.has(count).await;
    let is_sent = |mail: &&Value| mail["status"] == "SENT";
    let written = async || mails(app).await.iter().filter(is_sent).count() == count;
    assert!(comes_true(written).await, "{:?}", mails(app).await);
    messages
}

async fn book(app: &TestApp, number: usize, time: &str) -> String {
    let answer = app.book(&with_jane(number, time)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    id_of(&answer.json())
}

/// What a mutation answers.
async fn change(app: &TestApp, mutation: &str, made: &str, input: Value) -> Value {
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {made} error {{ code message }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"][mutation].clone()
}
