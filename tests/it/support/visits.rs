//! Patients, and the visits that they ask for.

use serde_json::{Map, Value, json};

use super::app::TestApp;

const BOOK: &str = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    appointment { id status } error { code message
        ... on InvalidInput { violations { field message } } ... on UnknownName { suggestions }
        ... on ProviderNotEligible { reason } ... on BeyondHorizon { horizonEndsAt }
        ... on NoAvailability { searchedUntil } ... on IllegalTransition { allowed }
        ... on SlotTaken { alternatives { startsAt provider { id name } } } } } }";

/// The patient of the contract's example.
pub(crate) fn john() -> Value {
    json!({ "name": "John Doe", "email": "john@example.com", "state": "CT", "insurance": "Aetna" })
}

/// The nth patient of that state and insurance.
pub(crate) fn patient(number: usize, state: &str, insurance: &str) -> Value {
    json!({
        "name": format!("Patient {number}"), "email": format!("patient{number}@example.com"),
        "state": state, "insurance": insurance,
    })
}

/// A booking with Dr. Jane Doe at that time.
pub(crate) fn with_jane(number: usize, time: &str) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "time": time })
}

/// The appointment that an answer speaks of.
pub(crate) fn id_of(body: &Value) -> String {
    body["appointment_id"].as_str().unwrap_or_else(|| panic!("no id: {body}")).to_owned()
}

/// Nobody else gets Dr. Jane Doe at that time.
pub(crate) async fn assert_taken(app: &TestApp, time: &str) {
    let answer = app.book(&with_jane(99, time)).await;
    assert_eq!(answer.problem(), (409, "SLOT_TAKEN".to_owned()), "{time}");
}

/// When Dr. Jane Doe is offered first.
pub(crate) async fn first_free(app: &TestApp) -> Value {
    let path = "/appointments/first-available?state=CT&insurance=Aetna";
    app.get(path).await.json()["time"].clone()
}

/// Books while the service is in that state and asserts that the caller is told to wait.
pub(crate) async fn book_in_vain(app: &TestApp, number: usize, time: &str) -> String {
    let answer = app.book(&with_jane(number, time)).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let body = answer.json();
    assert_eq!((&body["scheduled"], &body["status"]), (&json!(false), &json!("PENDING")));
    let id = id_of(&body);
    assert_eq!(answer.header("location"), format!("/appointment/{id}"));
    id
}

/// The body of `POST /appointment` as `bookAppointment` takes it.
pub(crate) fn input_of(body: &Value) -> Value {
    let fields = body.as_object().unwrap().iter().map(|(name, value)| {
        let name = match name.as_str() {
            "provider_id" => "providerId",
            "time" => "startsAt",
            "duration_minutes" => "durationMinutes",
            same => same,
        };
        (name.to_owned(), value.clone())
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// `bookAppointment`; its payload.
pub(crate) async fn book_by_graphql(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(BOOK, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["bookAppointment"].clone()
}
