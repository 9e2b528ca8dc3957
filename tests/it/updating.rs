//! What is written down of a visit is corrected, and matched anew; and every change of a visit counts its
//! version and is refused where that is another than was seen.

use clinic::access::{Actor, Role};
use serde_json::{Value, json};

use crate::support::{
    RosterBuilder, TestApp, caller, id_of, on_both_engines, patient, provider, with_jane,
};

/// 10:00 in New York, a Tuesday.
const TEN: &str = "2027-01-12T15:00:00Z";

const UPDATE: &str =
    "mutation ($input: UpdateAppointmentInput!) { updateAppointment(input: $input) {
    appointment { id version status startsAt endsAt reason state insurance visitType { name } }
    error { code message ... on UnknownName { suggestions }
        ... on IllegalTransition { allowed } ... on VersionConflict { currentVersion }
        ... on InvalidInput { violations { field } } } } }";

async fn update_as(app: &TestApp, actor: &Actor, input: Value) -> Value {
    let answer = app.ask_as(actor, UPDATE, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["updateAppointment"].clone()
}

async fn update(app: &TestApp, input: Value) -> Value {
    update_as(app, &caller(Role::Scheduler, None), input).await
}

async fn assert_refused(app: &TestApp, input: Value, code: &str) -> Value {
    let payload = update(app, input.clone()).await;
    assert_eq!(payload["error"]["code"], code, "{input}: {payload}");
    payload
}

async fn kind(app: &TestApp, name: &str, after: u32) -> String {
    let query = "mutation ($input: CreateVisitTypeInput!) { createVisitType(input: $input) { visitType { id } } }";
    let input = json!({ "name": name, "durationMinutes": 60, "bufferAfterMinutes": after });
    let made = app.graphql(query, json!({ "input": input })).await;
    made["data"]["createVisitType"]["visitType"]["id"].as_str().unwrap().to_owned()
}

async fn booked(app: &TestApp, number: usize, provider: &str, time: &str) -> String {
    let visit = json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time, "reason": "A cough" });
    let answer = app.book(&visit).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    id_of(&answer.json())
}

/// Two: the first is licensed in CT and NY and takes Aetna and Cigna, the other is licensed in TX.
fn roster() -> RosterBuilder {
    let first =
        provider("Dr. Jane Doe").licensed("CT").licensed("NY").takes("Aetna").takes("Cigna");
    let other = provider("Doctor Who").licensed("TX").licensed("CT").takes("Aetna").takes("Humana");
    RosterBuilder::default().with(first).with(other)
}

on_both_engines! {
    async fn what_is_written_down_of_a_visit_is_corrected_and_nothing_else(engine) {
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let checkup = kind(&app, "Check-up", 0).await;
        let id = booked(&app, 1, &jane, TEN).await;
        let all = json!({ "id": id, "reason": "  A  fever ", "state": "new york", "insurance": "CIGNA healthcare", "visitTypeId": checkup });
        let after = |version: i64, reason: Value, kind: Value| json!({ "id": id, "version": version, "status": "CONFIRMED",
            "startsAt": TEN, "endsAt": "2027-01-12T15:30:00Z", "reason": reason, "state": "NY", "insurance": "Cigna", "visitType": kind });
        let payload = update(&app, all.clone()).await;
        assert_eq!(payload, json!({ "appointment": after(3, json!("A fever"), json!({ "name": "Check-up" })), "error": null }));
        // What is so already is answered as it stands.
        assert_eq!(update(&app, all).await, payload);
        assert_eq!(update(&app, json!({ "id": id })).await, payload);
        // Null clears what may be cleared.
        let cleared = update(&app, json!({ "id": id, "reason": null, "visitTypeId": null })).await;
        assert_eq!(cleared["appointment"], after(4, Value::Null, Value::Null), "{cleared}");
        for field in ["state", "insurance"] {
            let payload = assert_refused(&app, json!({ "id": id, field: null }), "INVALID_INPUT").await;
            assert_eq!(payload["error"]["violations"], json!([{ "field": field }]));
        }
        // It is told, noted, and no matter to the scheduling service.
        let told = "query ($id: ID!) { events(first: 20) { nodes { kind } }
            node(id: $id) { ... on Appointment { history { kind fromStatus toStatus actor { role } } } } }";
        let told = app.graphql(told, json!({ "id": id })).await["data"].clone();
        let kinds = ["BOOKED", "CONFIRMED", "UPDATED", "UPDATED"].map(|kind| json!({ "kind": kind }));
        assert_eq!(told["events"]["nodes"], json!(kinds));
        let last = json!({ "kind": "UPDATED", "fromStatus": "CONFIRMED", "toStatus": "CONFIRMED", "actor": { "role": "SCHEDULER" } });
        assert_eq!(told["node"]["history"][3], last, "{told}");
        let trail = "{ auditEvents(last: 10) { nodes { operation outcome fields } } }";
        let trail = app.ask_as(&caller(Role::Admin, None), trail, json!({})).await;
        let rows = trail["data"]["auditEvents"]["nodes"].as_array().unwrap_or_else(|| panic!("{trail}"));
        let fields: Vec<&Value> = rows.iter().filter(|row| row["operation"] == "updateAppointment" && row["outcome"] == "OK").map(|row| &row["fields"]).collect();
        assert!(fields.contains(&&json!(["visitType", "state", "insurance", "reason"])), "{trail}");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_corrected_visit_is_matched_anew_with_its_provider(engine) {
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let (checkup, call) = (kind(&app, "Check-up", 0).await, kind(&app, "Call", 0).await);
        let set = "mutation ($input: SetProviderVisitTypesInput!) { setProviderVisitTypes(input: $input) { error { code } } }";
        app.graphql(set, json!({ "input": { "providerId": jane, "visitTypeIds": [call] } })).await;
        let id = booked(&app, 1, &jane, TEN).await;
        for (input, code) in [
            (json!({ "state": "TX" }), "PROVIDER_NOT_ELIGIBLE"),
            (json!({ "insurance": "Humana" }), "PROVIDER_NOT_ELIGIBLE"),
            (json!({ "state": "NY", "insurance": "Humana" }), "PROVIDER_NOT_ELIGIBLE"),
            (json!({ "visitTypeId": checkup }), "VISIT_TYPE_NOT_OFFERED"),
            (json!({ "visitTypeId": checkup, "state": "TX" }), "PROVIDER_NOT_ELIGIBLE"),
            (json!({ "visitTypeId": "vtp_00000000000000000000000000" }), "NOT_FOUND"),
            (json!({ "reason": "x".repeat(1001) }), "INVALID_INPUT"),
        ] {
            let mut input = input;
            input["id"] = json!(id);
            assert_refused(&app, input, code).await;
        }
        let unknown = assert_refused(&app, json!({ "id": id, "state": "Conecticut" }), "UNKNOWN_STATE").await;
        assert_eq!(unknown["error"]["suggestions"][0], "Connecticut (CT)", "{unknown}");
        let unknown = assert_refused(&app, json!({ "id": id, "insurance": "Aetnna" }), "UNKNOWN_INSURANCE").await;
        assert_eq!(unknown["error"]["suggestions"][0], "Aetna", "{unknown}");
        // Of what is unknown it is told before whether there is such a visit.
        let nowhere = "apt_00000000000000000000000000";
        assert_refused(&app, json!({ "id": nowhere, "insurance": "Aetnna" }), "UNKNOWN_INSURANCE").await;
        assert_refused(&app, json!({ "id": nowhere, "reason": "x" }), "NOT_FOUND").await;
        // Nothing of it was done.
        let shown = app.get(&format!("/appointment/{id}")).await.json();
        assert_eq!((&shown["version"], &shown["state"], &shown["reason"]), (&json!(2), &json!("CT"), &json!("A cough")));
        // What the provider takes no more is no matter to a reason, and stays until it is changed.
        app.database.execute("DELETE FROM provider_insurance").await.unwrap();
        assert_eq!(update(&app, json!({ "id": id, "reason": "A fever" })).await["error"], Value::Null);
        assert_eq!(update(&app, json!({ "id": id, "visitTypeId": call })).await["error"], Value::Null);
        assert_refused(&app, json!({ "id": id, "state": "NY" }), "PROVIDER_NOT_ELIGIBLE").await;
    }
}

on_both_engines! {
    async fn the_buffers_of_the_new_kind_count_from_then_on_and_its_length_does_not(engine) {
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let procedure = kind(&app, "Procedure", 40).await;
        let id = booked(&app, 1, &jane, TEN).await;
        let first = async || {
            let query = "query ($id: ID!) { firstAvailable(state: \"NY\", insurance: \"Cigna\", after: \"2027-01-12T15:00:00Z\") { startsAt }
                provider(id: $id) { firstAvailable(after: \"2027-01-12T15:00:00Z\") { startsAt } } }";
            let data = app.graphql(query, json!({ "id": jane })).await["data"].clone();
            [data["firstAvailable"]["startsAt"].clone(), data["provider"]["firstAvailable"]["startsAt"].clone()]
        };
        assert_eq!(first().await, [json!("2027-01-12T15:30:00Z"), json!("2027-01-12T15:30:00Z")]);
        let payload = update(&app, json!({ "id": id, "visitTypeId": procedure })).await;
        assert_eq!(payload["appointment"]["endsAt"], "2027-01-12T15:30:00Z", "{payload}");
        assert_eq!(first().await, [json!("2027-01-12T16:10:00Z"), json!("2027-01-12T16:10:00Z")]);
        let near = json!({ "patient": patient(2, "CT", "Aetna"), "provider_id": jane, "time": "2027-01-12T16:00:00Z" });
        assert_eq!(app.book(&near).await.problem(), (409, "IN_BUFFER".to_owned()));
        update(&app, json!({ "id": id, "visitTypeId": null })).await;
        assert_eq!(app.book(&near).await.status, 201);
        // Who is nearer already than the kind keeps free stays, as with every change of a rule.
        assert_eq!(update(&app, json!({ "id": id, "visitTypeId": procedure })).await["error"], Value::Null);
    }
}

on_both_engines! {
    async fn a_visit_is_corrected_while_it_is_scheduled_begun_or_over_and_not_once_it_has_ended_otherwise(engine) {
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let cancelled = booked(&app, 2, &jane, "2027-01-13T15:00:00Z").await;
        app.cancel(&cancelled).await;
        let payload = assert_refused(&app, json!({ "id": cancelled, "reason": "x" }), "ILLEGAL_TRANSITION").await;
        assert_eq!(payload["error"]["allowed"], json!([]));
        let id = booked(&app, 1, &jane, TEN).await;
        app.faults(&json!({ "down": true })).await;
        assert_eq!(app.reschedule(&id, "2027-01-12T17:00:00Z").await.status, 202);
        assert_refused(&app, json!({ "id": id, "reason": "x" }), "ILLEGAL_TRANSITION").await;
        let pending = app.book(&json!({ "patient": patient(3, "CT", "Aetna"), "provider_id": jane, "time": "2027-01-14T15:00:00Z" })).await;
        assert_eq!(pending.status, 202, "{pending:?}");
        assert_refused(&app, json!({ "id": id_of(&pending.json()), "reason": "x" }), "ILLEGAL_TRANSITION").await;
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        app.clock.set("2027-01-12T17:10:00Z");
        for (number, status) in ["CHECKED_IN", "COMPLETED", "CHECKED_IN", "NO_SHOW"].into_iter().enumerate() {
            let set = app.post(&format!("/appointment/{id}/status"), &json!({ "status": status })).await;
            assert_eq!(set.status, 200, "{set:?}");
            let payload = update(&app, json!({ "id": id, "reason": format!("the {number}.") })).await;
            assert_eq!((&payload["error"], &payload["appointment"]["status"]), (&Value::Null, &json!(status)));
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_clinician_corrects_their_own_visits_and_a_repeat_is_told_as_with_every_change(engine) {
        let app = TestApp::builder(engine).roster(roster()).spawn().await;
        let (jane, who) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Doctor Who").await);
        let (own, others) = (booked(&app, 1, &jane, TEN).await, booked(&app, 2, &who, TEN).await);
        let clinician = caller(Role::Clinician, jane.parse().ok());
        let input = json!({ "id": own, "reason": "A fever", "expectedVersion": 2, "idempotencyKey": "k" });
        let done = update_as(&app, &clinician, input.clone()).await;
        assert_eq!((&done["error"], &done["appointment"]["version"]), (&Value::Null, &json!(3)));
        assert_eq!(update_as(&app, &clinician, input.clone()).await, done);
        let mut another = input;
        another["reason"] = json!("Nothing");
        assert_eq!(update_as(&app, &clinician, another).await["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        let theirs = update_as(&app, &clinician, json!({ "id": others, "reason": "x" })).await;
        assert_eq!((&theirs["error"]["code"], &theirs["appointment"]), (&json!("NOT_FOUND"), &Value::Null));
        for actor in [caller(Role::Auditor, None), caller(Role::Viewer, None), caller(Role::Clinician, None)] {
            let refused = update_as(&app, &actor, json!({ "id": own, "reason": "x" })).await;
            assert_eq!(refused["error"]["code"], "FORBIDDEN", "{refused}");
        }
    }
}

on_both_engines! {
    async fn every_change_of_a_visit_is_counted_and_refused_to_whoever_has_not_seen_the_last(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        let (one, two) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        let id = booked(&app, 1, &one, TEN).await;
        let version = async || app.get(&format!("/appointment/{id}")).await.json()["version"].as_i64().unwrap();
        let mut seen = version().await;
        let day_of = "2027-01-12T15:10:00Z";
        for (mutation, more) in [
            ("updateAppointment", json!({ "reason": "A fever" })),
            ("rescheduleAppointment", json!({ "startsAt": "2027-01-12T16:00:00Z" })),
            ("reassignAppointment", json!({ "providerId": two })),
            ("setVisitStatus", json!({ "status": "CHECKED_IN" })),
            ("setVisitStatus", json!({ "status": "CONFIRMED" })),
            ("cancelAppointment", json!({ "reason": "Well again" })),
        ] {
            if mutation == "setVisitStatus" {
                app.clock.set(day_of);
            }
            let name = mutation[..1].to_uppercase() + &mutation[1..];
            let query = format!(
                "mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ appointment {{ version }}
                    error {{ code ... on VersionConflict {{ currentVersion }} }} }} }}"
            );
            for expected in [seen - 1, seen + 1] {
                let mut input = more.clone();
                input["id"] = json!(id);
                input["expectedVersion"] = json!(expected);
                let stale = app.graphql(&query, json!({ "input": input })).await["data"][mutation].clone();
                let conflict = json!({ "code": "VERSION_CONFLICT", "currentVersion": seen });
                assert_eq!(stale["error"], conflict, "{mutation}: {stale}");
                assert_eq!((&stale["appointment"]["version"], version().await), (&json!(seen), seen));
            }
            let mut input = more;
            input["id"] = json!(id);
            input["expectedVersion"] = json!(seen);
            let done = app.graphql(&query, json!({ "input": input })).await["data"][mutation].clone();
            assert_eq!(done["error"], Value::Null, "{mutation}: {done}");
            let now = version().await;
            assert!(now > seen && done["appointment"]["version"] == json!(now), "{mutation}: {done}");
            seen = now;
        }
    }
}

on_both_engines! {
    async fn who_loses_sight_of_a_visit_is_told_once_that_it_is_gone_and_then_nothing_more(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        let (one, two) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        let clinician = caller(Role::Clinician, one.parse().ok());
        let taker = caller(Role::Clinician, two.parse().ok());
        let follow = format!(
            "subscription {{ appointmentChanged(after: \"{}\") {{ kind appointmentId appointment {{ id reason provider {{ id }} }} }} }}",
            crate::support::BEGINNING
        );
        let (mut losing, mut taking) = (app.follow_as(&clinician, &follow), app.follow_as(&taker, &follow));
        let id = booked(&app, 1, &one, TEN).await;
        for kind in ["BOOKED", "CONFIRMED"] {
            let event = next(&mut losing).await;
            assert_eq!((&event["kind"], &event["appointment"]["id"]), (&json!(kind), &json!(id)), "{event}");
        }
        let give = "mutation ($input: ReassignAppointmentInput!) { reassignAppointment(input: $input) { error { code } } }";
        let given = app.graphql(give, json!({ "input": { "id": id, "providerId": two } })).await;
        assert_eq!(given["data"]["reassignAppointment"]["error"], Value::Null, "{given}");
        // Whatever happens to it from now on is the other's.
        assert_eq!(update(&app, json!({ "id": id, "reason": "Another" })).await["error"], Value::Null);
        let own = booked(&app, 2, &one, "2027-01-12T16:00:00Z").await;
        let mut told = Vec::new();
        loop {
            let event = next(&mut losing).await;
            if event["kind"] == "CONFIRMED" && event["appointmentId"] == json!(own) {
                break;
            }
            told.push(event);
        }
        told.retain(|event| event["appointmentId"] == json!(id));
        let gone = told.pop().unwrap();
        assert_eq!((&gone["kind"], &gone["appointment"]), (&json!("REASSIGNED"), &Value::Null), "{gone}");
        // That it is on its way is told as long as it has not arrived, with the visit.
        for event in &told {
            assert_eq!((&event["kind"], &event["appointment"]["id"]), (&json!("REASSIGNING"), &json!(id)), "{event}");
        }
        assert!(told.len() < 2, "{told:?}");
        // The other is told of it from its coming on.
        let mut told = Vec::new();
        while told.last() != Some(&json!("UPDATED")) {
            let event = next(&mut taking).await;
            assert_eq!(event["appointment"]["id"], json!(id), "{event}");
            told.push(event["kind"].clone());
        }
        told.retain(|kind| kind != "REASSIGNING");
        assert_eq!(told, ["REASSIGNED", "UPDATED"]);
        // Of what the log keeps, the same is told.
        let log = "{ events(first: 50) { nodes { kind appointmentId appointment { id } } } }";
        let log = app.ask_as(&clinician, log, json!({})).await;
        assert_eq!(log["errors"], Value::Null, "{log}");
        let nodes = log["data"]["events"]["nodes"].as_array().unwrap();
        let last = nodes.iter().rfind(|event| event["appointmentId"] == json!(id)).unwrap();
        assert_eq!((&last["kind"], &last["appointment"]), (&json!("REASSIGNED"), &Value::Null));
    }
}

/// The next event that is told, without an error.
async fn next(events: &mut (impl futures_util::Stream<Item = Value> + Unpin)) -> Value {
    use futures_util::StreamExt as _;
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), events.next()).await;
    let event = waited.expect("an event comes").expect("events go on");
    assert_eq!(event["errors"], Value::Null, "{event}");
    event["data"]["appointmentChanged"].clone()
}

on_both_engines! {
    async fn a_wrong_status_is_taken_back_by_whoever_may_and_each_step_is_in_the_history(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let booked = app.book(&with_jane(1, TEN)).await;
        let id = id_of(&booked.json());
        app.clock.set("2027-01-12T15:40:00Z");
        let set = "mutation ($input: SetVisitStatusInput!) { setVisitStatus(input: $input) { appointment { status version } error { code } } }";
        let (desk, own) = (caller(Role::Scheduler, None), caller(Role::Clinician, jane.parse().ok()));
        let steps = ["NO_SHOW", "CHECKED_IN", "COMPLETED", "CHECKED_IN", "NO_SHOW", "CONFIRMED"];
        for (number, status) in steps.into_iter().enumerate() {
            let actor = if number % 2 == 0 { &desk } else { &own };
            let answer = app.ask_as(actor, set, json!({ "input": { "id": id, "status": status } })).await;
            let payload = &answer["data"]["setVisitStatus"];
            assert_eq!(payload, &json!({ "appointment": { "status": status, "version": 3 + number }, "error": null }), "{answer}");
        }
        let history = "query ($id: ID!) { node(id: $id) { ... on Appointment { history { kind toStatus actor { role } } } } }";
        let history = app.ask_as(&own, history, json!({ "id": id })).await;
        let told: Vec<Value> = history["data"]["node"]["history"].as_array().unwrap()[2..].to_vec();
        let expected = steps.into_iter().enumerate().map(|(number, status)| {
            let kind = if status == "CONFIRMED" { "REINSTATED" } else { status };
            let role = if number % 2 == 0 { "SCHEDULER" } else { "CLINICIAN" };
            json!({ "kind": kind, "toStatus": status, "actor": { "role": role } })
        });
        assert_eq!(told, expected.collect::<Vec<_>>());
    }
}
