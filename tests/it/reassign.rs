//! A visit goes to another provider, with the promises of a move: until the scheduling service has answered
//! the times of both are held.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, id_of, on_both_engines, patient};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";

const REASSIGN: &str =
    "mutation ($input: ReassignAppointmentInput!) { reassignAppointment(input: $input) {
    appointment { id status startsAt pendingStartsAt version provider { id } }
    error { code ... on SlotTaken { alternatives { startsAt } } } } }";

/// Three who differ in nothing but the name.
async fn clinic(engine: crate::support::Engine) -> TestApp {
    TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await
}

async fn ids(app: &TestApp) -> [String; 3] {
    [
        app.provider_id("Dr. 000").await,
        app.provider_id("Dr. 001").await,
        app.provider_id("Dr. 002").await,
    ]
}

fn visit(number: usize, provider: &str, time: &str) -> Value {
    json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time })
}

async fn booked(app: &TestApp, number: usize, provider: &str, time: &str) -> String {
    let answer = app.book(&visit(number, provider, time)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    id_of(&answer.json())
}

async fn reassign(app: &TestApp, input: Value) -> Value {
    app.graphql(REASSIGN, json!({ "input": input })).await["data"]["reassignAppointment"].clone()
}

/// With whom it is, and when.
async fn stands(app: &TestApp, id: &str) -> (String, String) {
    let body = app.get(&format!("/appointment/{id}")).await.json();
    let text = |key: &str| body[key].as_str().unwrap().to_owned();
    (text("provider_id"), text("time"))
}

async fn held(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment WHERE status = 'HELD'").await
}

async fn kinds(app: &TestApp, arguments: &str) -> Vec<String> {
    let query = format!("{{ events(first: 50{arguments}) {{ nodes {{ kind }} }} }}");
    let page = app.graphql(&query, json!({})).await;
    let nodes = page["data"]["events"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|node| node["kind"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_visit_goes_to_another_provider_under_its_id_here_and_outside(engine) {
        let app = clinic(engine).await;
        let [one, two, _] = ids(&app).await;
        let id = booked(&app, 1, &one, TEN).await;
        // At its own time, and at another.
        for (to, time) in [(&two, TEN), (&one, ELEVEN)] {
            let payload = reassign(&app, json!({ "id": id, "providerId": to, "startsAt": time })).await;
            assert_eq!(payload["error"], Value::Null, "{payload}");
            assert_eq!((&payload["appointment"]["provider"]["id"], &payload["appointment"]["startsAt"]), (&json!(to), &json!(time)));
            let outside = app.ledger().await;
            let live: Vec<&Value> = outside.iter().filter(|entry| entry["cancelled"] == false).collect();
            assert_eq!((live.len(), &live[0]["reference"]), (1, &json!(id)), "{outside:?}");
            assert_eq!((&live[0]["provider_reference"], &live[0]["time"]), (&json!(to), &json!(time)));
            assert_eq!(held(&app).await, 0);
        }
        // What it has left is free, at once.
        booked(&app, 2, &one, TEN).await;
        booked(&app, 3, &two, TEN).await;
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn until_the_service_answers_the_times_of_both_and_of_the_patient_are_held(engine) {
        let app = clinic(engine).await;
        let [one, two, three] = ids(&app).await;
        let id = booked(&app, 1, &one, TEN).await;
        app.faults(&json!({ "down": true })).await;
        let payload = reassign(&app, json!({ "id": id, "providerId": two, "startsAt": ELEVEN })).await;
        assert_eq!((&payload["error"], &payload["appointment"]["pendingStartsAt"]), (&Value::Null, &json!(ELEVEN)));
        assert_eq!((stands(&app, &id).await, held(&app).await), ((one.clone(), TEN.to_owned()), 1));
        for (number, provider, time, code) in [
            (2, &one, TEN, "SLOT_TAKEN"),
            (3, &two, ELEVEN, "SLOT_HELD"),
            (1, &three, ELEVEN, "PATIENT_DOUBLE_BOOKED"),
            (1, &three, TEN, "PATIENT_DOUBLE_BOOKED"),
        ] {
            let refused = app.book(&visit(number, provider, time)).await;
            assert_eq!(refused.problem(), (409, code.to_owned()), "{number} {time}: {refused:?}");
        }
        // Nothing else happens to it meanwhile.
        let again = reassign(&app, json!({ "id": id, "providerId": three })).await;
        assert_eq!(again["error"]["code"], "ILLEGAL_TRANSITION", "{again}");
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        assert_eq!((stands(&app, &id).await, held(&app).await), ((two.clone(), ELEVEN.to_owned()), 0));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn what_the_service_refuses_stays_with_its_provider(engine) {
        let app = clinic(engine).await;
        let [one, two, _] = ids(&app).await;
        let id = booked(&app, 1, &one, TEN).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let payload = reassign(&app, json!({ "id": id, "providerId": two, "idempotencyKey": "k" })).await;
        assert_eq!(payload["error"]["code"], "SCHEDULING_REFUSED", "{payload}");
        assert_eq!((stands(&app, &id).await, held(&app).await), ((one.clone(), TEN.to_owned()), 0));
        // And is refused again when it is asked for again under its key.
        let repeat = reassign(&app, json!({ "id": id, "providerId": two, "idempotencyKey": "k" })).await;
        assert_eq!(repeat["error"]["code"], "SCHEDULING_REFUSED", "{repeat}");
        app.faults(&json!({})).await;
        for provider in [&one, &two] {
            let all = ["BOOKED", "CONFIRMED", "REASSIGNING", "REASSIGN_REFUSED"];
            let told = if provider == &one { &all[..] } else { &all[2..] };
            assert_eq!(kinds(&app, &format!(", providerId: \"{provider}\"")).await, told);
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn who_follows_either_provider_is_told_and_nobody_twice(engine) {
        let app = clinic(engine).await;
        let [one, two, three] = ids(&app).await;
        let id = booked(&app, 1, &one, TEN).await;
        reassign(&app, json!({ "id": id, "providerId": two })).await;
        let of = |provider: &str| format!(", providerId: \"{provider}\"");
        let all = ["BOOKED", "CONFIRMED", "REASSIGNING", "REASSIGNED"];
        assert_eq!(kinds(&app, "").await, all);
        assert_eq!(kinds(&app, &of(&one)).await, all);
        assert_eq!(kinds(&app, &of(&two)).await, all[2..]);
        assert_eq!(kinds(&app, &of(&three)).await, Vec::<String>::new());
        assert_eq!(kinds(&app, &format!("{}, state: \"CT\"", of(&two))).await, all[2..]);
    }
}

on_both_engines! {
    async fn nobody_gets_a_visit_who_may_not_have_it(engine) {
        let app = TestApp::spawn(engine).await;
        let (jane, strange) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Doctor Strange").await);
        let id = booked(&app, 1, &jane, TEN).await;
        for (input, code) in [
            (json!({ "id": id, "providerId": strange }), "PROVIDER_NOT_ELIGIBLE"),
            (json!({ "id": id, "providerId": "prv_00000000000000000000000000" }), "NOT_FOUND"),
            (json!({ "id": "apt_00000000000000000000000000", "providerId": strange }), "NOT_FOUND"),
            (json!({ "id": id, "providerId": jane, "startsAt": ELEVEN }), "INVALID_INPUT"),
            (json!({ "id": id, "providerId": jane, "overrule": ["PROVIDER_NOT_ELIGIBLE"] }), "INVALID_INPUT"),
            (json!({ "id": id, "providerId": strange, "expectedVersion": 1000 }), "VERSION_CONFLICT"),
        ] {
            let payload = reassign(&app, input.clone()).await;
            assert_eq!(payload["error"]["code"], code, "{input}: {payload}");
        }
        // To whom it is with already it may go: nothing is done.
        let payload = reassign(&app, json!({ "id": id, "providerId": jane })).await;
        assert_eq!((&payload["error"], &payload["appointment"]["version"]), (&Value::Null, &json!(2)));
        assert_eq!(stands(&app, &id).await, (jane, TEN.to_owned()));
    }
}

on_both_engines! {
    async fn of_many_visits_for_one_time_of_another_provider_one_gets_it(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(9)).spawn().await;
        let mut visits = Vec::new();
        for number in 1..9 {
            let provider = app.provider_id(&format!("Dr. {number:03}")).await;
            visits.push(booked(&app, number, &provider, TEN).await);
        }
        let wanted = app.provider_id("Dr. 000").await;
        let to_them = |id: &String| reassign(&app, json!({ "id": id, "providerId": wanted }));
        let payloads = join_all(visits.iter().map(to_them)).await;
        let done = payloads.iter().filter(|payload| payload["error"].is_null()).count();
        assert_eq!(done, 1, "{payloads:?}");
        for payload in payloads.iter().filter(|payload| !payload["error"].is_null()) {
            let code = payload["error"]["code"].as_str().unwrap();
            assert!(["SLOT_TAKEN", "SLOT_HELD"].contains(&code), "{payload}");
        }
        assert_eq!(held(&app).await, 0);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn sabotage_without_the_rules_a_raw_writer_takes_what_is_held(engine) {
        let app = clinic(engine).await;
        let [one, two, _] = ids(&app).await;
        let id = booked(&app, 1, &one, TEN).await;
        let other = booked(&app, 2, &two, "2027-01-12T15:00:00Z").await;
        app.faults(&json!({ "down": true })).await;
        reassign(&app, json!({ "id": id, "providerId": two, "startsAt": ELEVEN })).await;
        assert_eq!(held(&app).await, 1);
        assert!(!other.is_empty());
        let onto = "UPDATE appointment SET
                starts_at = (SELECT starts_at FROM appointment WHERE status = 'HELD'),
                ends_at = (SELECT ends_at FROM appointment WHERE status = 'HELD')
            WHERE status = 'CONFIRMED' AND reassign_provider_id IS NULL";
        let refused = app.database.execute(onto).await.unwrap_err();
        assert!(refused.contains("appointment_provider_no_overlap"), "{refused}");
        let rule = "appointment_provider_no_overlap_all";
        let drop = match engine {
            crate::support::Engine::Postgres => vec![format!("ALTER TABLE appointment DROP CONSTRAINT {rule}")],
            crate::support::Engine::Sqlite => {
                ["insert", "update"].map(|event| format!("DROP TRIGGER {rule}_{event}")).to_vec()
            }
        };
        for statement in drop {
            app.database.execute(&statement).await.unwrap();
        }
        assert_eq!(app.database.execute(onto).await, Ok(1));
    }
}
