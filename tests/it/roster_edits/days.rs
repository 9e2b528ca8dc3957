//! Days that are not as every week.

use serde_json::{Value, json};

use super::{EIGHT, TEN, affected, book, edit, edit_of, refusal};
use crate::support::{TestApp, on_both_engines};

on_both_engines! {
    async fn an_override_is_set_replaced_and_taken_back(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let set = async |hours: Value| {
            let input = json!({ "providerId": id, "date": "2027-01-12", "hours": hours });
            edit(&app, "setDateOverride", input).await["provider"]["overrides"].clone()
        };
        let morning = json!([{ "opensAt": "10:00", "closesAt": "11:00" }, { "opensAt": "08:00", "closesAt": "09:00" }]);
        let shown = json!([{ "opensAt": "08:00", "closesAt": "09:00" }, { "opensAt": "10:00", "closesAt": "11:00" }]);
        assert_eq!(set(morning).await, json!([{ "date": "2027-01-12", "hours": shown }]));
        assert_eq!(set(json!([])).await, json!([{ "date": "2027-01-12", "hours": [] }]));
        assert_eq!(set(Value::Null).await, json!([]));
        assert_eq!(app.database.number("SELECT count(*) FROM date_override_hours").await, 0);
    }
}

on_both_engines! {
    async fn time_off_is_added_and_removed_by_its_id(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let visit = book(&app, 1, TEN).await;
        let input = json!({ "providerId": id, "startsAt": EIGHT, "endsAt": "2027-01-18T05:00:00Z", "reason": "Leave", "idempotencyKey": "off" });
        let added = edit(&app, "addTimeOff", input.clone()).await;
        assert_eq!(affected(&added), [visit.as_str()]);
        let off = added["provider"]["timeOff"][0].clone();
        assert_eq!((&off["startsAt"], &off["reason"]), (&json!(EIGHT), &json!("Leave")));
        // A retry adds none, and says what does not fit now.
        assert_eq!(edit(&app, "addTimeOff", input).await, added);
        let query = "query ($id: ID!) { provider(id: $id) { in: timeOff(from: \"2027-01-17T00:00:00Z\") { id } out: timeOff(from: \"2027-01-18T05:00:00Z\") { id } } }";
        let told = app.graphql(query, json!({ "id": id })).await;
        assert_eq!(told["data"]["provider"], json!({ "in": [{ "id": off["id"] }], "out": [] }));
        let remove = json!({ "id": off["id"], "expectedVersion": 2, "idempotencyKey": "on" });
        let removed = edit(&app, "removeTimeOff", remove.clone()).await;
        assert_eq!((&removed["provider"]["timeOff"], &removed["provider"]["version"]), (&json!([]), &json!(3)));
        assert_eq!(edit(&app, "removeTimeOff", remove).await, removed);
        assert_eq!(refusal(&edit(&app, "removeTimeOff", json!({ "id": off["id"] })).await).0, "NOT_FOUND");
    }
}

on_both_engines! {
    async fn a_closed_day_strands_whoever_has_no_hours_of_their_own_that_day(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = book(&app, 1, TEN).await;
        let what = "closedDay { date name }";
        let input = json!({ "date": "2027-01-11", "name": "Inventory", "dryRun": true });
        assert_eq!(affected(&edit_of(&app, "setClosedDay", what, input.clone()).await), [visit.as_str()]);
        let id = app.provider_id("Dr. Jane Doe").await;
        let hours = json!([{ "opensAt": "09:00", "closesAt": "17:00" }]);
        edit(&app, "setDateOverride", json!({ "providerId": id, "date": "2027-01-11", "hours": hours })).await;
        assert_eq!(affected(&edit_of(&app, "setClosedDay", what, input).await), Vec::<&str>::new());
        let set = async |name: &str, version: i32| {
            let input = json!({ "date": "2027-01-11", "name": name, "expectedVersion": version });
            edit_of(&app, "setClosedDay", what, input).await
        };
        assert_eq!(set("Inventory", 1).await["closedDay"], json!({ "date": "2027-01-11", "name": "Inventory" }));
        assert_eq!(refusal(&set("Stocktaking", 1).await).0, "VERSION_CONFLICT");
        set("Stocktaking", 2).await;
        let told = app.graphql("{ clinicRules { version } closedDays { date name } none: closedDays(from: \"2027-01-12\") { date } }", json!({})).await;
        assert_eq!(told["data"], json!({ "clinicRules": { "version": 3 }, "none": [],
            "closedDays": [{ "date": "2027-01-11", "name": "Stocktaking" }] }));
        let gone = edit_of(&app, "removeClosedDay", what, json!({ "date": "2027-01-11" })).await;
        assert_eq!(gone["closedDay"]["name"], "Stocktaking");
        let again = edit_of(&app, "removeClosedDay", what, json!({ "date": "2027-01-11" })).await;
        assert_eq!((&again["closedDay"], &again["error"]), (&Value::Null, &Value::Null));
        assert_eq!(refusal(&edit_of(&app, "setClosedDay", what, json!({ "date": "2027-01-09", "name": "x" })).await), ("INVALID_INPUT", vec!["date"]));
    }
}
