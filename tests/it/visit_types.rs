//! The kind of a visit: it is shown, strands the visit where it is offered no more, and what such visits keep
//! free around them counts for all others.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Answer, RosterBuilder, TestApp, id_of, on_both_engines, patient};

/// Tuesday, 10:00 in New York.
const TEN: &str = "2027-01-12T15:00:00Z";

const VISIT: &str = "query ($id: ID!) { node(id: $id) { ... on Appointment { visitType { name active } provenance } } }";

async fn edit(app: &TestApp, operation: &str, input: Value) -> Value {
    let name = operation[..1].to_uppercase() + &operation[1..];
    let what = if operation == "setProviderVisitTypes" { "" } else { "visitType { id }" };
    let document = format!(
        "mutation ($input: {name}Input!) {{ {operation}(input: $input) {{ {what}
            affectedAppointments {{ id }} error {{ code message }} }} }}"
    );
    let answer = app.graphql(&document, json!({ "input": input })).await;
    let payload = answer["data"][operation].clone();
    assert_eq!((&answer["errors"], &payload["error"]), (&Value::Null, &Value::Null), "{answer}");
    payload
}

/// Makes a kind of visit that keeps that free before and after it: its id.
async fn kind(app: &TestApp, name: &str, (before, after): (u32, u32)) -> String {
    let input = json!({ "name": name, "durationMinutes": 30, "bufferBeforeMinutes": before,
        "bufferAfterMinutes": after });
    let made = edit(app, "createVisitType", input).await;
    made["visitType"]["id"].as_str().unwrap().to_owned()
}

async fn book(app: &TestApp, number: usize, kind: Option<&str>, time: &str) -> Answer {
    let patient = patient(number, "CT", "Aetna");
    app.book(&json!({ "patient": patient, "visit_type": kind, "time": time })).await
}

async fn booked(app: &TestApp, number: usize, kind: Option<&str>, time: &str) -> String {
    let answer = book(app, number, kind, time).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    id_of(&answer.json())
}

/// The first time of all who may treat, which is looked for in memory, and of the one provider, which is
/// looked for in the database.
async fn first_after(app: &TestApp, after: &str) -> [Value; 2] {
    let provider = app.provider_id("Dr. 000").await;
    let query = format!(
        "query ($id: ID!) {{ provider(id: $id) {{ firstAvailable(after: \"{after}\") {{ startsAt }} }}
            firstAvailable(state: \"CT\", insurance: \"Aetna\", after: \"{after}\") {{ startsAt }} }}"
    );
    let data = app.graphql(&query, json!({ "id": provider })).await["data"].clone();
    [
        data["firstAvailable"]["startsAt"].clone(),
        data["provider"]["firstAvailable"]["startsAt"].clone(),
    ]
}

on_both_engines! {
    async fn the_kind_of_a_visit_is_shown_by_both_doors_also_when_it_is_offered_no_more(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn().await;
        let checkup = kind(&app, "Check-up", (0, 0)).await;
        let (by_name, by_id) = (
            booked(&app, 1, Some("check up"), TEN).await,
            booked(&app, 2, Some(&checkup), "2027-01-12T16:00:00Z").await,
        );
        let plain = booked(&app, 3, None, "2027-01-12T17:00:00Z").await;
        let moved = app.reschedule(&by_id, "2027-01-12T18:00:00Z").await.json();
        assert_eq!(moved["visit_type"], "Check-up", "{moved}");
        let stranded = edit(&app, "updateVisitType", json!({ "id": checkup, "active": false })).await;
        let affected = [&by_name, &by_id].map(|id| json!({ "id": id }));
        assert_eq!(stranded["affectedAppointments"], json!(affected));
        for (id, shown, name) in [
            (&by_name, json!({ "name": "Check-up", "active": false }), json!("Check-up")),
            (&plain, Value::Null, Value::Null),
        ] {
            let told = app.graphql(VISIT, json!({ "id": id })).await["data"]["node"].clone();
            assert_eq!(told, json!({ "visitType": shown, "provenance": "REST" }));
            let body = app.get(&format!("/appointment/{id}")).await.json();
            assert_eq!((&body["visit_type"], &body["provenance"]), (&name, &json!("REST")), "{body}");
        }
        let list = app.get("/appointments?from=2027-01-12&to=2027-01-12").await.json();
        assert_eq!(list["appointments"][0]["visit_type"], "Check-up", "{list}");
    }
}

on_both_engines! {
    async fn a_visit_is_stranded_where_its_provider_offers_its_kind_no_more(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn().await;
        let (checkup, call) = (kind(&app, "Check-up", (0, 0)).await, kind(&app, "Call", (0, 0)).await);
        let provider = app.provider_id("Dr. 000").await;
        let visit = booked(&app, 1, Some(&checkup), TEN).await;
        booked(&app, 2, Some(&call), "2027-01-12T16:00:00Z").await;
        booked(&app, 3, None, "2027-01-12T17:00:00Z").await;
        let only = |ids: Value| json!({ "providerId": provider, "visitTypeIds": ids });
        let set = edit(&app, "setProviderVisitTypes", only(json!([checkup, call]))).await;
        assert_eq!(set["affectedAppointments"], json!([]));
        let set = edit(&app, "setProviderVisitTypes", only(json!([call]))).await;
        assert_eq!(set["affectedAppointments"], json!([{ "id": visit }]));
        assert_eq!(app.get(&format!("/appointment/{visit}")).await.json()["scheduled"], true);
    }
}

on_both_engines! {
    async fn a_visit_that_does_not_fit_in_one_way_is_told_of_where_it_does_not_in_another(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn().await;
        let checkup = kind(&app, "Check-up", (0, 0)).await;
        let provider = app.provider_id("Dr. 000").await;
        let typed = booked(&app, 1, Some(&checkup), TEN).await;
        // On a Sunday.
        let overruled = json!({ "patient": patient(2, "CT", "Aetna"), "time": "2027-01-17T15:00:00Z",
            "overrule": ["OUTSIDE_WORKING_HOURS"] });
        let overruled = id_of(&app.book(&overruled).await.json());
        edit(&app, "updateVisitType", json!({ "id": checkup, "active": false })).await;
        let leave = "mutation ($input: UpdateProviderInput!) { updateProvider(input: $input) { affectedAppointments { id } } }";
        let hours = "mutation ($input: SetWorkingHoursInput!) { setWorkingHours(input: $input) { affectedAppointments { id } } }";
        let monday = json!([{ "weekday": "MONDAY", "opensAt": "09:00", "closesAt": "17:00" }]);
        for (query, input, affected) in [
            // On Sunday nobody worked before either.
            (hours, json!({ "providerId": provider, "workingHours": monday }), json!([{ "id": typed }])),
            (leave, json!({ "id": provider, "active": false }), json!([{ "id": typed }, { "id": overruled }])),
        ] {
            let answer = app.graphql(query, json!({ "input": input })).await;
            let payload = answer["data"].as_object().unwrap().values().next().unwrap();
            assert_eq!(payload["affectedAppointments"], affected, "{answer}");
        }
    }
}

on_both_engines! {
    async fn what_a_booked_visit_keeps_free_by_its_kind_counts_for_all_others_on_every_server(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(1)).spawn().await;
        let replica = TestApp::builder(engine)
            .roster(RosterBuilder::alike(1))
            .setting("SCHEDULER_URL", &app.scheduler_url)
            .spawn_on(Arc::clone(&app.database))
            .await;
        kind(&app, "Procedure", (20, 40)).await;
        // Both have the day in memory before there is such a visit.
        for server in [&app, &replica] {
            assert_eq!(first_after(server, TEN).await, [json!(TEN), json!(TEN)]);
        }
        let visit = booked(&app, 1, Some("procedure"), TEN).await;
        for server in [&replica, &app] {
            let free = json!("2027-01-12T16:10:00Z");
            assert_eq!(first_after(server, TEN).await, [free.clone(), free]);
            for (time, code) in [
                ("2027-01-12T14:20:00Z", "IN_BUFFER"),
                ("2027-01-12T16:05:00Z", "IN_BUFFER"),
                ("2027-01-12T15:15:00Z", "SLOT_TAKEN"),
            ] {
                assert_eq!(book(server, 2, None, time).await.problem(), (409, code.to_owned()), "{time}");
            }
        }
        // A move of another visit is kept as far away, and so is one of its own.
        let other = booked(&replica, 2, None, "2027-01-12T19:00:00Z").await;
        let near = replica.reschedule(&other, "2027-01-12T15:45:00Z").await;
        assert_eq!(near.problem(), (409, "IN_BUFFER".to_owned()));
        let near = app.reschedule(&visit, "2027-01-12T18:00:00Z").await;
        assert_eq!(near.problem(), (409, "IN_BUFFER".to_owned()));
        assert_eq!(app.reschedule(&visit, "2027-01-12T17:45:00Z").await.status, 200);
        // Moved, it keeps free what is around its new time, and nothing around the old one.
        for server in [&replica, &app] {
            assert_eq!(first_after(server, TEN).await, [json!(TEN), json!(TEN)]);
            let free = json!("2027-01-12T19:30:00Z");
            assert_eq!(first_after(server, "2027-01-12T17:30:00Z").await, [free.clone(), free]);
        }
        assert_eq!(app.cancel(&visit).await.status, 200);
        for server in [&replica, &app] {
            let free = json!("2027-01-12T17:30:00Z");
            assert_eq!(first_after(server, "2027-01-12T17:30:00Z").await, [free.clone(), free]);
        }
    }
}
