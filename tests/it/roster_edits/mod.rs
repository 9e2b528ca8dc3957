//! Changing the roster through GraphQL: what it makes of a provider, what it strands, and what is refused.

mod clinic;
mod days;
mod races;
mod refused;
mod who;

use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines, with_jane};

const EIGHT: &str = "2027-01-11T13:00:00Z";
const TEN: &str = "2027-01-11T15:00:00Z";
const FOUR: &str = "2027-01-11T21:00:00Z";

/// What an edit answers, of which the provider is asked for in full.
async fn edit(app: &TestApp, operation: &str, input: Value) -> Value {
    edit_of(app, operation, PROVIDER, input).await
}

const PROVIDER: &str = "provider { id version reference name credentials timeZone active insurances
    licences { id state number validFrom validUntil }
    schedules { weekday opensAt closesAt effectiveFrom effectiveUntil }
    visitTypes { name } rules { gridMinutes noticeMinutes maxAppointmentsPerDay }
    overrides { date hours { opensAt closesAt } } timeOff { id startsAt endsAt reason } }";

async fn edit_of(app: &TestApp, operation: &str, what: &str, input: Value) -> Value {
    let name = operation[..1].to_uppercase() + &operation[1..];
    let document = format!(
        "mutation ($input: {name}Input!) {{ {operation}(input: $input) {{ {what}
            affectedAppointments {{ id }}
            error {{ code message ... on InvalidInput {{ violations {{ field message }} }}
                ... on VersionConflict {{ currentVersion }} }} }} }}"
    );
    let answer = app.graphql(&document, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"][operation].clone()
}

/// The same, of which something is refused: the code and the fields.
fn refusal(payload: &Value) -> (&str, Vec<&str>) {
    let error = &payload["error"];
    let violations = error["violations"].as_array().into_iter().flatten();
    let fields = violations.map(|violation| violation["field"].as_str().unwrap());
    (error["code"].as_str().unwrap_or_else(|| panic!("{payload}")), fields.collect())
}

/// The ids of the visits that fit no more.
fn affected(payload: &Value) -> Vec<&str> {
    assert_eq!(payload["error"], Value::Null, "{payload}");
    let visits = payload["affectedAppointments"].as_array().unwrap().iter();
    visits.map(|visit| visit["id"].as_str().unwrap()).collect()
}

/// Books Dr. Jane Doe at a time: the visit's id.
async fn book(app: &TestApp, number: usize, at: &str) -> String {
    let booked = app.book(&with_jane(number, at)).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    crate::support::id_of(&booked.json())
}

on_both_engines! {
    async fn a_provider_is_created_found_and_booked(engine) {
        let app = TestApp::spawn(engine).await;
        let input = json!({
            "reference": "new", "name": "Dr.  New", "timeZone": "america/chicago", "credentials": "DO",
            "licences": [{ "state": "Texas", "number": "TX-1", "validFrom": "2020-01-01" }],
            "insurances": ["aetna inc", "Cigna"],
            "workingHours": [{ "weekday": "MONDAY", "opensAt": "09:00", "closesAt": "12:00" }],
        });
        let made = edit(&app, "createProvider", input.clone()).await;
        let provider = &made["provider"];
        let licence = &provider["licences"][0];
        assert_eq!((&licence["state"], &licence["number"], &licence["validUntil"]), (&json!("TX"), &json!("TX-1"), &Value::Null), "{made}");
        assert!(licence["id"].as_str().unwrap().starts_with("lic_"), "{made}");
        for (field, value) in [("version", json!(1)), ("reference", json!("new")), ("name", json!("Dr. New")),
            ("timeZone", json!("America/Chicago")), ("active", json!(true)), ("insurances", json!(["Aetna", "Cigna"]))] {
            assert_eq!(provider[field], value, "{made}");
        }
        let booking = json!({ "patient": crate::support::patient(1, "TX", "Aetna"), "provider_id": provider["id"], "time": TEN });
        assert_eq!(app.book(&booking).await.status, 201);
        let mut again = input;
        assert_eq!(refusal(&edit(&app, "createProvider", again.clone()).await), ("INVALID_INPUT", vec!["licences[0].number"]));
        again["licences"] = json!([]);
        assert_eq!(refusal(&edit(&app, "createProvider", again).await).0, "ALREADY_EXISTS");
        // Without a reference their id is one.
        let made = edit(&app, "createProvider", json!({ "name": "Dr. Plain", "timeZone": "UTC" })).await;
        assert_eq!(made["provider"]["reference"], made["provider"]["id"], "{made}");
    }
}

on_both_engines! {
    async fn what_is_known_of_a_provider_is_changed_once_for_each_key_and_never_over_another_change(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let changed = edit(&app, "updateProvider", json!({ "id": id, "name": "Dr. Jane Roe", "expectedVersion": 1, "idempotencyKey": "k" })).await;
        assert_eq!((&changed["provider"]["name"], &changed["provider"]["version"]), (&json!("Dr. Jane Roe"), &json!(2)));
        assert_eq!(changed["provider"]["credentials"], "MD");
        // The key goes before the version.
        let again = edit(&app, "updateProvider", json!({ "id": id, "name": "Dr. Jane Roe", "expectedVersion": 1, "idempotencyKey": "k" })).await;
        assert_eq!(again, changed);
        let other = edit(&app, "updateProvider", json!({ "id": id, "name": "X", "idempotencyKey": "k" })).await;
        assert_eq!(refusal(&other).0, "IDEMPOTENCY_KEY_REUSED");
        let stale = edit(&app, "setInsurances", json!({ "providerId": id, "insurances": [], "expectedVersion": 1 })).await;
        assert_eq!((refusal(&stale).0, &stale["error"]["currentVersion"]), ("VERSION_CONFLICT", &json!(2)));
        // What changes nothing counts nothing.
        let same = edit(&app, "updateProvider", json!({ "id": id, "name": "Dr. Jane Roe", "active": true })).await;
        assert_eq!(same["provider"]["version"], 2);
        let nobody = edit(&app, "updateProvider", json!({ "id": "prv_01h455vb4pex5vsknk084sn02q", "name": "X" })).await;
        assert_eq!(refusal(&nobody).0, "NOT_FOUND");
    }
}

on_both_engines! {
    async fn each_part_of_a_provider_is_replaced_whole(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let before = edit(&app, "updateProvider", json!({ "id": id })).await["provider"].clone();
        let kept = &before["licences"][0];
        let licences = json!([{ "state": "NY", "number": "NY-9", "validUntil": "2027-12-31" },
            { "state": "CT", "number": kept["number"], "validFrom": "2021-01-01" }]);
        let set = edit(&app, "setLicences", json!({ "providerId": id, "licences": licences })).await;
        let states: Vec<_> = set["provider"]["licences"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
        assert_eq!(states, ["CT", "NY"], "{set}");
        // One of the same state and number stays the same one.
        assert_eq!(set["provider"]["licences"][0]["id"], kept["id"]);
        let set = edit(&app, "setInsurances", json!({ "providerId": id, "insurances": ["cigna"] })).await;
        assert_eq!(set["provider"]["insurances"], json!(["Cigna"]));
        let hours = json!([
            { "weekday": "TUESDAY", "opensAt": "09:00", "closesAt": "12:00", "effectiveFrom": "2027-02-01" },
            { "weekday": "TUESDAY", "opensAt": "10:00", "closesAt": "24:00", "effectiveUntil": "2027-01-31" },
        ]);
        let set = edit(&app, "setWorkingHours", json!({ "providerId": id, "workingHours": hours })).await;
        assert_eq!(set["provider"]["schedules"], json!([
            { "weekday": "TUESDAY", "opensAt": "09:00", "closesAt": "12:00", "effectiveFrom": "2027-02-01", "effectiveUntil": null },
            { "weekday": "TUESDAY", "opensAt": "10:00", "closesAt": "24:00", "effectiveFrom": null, "effectiveUntil": "2027-01-31" },
        ]));
        let query = "query ($id: ID!) { provider(id: $id) { now: workingHours { opensAt } later: workingHours(on: \"2027-02-02\") { opensAt } } }";
        let told = app.graphql(query, json!({ "id": id })).await;
        assert_eq!(told["data"]["provider"], json!({ "now": [{ "opensAt": "10:00" }], "later": [{ "opensAt": "09:00" }] }));
        let set = edit(&app, "setRules", json!({ "providerId": id, "rules": { "gridMinutes": 20, "noticeMinutes": 60 } })).await;
        assert_eq!(set["provider"]["rules"], json!({ "gridMinutes": 20, "noticeMinutes": 60, "maxAppointmentsPerDay": null }));
        let set = edit(&app, "setRules", json!({ "providerId": id, "rules": { "gridMinutes": null } })).await;
        assert_eq!(set["provider"]["rules"], json!({ "gridMinutes": 15, "noticeMinutes": 60, "maxAppointmentsPerDay": null }));
        assert_eq!(set["provider"]["version"], 6, "{set}");
    }
}

on_both_engines! {
    async fn an_edit_says_which_visits_fit_no_more_and_leaves_them_booked(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let (ten, four) = (book(&app, 1, TEN).await, book(&app, 2, FOUR).await);
        let both = vec![ten.as_str(), four.as_str()];
        let mornings = json!([{ "weekday": "MONDAY", "opensAt": "09:00", "closesAt": "12:00" }]);
        for (operation, input, expected) in [
            ("setWorkingHours", json!({ "workingHours": mornings }), vec![four.as_str()]),
            ("setLicences", json!({ "licences": [{ "state": "CT", "number": "1", "validUntil": "2027-01-10" }] }), both.clone()),
            ("setInsurances", json!({ "insurances": ["Cigna"] }), both.clone()),
            ("addTimeOff", json!({ "startsAt": FOUR, "endsAt": "2027-02-01T00:00:00Z" }), vec![four.as_str()]),
            ("setDateOverride", json!({ "date": "2027-01-11", "hours": [] }), both.clone()),
            ("setRules", json!({ "rules": { "maxAppointmentsPerDay": 1, "noticeMinutes": 1000 } }), Vec::new()),
        ] {
            let mut input = input;
            (input["providerId"], input["dryRun"]) = (json!(id), json!(true));
            assert_eq!(affected(&edit(&app, operation, input).await), expected, "{operation}");
        }
        for (input, expected) in [(json!({ "active": false }), both.clone()), (json!({ "timeZone": "Asia/Tokyo" }), both.clone()),
            (json!({ "timeZone": "America/Chicago" }), Vec::new())] {
            let mut input = input;
            (input["id"], input["dryRun"]) = (json!(id), json!(true));
            assert_eq!(affected(&edit(&app, "updateProvider", input.clone()).await), expected, "{input}");
        }
        // Nothing of it was done.
        let provider = edit(&app, "updateProvider", json!({ "id": id })).await["provider"].clone();
        assert_eq!((&provider["version"], &provider["active"]), (&json!(1), &json!(true)));
        assert_eq!(app.database.number("SELECT count(*) FROM time_off").await, 0);

        let done = edit(&app, "setWorkingHours", json!({ "providerId": id, "workingHours": mornings })).await;
        assert_eq!(affected(&done), [four.as_str()]);
        let visit = app.get(&format!("/appointment/{four}")).await;
        assert_eq!(visit.json()["status"], "CONFIRMED", "{visit:?}");
        // What did not fit before is told once.
        let less = json!([{ "weekday": "MONDAY", "opensAt": "09:00", "closesAt": "11:00" }]);
        let done = edit(&app, "setWorkingHours", json!({ "providerId": id, "workingHours": less })).await;
        assert_eq!(affected(&done), Vec::<&str>::new());
        assert_eq!(app.book(&with_jane(3, FOUR)).await.problem(), (422, "OUTSIDE_WORKING_HOURS".to_owned()));
    }
}
