//! Who may treat a patient, and of everybody else why not.

use std::time::{Duration, Instant};

use clinic::access::Role;
use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, caller, on_both_engines, patient, provider};

/// Thursday, 10:00 in New York.
const TEN: &str = "2027-01-14T15:00:00Z";

const MATCH: &str = "query ($state: String!, $insurance: String!, $startsAt: DateTime, $durationMinutes: Int,
        $visitTypeId: ID, $first: Int) {
    matchProviders(state: $state, insurance: $insurance, startsAt: $startsAt, durationMinutes: $durationMinutes,
        visitTypeId: $visitTypeId, first: $first) {
        matched { name } excluded { provider { name } reasons { code message } } } }";

fn asked(starts_at: Option<&str>) -> Value {
    json!({ "state": "CT", "insurance": "Aetna", "startsAt": starts_at, "first": 50 })
}

async fn matches(app: &TestApp, question: Value) -> Value {
    let answer = app.graphql(MATCH, question).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["matchProviders"].clone()
}

fn names(matched: &Value) -> Vec<&str> {
    matched.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// The name and the codes of whoever is excluded.
fn excluded(found: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let excluded = found["excluded"].as_array().unwrap().iter();
    let excluded = excluded.map(|one| {
        let reasons = one["reasons"].as_array().unwrap().iter();
        (text(&one["provider"]["name"]), reasons.map(|reason| text(&reason["code"])).collect())
    });
    excluded.collect()
}

fn message<'a>(found: &'a Value, name: &str) -> &'a str {
    let excluded = found["excluded"].as_array().unwrap();
    let one = excluded.iter().find(|one| one["provider"]["name"] == name).unwrap();
    one["reasons"][0]["message"].as_str().unwrap()
}

fn told(name: &str, codes: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect())
}

async fn clinic(engine: Engine) -> TestApp {
    let fits = |name: &str| provider(name).licensed("CT").takes("Aetna");
    let roster = RosterBuilder::default()
        .with(provider("Nowhere").licensed("NY").takes("Aetna"))
        .with(provider("Stranger").licensed("NY").takes("Cigna"))
        .with(provider("Cash only").licensed("CT").takes("Cigna"))
        .with(provider("Ended").licensed_between("CT", None, Some("2027-01-12")).takes("Aetna"))
        .with(
            provider("Long ended").licensed_between("CT", None, Some("2025-01-12")).takes("Aetna"),
        )
        .with(provider("Begins").licensed_between("CT", Some("2027-01-15"), None).takes("Aetna"))
        .with(fits("Gone"))
        .with(fits("Early").works("THURSDAY", "06:00", "09:00"))
        .with(fits("Away"))
        .with(fits("Busy"))
        .with(fits("Free"))
        .with(fits("Also free"));
    let app = TestApp::builder(engine).roster(roster).spawn().await;
    app.database.execute("UPDATE provider SET active = (1 = 0) WHERE name = 'Gone'").await.unwrap();
    app.database
        .execute(
            "INSERT INTO date_override SELECT id, '2027-01-14' FROM provider WHERE name = 'Away'",
        )
        .await
        .unwrap();
    for (number, name, time) in [(1, "Busy", TEN), (2, "Free", "2027-01-14T18:00:00Z")] {
        let id = app.provider_id(name).await;
        let visit =
            json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": id, "time": time });
        assert_eq!(app.book(&visit).await.status, 201);
    }
    app
}

on_both_engines! {
    async fn everybody_else_is_told_with_every_reason_nearest_to_fitting_first(engine) {
        let app = clinic(engine).await;
        let found = matches(&app, asked(Some(TEN))).await;
        // Who has the fewest visits that day comes first, as in booking.
        assert_eq!(names(&found["matched"]), ["Also free", "Free"]);
        assert_eq!(excluded(&found), [
            told("Busy", &["BUSY"]),
            told("Away", &["AWAY"]),
            told("Early", &["OUTSIDE_WORKING_HOURS"]),
            told("Begins", &["LICENCE_NOT_YET_VALID"]),
            told("Ended", &["LICENCE_EXPIRED"]),
            told("Long ended", &["LICENCE_EXPIRED"]),
            told("Cash only", &["INSURANCE_NOT_ACCEPTED"]),
            told("Nowhere", &["NOT_LICENSED"]),
            told("Gone", &["INACTIVE"]),
            told("Stranger", &["NOT_LICENSED", "INSURANCE_NOT_ACCEPTED"]),
        ]);
        let says = |name: &str| message(&found, name);
        assert_eq!(says("Ended"), "Licence CT-Ended-0 for Connecticut ended on 2027-01-12, two days before the visit");
        assert_eq!(says("Begins"), "Licence CT-Begins-0 for Connecticut begins on 2027-01-15, one day after the visit");
        assert_eq!(says("Busy"), "Busy has another visit then, 10:00 to 10:30 EST on Thursday, 2027-01-14");
        assert_eq!(says("Early"), "Early works from 06:00 to 09:00 EST on Thursday, 2027-01-14");
        assert_eq!(says("Away"), "Away is away, Thursday, 2027-01-14");
        assert_eq!(says("Cash only"), "Cash only does not accept Aetna");
        assert_eq!(says("Nowhere"), "Nowhere holds no licence for Connecticut");
        let few = matches(&app, json!({ "state": "CT", "insurance": "Aetna", "startsAt": TEN, "first": 1 })).await;
        assert_eq!((names(&few["matched"]), excluded(&few)), (vec!["Also free"], vec![told("Busy", &["BUSY"])]));
        // To whom a visit is not visible its time is not told.
        let clinician = caller(Role::Clinician, Some(app.provider_id("Free").await.parse().unwrap()));
        let answer = app.ask_as(&clinician, MATCH, asked(Some(TEN))).await;
        assert_eq!(message(&answer["data"]["matchProviders"], "Busy"), "This time is taken");
    }
}

on_both_engines! {
    async fn without_a_time_whoever_may_within_the_horizon_is_matched(engine) {
        let app = clinic(engine).await;
        let found = matches(&app, asked(None)).await;
        assert_eq!(names(&found["matched"]), ["Ended", "Begins", "Early", "Away", "Busy", "Free", "Also free"]);
        let all = ["LICENCE_EXPIRED", "INSURANCE_NOT_ACCEPTED", "NOT_LICENSED", "INACTIVE"];
        let codes: Vec<String> = excluded(&found).into_iter().map(|(_, codes)| codes[0].clone()).take(4).collect();
        assert_eq!(codes, all);
        assert_eq!(message(&found, "Long ended"), "Licence CT-Long ended-0 for Connecticut ended on 2025-01-12");
    }
}

on_both_engines! {
    async fn rules_of_their_own_and_visit_types_exclude_as_well(engine) {
        let app = clinic(engine).await;
        app.database.execute("UPDATE provider SET notice_minutes = 10080 WHERE name = 'Free'").await.unwrap();
        app.database.execute("UPDATE provider SET horizon_days = 1 WHERE name = 'Also free'").await.unwrap();
        let create = "mutation ($input: CreateVisitTypeInput!) { createVisitType(input: $input) { visitType { id } } }";
        let made = app.graphql(create, json!({ "input": { "name": "Physical", "durationMinutes": 60 } })).await;
        let kind = made["data"]["createVisitType"]["visitType"]["id"].clone();
        let set = "mutation ($input: CreateVisitTypeInput!) { createVisitType(input: $input) { visitType { id } } }";
        let call = app.graphql(set, json!({ "input": { "name": "Call", "durationMinutes": 10 } })).await;
        let call = call["data"]["createVisitType"]["visitType"]["id"].clone();
        let set = "mutation ($input: SetProviderVisitTypesInput!) { setProviderVisitTypes(input: $input) { error { message } } }";
        let busy = app.provider_id("Busy").await;
        let answer = app.graphql(set, json!({ "input": { "providerId": busy, "visitTypeIds": [call] } })).await;
        assert_eq!(answer["data"]["setProviderVisitTypes"]["error"], Value::Null, "{answer}");
        let mut question = asked(Some(TEN));
        question["visitTypeId"] = kind;
        let found = matches(&app, question).await;
        assert_eq!(names(&found["matched"]), Vec::<&str>::new());
        let codes: Vec<_> = excluded(&found).into_iter().take(5).collect();
        assert_eq!(codes, [
            told("Away", &["AWAY"]),
            told("Early", &["OUTSIDE_WORKING_HOURS"]),
            told("Free", &["NOTICE_TOO_SHORT"]),
            told("Also free", &["BEYOND_HORIZON"]),
            told("Busy", &["VISIT_TYPE_NOT_OFFERED", "BUSY"]),
        ]);
        assert_eq!(message(&found, "Busy"), "Busy does not offer visits of the type Physical");
    }
}

on_both_engines! {
    async fn what_is_wrong_with_the_question_is_an_error_of_the_field(engine) {
        let app = clinic(engine).await;
        for (argument, value, code, field) in [
            ("state", json!("Nope"), "UNKNOWN_STATE", "state"),
            ("insurance", json!("Nope"), "UNKNOWN_INSURANCE", "insurance"),
            ("startsAt", json!("2027-01-14T15:00:01Z"), "INVALID_INPUT", "startsAt"),
            ("startsAt", json!("2027-01-10T15:00:00Z"), "TIME_IN_PAST", "startsAt"),
            ("durationMinutes", json!(481), "INVALID_INPUT", "durationMinutes"),
            ("visitTypeId", json!("nope"), "NOT_FOUND", "visitTypeId"),
            ("first", json!(101), "INVALID_INPUT", "first"),
        ] {
            let mut question = asked(None);
            question[argument] = value;
            let answer = app.graphql(MATCH, question).await;
            assert_eq!(answer["data"]["matchProviders"], Value::Null, "{argument}");
            let told = &answer["errors"][0]["extensions"];
            assert_eq!((&told["code"], &told["field"]), (&json!(code), &json!(field)), "{argument} {answer}");
        }
    }
}

on_both_engines! {
    async fn a_thousand_providers_are_looked_through_in_no_time(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(1000)).spawn().await;
        app.database.execute("DELETE FROM provider_state WHERE state = 'CT' AND provider_id IN (SELECT id FROM provider WHERE name < 'Dr. 900')").await.unwrap();
        let question = || json!({ "state": "CT", "insurance": "Aetna", "startsAt": TEN, "first": 100 });
        // The first reads the roster and the book.
        let first = matches(&app, question()).await;
        assert_eq!((names(&first["matched"]).len(), excluded(&first).len()), (100, 100));
        let begun = Instant::now();
        for _ in 0..5 {
            assert_eq!(matches(&app, question()).await, first);
        }
        let each = begun.elapsed() / 5;
        assert!(each < Duration::from_secs(2), "{each:?}");
    }
}
