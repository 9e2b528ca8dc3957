//! Who may change what of the roster, and the row that tells of it.

use serde_json::{Value, json};

use crate::support::{API_TOKEN, TestApp, closed, on_both_engines};

/// What a token is told of an edit: the code, or nothing.
async fn told(app: &TestApp, token: &str, operation: &str, input: Value) -> Value {
    app.administer_as(token, operation, "__typename", input).await["error"]["code"].clone()
}

on_both_engines! {
    async fn hours_are_for_the_front_desk_and_whose_they_are_and_the_rest_for_administrators(engine) {
        let app = closed(engine).spawn().await;
        let (own, other) = (app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await, app.provider_id_as(API_TOKEN, "Doctor Who").await);
        let of_hours = |id: &str| [
            ("setWorkingHours", json!({ "providerId": id, "workingHours": [], "dryRun": true })),
            ("setDateOverride", json!({ "providerId": id, "date": "2027-02-01", "hours": [], "dryRun": true })),
            ("addTimeOff", json!({ "providerId": id, "startsAt": "2027-02-01T00:00:00Z", "endsAt": "2027-02-02T00:00:00Z", "dryRun": true })),
        ];
        let of_administrators = [
            ("createProvider", json!({ "name": "N", "timeZone": "UTC", "dryRun": true })),
            ("updateProvider", json!({ "id": own, "name": "N", "dryRun": true })),
            ("setLicences", json!({ "providerId": own, "licences": [], "dryRun": true })),
            ("setInsurances", json!({ "providerId": own, "insurances": [], "dryRun": true })),
            ("setProviderVisitTypes", json!({ "providerId": own, "visitTypeIds": [], "dryRun": true })),
            ("setRules", json!({ "providerId": own, "rules": {}, "dryRun": true })),
            ("setClinicRules", json!({ "rules": {}, "dryRun": true })),
            ("createVisitType", json!({ "name": "N", "durationMinutes": 30, "dryRun": true })),
            ("createInsurance", json!({ "name": "N", "dryRun": true })),
            ("setClosedDay", json!({ "date": "2027-02-01", "name": "N", "dryRun": true })),
            ("removeClosedDay", json!({ "date": "2027-02-01", "dryRun": true })),
        ];
        for role in ["ADMIN", "SCHEDULER", "CLINICIAN", "AUDITOR", "VIEWER"] {
            let (_, token) = app.make_token(role, (role == "CLINICIAN").then_some(own.as_str())).await;
            let may = |yes: bool| if yes { Value::Null } else { json!("FORBIDDEN") };
            for (operation, input) in of_hours(&own) {
                assert_eq!(told(&app, &token, operation, input).await, may(["ADMIN", "SCHEDULER", "CLINICIAN"].contains(&role)), "{role} {operation}");
            }
            for (operation, input) in of_hours(&other) {
                assert_eq!(told(&app, &token, operation, input).await, may(["ADMIN", "SCHEDULER"].contains(&role)), "{role} {operation}");
            }
            for (operation, input) in &of_administrators {
                assert_eq!(told(&app, &token, operation, input.clone()).await, may(role == "ADMIN"), "{role} {operation}");
            }
        }
    }
}

on_both_engines! {
    async fn why_somebody_takes_time_off_is_for_those_who_may_change_it(engine) {
        let app = closed(engine).spawn().await;
        let own = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        let input = json!({ "providerId": own, "startsAt": "2027-02-01T00:00:00Z", "endsAt": "2027-02-02T00:00:00Z", "reason": "Surgery" });
        app.administer("addTimeOff", "__typename", input).await;
        let who = app.provider_id_as(API_TOKEN, "Doctor Who").await;
        let query = "query ($id: ID!) { provider(id: $id) { timeOff { startsAt reason } } }";
        for (role, provider, visible) in [("SCHEDULER", None, true), ("CLINICIAN", Some(own.as_str()), true), ("CLINICIAN", Some(who.as_str()), false), ("VIEWER", None, false)] {
            let (_, token) = app.make_token(role, provider).await;
            let answer = app.graphql_as(&token, query, json!({ "id": own })).await;
            let off = &answer["data"]["provider"]["timeOff"][0];
            assert_eq!(off["startsAt"], "2027-02-01T00:00:00Z", "{answer}");
            assert_eq!(off["reason"], if visible { json!("Surgery") } else { Value::Null }, "{role} {answer}");
            assert_eq!(answer["errors"][0]["extensions"]["code"] == "FORBIDDEN", !visible, "{role} {answer}");
        }
    }
}

on_both_engines! {
    async fn each_edit_is_a_row_of_the_audit_trail_that_names_fields_and_no_values(engine) {
        let app = closed(engine).spawn().await;
        let id = app.provider_id_as(API_TOKEN, "Dr. Jane Doe").await;
        app.administer("updateProvider", "__typename", json!({ "id": id, "name": "Dr. Secret", "active": false })).await;
        app.administer("addTimeOff", "__typename", json!({ "providerId": id, "startsAt": "2027-02-01T00:00:00Z", "endsAt": "2027-01-02T00:00:00Z" })).await;
        let query = "{ auditEvents(kind: [CHANGE], last: 2) { nodes { operation fields outcome objectId } } }";
        let rows = app.graphql_as(API_TOKEN, query, json!({})).await["data"]["auditEvents"]["nodes"].clone();
        let expected = [json!({ "operation": "updateProvider", "fields": ["name", "active"], "outcome": "OK", "objectId": id }),
            json!({ "operation": "addTimeOff", "fields": [], "outcome": "INVALID_INPUT", "objectId": null })];
        for row in expected {
            assert!(rows.as_array().unwrap().contains(&row), "{row} {rows}");
        }
        assert!(!rows.to_string().contains("Secret"), "{rows}");
    }
}
