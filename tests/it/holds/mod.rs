//! Holds: a time is kept for whoever has its token, against everybody else, until it is booked, released, or lapses.

mod callers;
mod followed;
mod keeping;
mod lapsing;
mod page;
mod races;
mod redeeming;

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, book_by_graphql, patient};

/// 10:00 in New York, three hours from now.
const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
/// When a hold ends that begins now and is not told for how long.
const LAPSES: &str = "2027-01-11T12:05:00Z";

const HOLD: &str = "mutation ($input: HoldSlotInput!) { holdSlot(input: $input) {
    hold { token expiresAt slot { startsAt endsAt patientTimeZone provider { id } } }
    error { __typename code message ... on InvalidInput { violations { field } } ... on UnknownName { suggestions }
        ... on SlotHeld { heldUntil alternatives { startsAt } } ... on RateLimited { retryAfterSeconds } } } }";
const RELEASE: &str = "mutation ($input: ReleaseHoldInput!) { releaseHold(input: $input) {
    hold { slot { startsAt } } error { code } } }";
const MOVE: &str =
    "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
    appointment { startsAt } error { code ... on SlotHeld { heldUntil } } } }";
const REASSIGN: &str =
    "mutation ($input: ReassignAppointmentInput!) { reassignAppointment(input: $input) {
    appointment { startsAt provider { id } } error { code } } }";

/// Those who differ in nothing but the name, and their ids.
async fn clinic<const COUNT: usize>(engine: Engine) -> (TestApp, [String; COUNT]) {
    let app = TestApp::builder(engine).roster(RosterBuilder::alike(COUNT)).spawn().await;
    let mut ids = Vec::new();
    for number in 0..COUNT {
        ids.push(app.provider_id(&format!("Dr. {number:03}")).await);
    }
    (app, ids.try_into().unwrap())
}

/// What the one field of a mutation answers.
async fn ask(app: &TestApp, mutation: &str, input: Value) -> Value {
    let answer = app.graphql(mutation, json!({ "input": input })).await;
    let fields = answer["data"].as_object().unwrap_or_else(|| panic!("{answer}"));
    fields.values().next().unwrap().clone()
}

async fn hold(app: &TestApp, input: Value) -> Value {
    ask(app, HOLD, input).await
}

/// Holds that time: the token.
async fn held(app: &TestApp, provider: &str, time: &str) -> String {
    let payload = hold(app, json!({ "providerId": provider, "startsAt": time })).await;
    assert_eq!(payload["error"], Value::Null, "{payload}");
    payload["hold"]["token"].as_str().unwrap().to_owned()
}

/// Books what is held for the nth patient: the payload.
async fn redeem(app: &TestApp, number: usize, token: &str) -> Value {
    let input = json!({ "patient": patient(number, "CT", "Aetna"), "holdToken": token });
    book_by_graphql(app, input).await
}

async fn release(app: &TestApp, token: &str) -> Value {
    ask(app, RELEASE, json!({ "token": token })).await
}

/// A booking of the nth patient at that time.
fn visit(number: usize, provider: &str, time: &str) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time })
}

/// The rows of holds, and of their tokens.
async fn rows(app: &TestApp) -> (i64, i64) {
    let held = "SELECT count(*) FROM appointment WHERE status = 'HELD'";
    let tokens = "SELECT count(*) FROM hold";
    (app.database.number(held).await, app.database.number(tokens).await)
}
