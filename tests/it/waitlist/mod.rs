//! The waitlist: who waits for a time is offered what becomes free, in the order of joining, each time behind a hold.

mod accepting;
mod following;
mod joining;
mod moving;
mod offers;

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, comes_true, patient};

/// 10:00 in New York, three hours from now.
const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";

const ENTRY: &str = "id version status patient { email } provider { id } durationMinutes earliest latest weekdays localFrom
    localUntil insteadOf { id } offers { id slot { startsAt provider { id } patientLocalStartsAt } offeredAt expiresAt outcome }";

/// What a mutation of the waitlist answers.
async fn change(app: &TestApp, mutation: &str, made: &str, input: Value) -> Value {
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {made} error {{ __typename code message
            ... on InvalidInput {{ violations {{ field message }} }} ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"][mutation].clone()
}

async fn join(app: &TestApp, input: Value) -> Value {
    change(app, "joinWaitlist", &format!("entry {{ {ENTRY} }}"), input).await
}

/// The patient of that number waits for that very start.
fn waits(number: usize, provider: &str, start: &str) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "earliest": start, "latest": start })
}

/// The entry of one who has joined.
async fn joined(app: &TestApp, input: Value) -> Value {
    let payload = join(app, input).await;
    assert_eq!(payload["error"], Value::Null, "{payload}");
    payload["entry"].clone()
}

async fn accept(app: &TestApp, entry: &Value) -> Value {
    let made = "appointment { id status startsAt provenance provider { id } patient { email } }";
    change(app, "acceptOffer", made, json!({ "id": entry["id"] })).await
}

async fn decline(app: &TestApp, entry: &Value) -> Value {
    change(app, "declineOffer", &format!("entry {{ {ENTRY} }}"), json!({ "id": entry["id"] })).await
}

async fn leave(app: &TestApp, entry: &Value) -> Value {
    change(app, "leaveWaitlist", &format!("entry {{ {ENTRY} }}"), json!({ "id": entry["id"] }))
        .await
}

/// The entry as it is now.
async fn now(app: &TestApp, entry: &Value) -> Value {
    let query =
        format!("query ($id: ID!) {{ node(id: $id) {{ ... on WaitlistEntry {{ {ENTRY} }} }} }}");
    app.graphql(&query, json!({ "id": entry["id"] })).await["data"]["node"].clone()
}

/// Waits until an entry is in that status, and answers it.
async fn becomes(app: &TestApp, entry: &Value, status: &str) -> Value {
    let came = comes_true(async || now(app, entry).await["status"] == status).await;
    let entry = now(app, entry).await;
    assert!(came, "not {status}: {entry}");
    entry
}

/// A clinic of providers who are alike, and their ids.
async fn clinic<const N: usize>(engine: Engine) -> (TestApp, [String; N]) {
    let app = TestApp::builder(engine).roster(RosterBuilder::alike(N)).spawn().await;
    let ids = providers(&app).await;
    (app, ids)
}

async fn providers<const N: usize>(app: &TestApp) -> [String; N] {
    let mut ids = Vec::new();
    for number in 0..N {
        ids.push(app.provider_id(&format!("Dr. {number:03}")).await);
    }
    ids.try_into().unwrap()
}

/// Books a visit for the patient of that number; its id, or the code of what is against it.
async fn book(
    app: &TestApp,
    number: usize,
    provider: &str,
    starts_at: &str,
) -> Result<String, String> {
    let input = json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "startsAt": starts_at });
    let payload = change(app, "bookAppointment", "appointment { id }", input).await;
    match payload["error"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(payload["appointment"]["id"].as_str().unwrap().to_owned()),
    }
}

/// How many times are held.
async fn held(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment WHERE status = 'HELD'").await
}

fn outcomes(entry: &Value) -> Vec<&Value> {
    entry["offers"].as_array().unwrap().iter().map(|offer| &offer["outcome"]).collect()
}
