//! Series of visits: how they would be booked.

mod among_themselves;
mod asking;
mod booking;
mod calendar;
mod choosing;
mod moving;
mod moving_again;
mod of_visits;
mod oracle;
mod page;
mod promises;

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, patient, provider};

const PREVIEW: &str = "query ($input: PreviewSeriesInput!) { previewSeries(input: $input) { provider { id name }
    occurrences { index startsAt localStartsAt bookable reasons { code message from until overrulable } note
        alternative { startsAt endsAt localStartsAt patientLocalStartsAt provider { id } } } } }";

/// Dr. Jane Doe, in Connecticut and with Aetna, who can be booked two years ahead.
async fn jane(engine: Engine) -> (TestApp, String) {
    let jane = provider("Dr. Jane Doe").licensed("CT").takes("Aetna");
    let roster = RosterBuilder::default().with(jane);
    // A visit each, where the visits of a series are booked one by one.
    let app = TestApp::builder(engine).roster(roster).setting("MAX_OPEN_VISITS_PER_PATIENT", "500");
    let app = app.spawn().await;
    let jane = app.provider_id("Dr. Jane Doe").await;
    set_rules(&app, &jane, json!({ "horizonDays": 730 })).await;
    (app, jane)
}

/// What a mutation made, which is not refused.
async fn make(app: &TestApp, mutation: &str, made: &str, input: Value) -> Value {
    let name = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation ($input: {name}Input!) {{ made: {mutation}(input: $input) {{ {made} error {{ code message }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "input": input })).await;
    let payload = &answer["data"]["made"];
    assert!(payload["error"].is_null() && answer["errors"].is_null(), "{mutation}: {answer}");
    payload.clone()
}

async fn set_rules(app: &TestApp, provider: &str, rules: Value) {
    let input = json!({ "providerId": provider, "rules": rules });
    make(app, "setRules", "provider { id }", input).await;
}

/// Works all day and all night, every day.
async fn around_the_clock(app: &TestApp, provider: &str) {
    let days = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let hours = days.map(|day| json!({ "weekday": day, "opensAt": "00:00", "closesAt": "24:00" }));
    let input = json!({ "providerId": provider, "workingHours": hours });
    make(app, "setWorkingHours", "provider { id }", input).await;
}

/// By a rule, for the patient of that number.
fn by_rule(number: usize, provider: &str, starts_at: &str, rule: &str) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "startsAt": starts_at, "rule": rule })
}

/// At those times.
fn at(number: usize, provider: &str, times: &[&str]) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "times": times })
}

/// The preview; nothing is wrong with the question.
async fn previewed(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(PREVIEW, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["previewSeries"].clone()
}

async fn occurrences(app: &TestApp, input: Value) -> Vec<Value> {
    let occurrences = previewed(app, input).await["occurrences"].as_array().unwrap().clone();
    for (place, one) in occurrences.iter().enumerate() {
        assert_eq!(one["index"], place);
        assert_eq!(one["bookable"], one["reasons"] == json!([]), "{one}");
        assert!(one["bookable"] == json!(false) || one["alternative"].is_null(), "{one}");
    }
    occurrences
}

/// The code and the field of the error that a question is answered with, and what it says.
async fn error(app: &TestApp, input: Value) -> (String, String, String) {
    let answer = app.graphql(PREVIEW, json!({ "input": input })).await;
    assert_eq!(answer["data"]["previewSeries"], Value::Null, "{answer}");
    error_of(&answer)
}

fn error_of(answer: &Value) -> (String, String, String) {
    let error = &answer["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = &error["extensions"];
    (text(&told["code"]), text(&told["field"]), text(&error["message"]))
}

fn codes(occurrence: &Value) -> Vec<&str> {
    let reasons = occurrence["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

fn all<'a>(occurrences: &'a [Value], name: &str) -> Vec<&'a Value> {
    occurrences.iter().map(|one| &one[name]).collect()
}

/// Books a visit, or says why not.
async fn book(app: &TestApp, number: usize, provider: &Value, starts_at: &Value) -> Option<String> {
    let input = json!({ "patient": patient(number, "CT", "Aetna"), "providerId": provider, "startsAt": starts_at });
    book_it(app, input).await
}

async fn book_it(app: &TestApp, input: Value) -> Option<String> {
    let query = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { appointment { id } error { code } } }";
    let answer = app.graphql(query, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["bookAppointment"]["error"]["code"].as_str().map(str::to_owned)
}
