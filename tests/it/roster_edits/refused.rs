//! Bad input: every field is named, and nothing is changed.

use serde_json::{Value, json};

use super::{TEN, edit, refusal};
use crate::support::{TestApp, on_both_engines};

fn hours(weekday: &str, opens_at: &str, closes_at: &str) -> Value {
    json!({ "weekday": weekday, "opensAt": opens_at, "closesAt": closes_at })
}

/// Each bad input, without the provider it is about, and the fields that are named.
fn bad() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let licence = |state: &str, number: &str, from: Value, until: Value| json!({ "state": state, "number": number, "validFrom": from, "validUntil": until });
    let none = || Value::Null;
    vec![
        (
            "setWorkingHours",
            json!({ "workingHours": [hours("MONDAY", "09:00", "12:00"), hours("MONDAY", "11:00", "13:00")] }),
            vec!["workingHours[1]"],
        ),
        (
            "setWorkingHours",
            json!({ "workingHours": [hours("MONDAY", "17:00", "09:00"), hours("TUESDAY", "9", "25:00")] }),
            vec!["workingHours[0].closesAt", "workingHours[1].opensAt", "workingHours[1].closesAt"],
        ),
        (
            "setWorkingHours",
            json!({ "workingHours": [{ "weekday": "MONDAY", "opensAt": "09:00", "closesAt": "17:00",
                "effectiveFrom": "2027-03-01", "effectiveUntil": "2027-02-01" }] }),
            vec!["workingHours[0].effectiveUntil"],
        ),
        (
            "setLicences",
            json!({ "licences": [
                licence("CT", "1", json!("2027-02-01"), json!("2027-01-01")), licence("CT", "a-1", none(), none()),
                licence("ct", "A 1", none(), none()), licence("Ontario", "-", none(), none()),
            ] }),
            vec![
                "licences[0].validUntil",
                "licences[2].number",
                "licences[3].state",
                "licences[3].number",
            ],
        ),
        ("setInsurances", json!({ "insurances": ["Aetna", "Atena", ""] }), vec!["insurances[2]"]),
        ("setInsurances", json!({ "insurances": ["Aetna", "Atena"] }), vec!["insurances[1]"]),
        (
            "setRules",
            json!({ "rules": { "gridMinutes": 0, "bufferBeforeMinutes": -1, "bufferAfterMinutes": 481,
                "noticeMinutes": 525_601, "horizonDays": 731, "maxAppointmentsPerDay": 1001 } }),
            vec![
                "rules.gridMinutes",
                "rules.bufferBeforeMinutes",
                "rules.bufferAfterMinutes",
                "rules.noticeMinutes",
                "rules.horizonDays",
                "rules.maxAppointmentsPerDay",
            ],
        ),
        ("setDateOverride", json!({ "date": "2027-01-10", "hours": [] }), vec!["date"]),
        (
            "setDateOverride",
            json!({ "date": "2027-01-12", "hours": [
                { "opensAt": "09:00", "closesAt": "12:00" }, { "opensAt": "11:00", "closesAt": "13:00" } ] }),
            vec!["hours[1]"],
        ),
        ("addTimeOff", json!({ "startsAt": TEN, "endsAt": TEN }), vec!["endsAt"]),
        (
            "addTimeOff",
            json!({ "startsAt": "2027-01-11T15:00:30Z", "endsAt": "2027-01-12T00:00:00Z" }),
            vec!["startsAt"],
        ),
        (
            "addTimeOff",
            json!({ "startsAt": "2027-01-01T00:00:00Z", "endsAt": "2027-01-02T00:00:00Z" }),
            vec!["endsAt"],
        ),
    ]
}

on_both_engines! {
    async fn bad_input_names_each_field_and_changes_nothing(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let version = "SELECT version FROM directory_version";
        let before = app.database.number(version).await;
        for (operation, mut input, fields) in bad() {
            input["providerId"] = json!(id);
            let payload = edit(&app, operation, input.clone()).await;
            assert_eq!(refusal(&payload), ("INVALID_INPUT", fields), "{operation} {input}: {payload}");
        }
        let zone = edit(&app, "updateProvider", json!({ "id": id, "timeZone": "Mars/Olympus", "name": " " })).await;
        assert_eq!(refusal(&zone), ("INVALID_INPUT", vec!["name", "timeZone"]));
        let create = json!({ "name": "", "timeZone": "EST5", "insurances": ["Nope"], "workingHours": [hours("MONDAY", "09:00", "09:00")] });
        assert_eq!(refusal(&edit(&app, "createProvider", create).await), ("INVALID_INPUT", vec!["name", "timeZone", "workingHours[0].closesAt"]));
        // A licence is one person's, and a name that comes near is said.
        let number = edit(&app, "updateProvider", json!({ "id": id })).await["provider"]["licences"][0]["number"].clone();
        let who = app.provider_id("Doctor Who").await;
        let taken = edit(&app, "setLicences", json!({ "providerId": who, "licences": [{ "state": "CT", "number": number }] })).await;
        assert_eq!(refusal(&taken), ("INVALID_INPUT", vec!["licences[0].number"]));
        let near = edit(&app, "setInsurances", json!({ "providerId": id, "insurances": ["Atena"] })).await;
        assert!(near["error"]["message"].as_str().unwrap().contains("did you mean Aetna?"), "{near}");
        assert_eq!(app.database.number(version).await, before);
        assert_eq!(app.database.number("SELECT count(*) FROM roster_event").await, 6);
    }
}
