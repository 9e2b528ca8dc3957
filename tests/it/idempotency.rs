//! Safe retry: a request that comes again with its key has the effect of the first.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::{
    Answer, Engine, TestApp, TestDatabase, book_by_graphql, comes_true, input_of, john,
    on_both_engines, patient,
};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// The body of a booking of John's at the first free time.
fn johns() -> Value {
    json!({ "patient": john() })
}

/// The same for `bookAppointment`, under the key.
fn with_key(body: &Value, key: &str) -> Value {
    let mut input = input_of(body);
    input["idempotencyKey"] = json!(key);
    input
}

async fn book(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.post_with_key("/appointment", key, body).await
}

fn id(answer: &Answer) -> String {
    answer.json()["appointment_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The status, the appointment and whether it says that it repeats an answer.
fn told(answer: &Answer) -> (u16, String, bool) {
    (answer.status.as_u16(), id(answer), answer.header("idempotency-replayed") == "true")
}

async fn count(app: &TestApp, table: &str) -> i64 {
    app.database.number(&format!("SELECT count(*) FROM {table}")).await
}

/// Looks at an appointment until it stands like that.
async fn until(app: &TestApp, path: &str, status: &str) {
    let seen = comes_true(async || app.get(path).await.json()["status"] == status);
    assert!(seen.await, "{path} is not {status}");
}

on_both_engines! {
    async fn a_repeat_answers_the_same_appointment_at_either_door(engine) {
        let app = TestApp::spawn(engine).await;
        let first = book(&app, KEY, &johns()).await;
        let booked = id(&first);
        assert_eq!(told(&first), (201, booked.clone(), false));
        let again = book(&app, KEY, &johns()).await;
        assert_eq!(told(&again), (201, booked.clone(), true));
        assert_eq!((again.text.as_str(), again.header("location")), (first.text.as_str(), first.header("location")));
        // As the header's draft writes it, and however the same patient is spelt.
        let quoted = book(&app, &format!("\"{KEY}\""), &johns()).await;
        assert_eq!(told(&quoted), (201, booked.clone(), true));
        let spelt = json!({ "patient": { "name": " john  DOE", "email": "John@Example.com",
            "state": "Connecticut", "insurance": "AETNA" }, "duration_minutes": 30, "reason": null });
        assert_eq!(told(&book(&app, KEY, &spelt).await), (201, booked.clone(), true));
        // Defaults taken from the clock are not in it.
        app.clock.advance(SignedDuration::from_hours(5));
        assert_eq!(told(&book(&app, KEY, &johns()).await), (201, booked.clone(), true));
        let payload = book_by_graphql(&app, with_key(&johns(), KEY)).await;
        assert_eq!(payload, json!({ "appointment": { "id": booked, "status": "CONFIRMED" }, "error": null }));
        assert_eq!((count(&app, "appointment").await, app.ledger().await.len()), (1, 1));
        // And the other way round.
        let payload = book_by_graphql(&app, with_key(&json!({ "patient": patient(1, "CT", "Aetna") }), "graphql-first")).await;
        let repeated = book(&app, "graphql-first", &json!({ "patient": patient(1, "CT", "Aetna") })).await;
        assert_eq!(told(&repeated), (201, payload["appointment"]["id"].as_str().unwrap().to_owned(), true));
    }
}

on_both_engines! {
    async fn a_key_belongs_to_one_request(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = id(&book(&app, KEY, &johns()).await);
        let jane = app.provider_id("Dr. Jane Doe").await;
        let mut other_state = johns();
        other_state["patient"]["state"] = json!("NY");
        for body in [
            json!({ "patient": patient(1, "CT", "Aetna") }),
            json!({ "patient": john(), "duration_minutes": 45 }),
            json!({ "patient": john(), "reason": "a cough" }),
            json!({ "patient": john(), "provider_id": jane }),
            json!({ "patient": john(), "time": "2027-01-11T14:00:00Z" }),
            json!({ "patient": john(), "after": "2027-01-11T14:00:00Z" }),
            other_state,
        ] {
            let reused = book(&app, KEY, &body).await;
            assert_eq!(reused.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()), "{body}");
            let payload = book_by_graphql(&app, with_key(&body, KEY)).await;
            assert_eq!((&payload["error"]["code"], &payload["appointment"]), (&json!("IDEMPOTENCY_KEY_REUSED"), &Value::Null));
        }
        // Another operation is another request too.
        let cancel = app.post_with_key(&format!("/appointment/{booked}/cancel"), KEY, &json!({})).await;
        assert_eq!(cancel.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        assert_eq!(app.get(&format!("/appointment/{booked}")).await.json()["status"], "CONFIRMED");
        // What can't be read at all is told so first.
        let unreadable = book(&app, KEY, &json!({})).await;
        assert_eq!(unreadable.problem(), (422, "INVALID_INPUT".to_owned()));
        assert_eq!(count(&app, "appointment").await, 1);
    }
}

on_both_engines! {
    async fn without_a_key_each_request_is_a_new_booking(engine) {
        let app = TestApp::spawn(engine).await;
        let (first, second) = (app.book(&johns()).await, app.book(&johns()).await);
        assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
        assert_ne!(id(&first), id(&second));
        assert_eq!((second.header("idempotency-replayed"), count(&app, "idempotency_key").await), ("", 0));
    }
}

on_both_engines! {
    async fn each_mutation_of_a_document_has_a_key_of_its_own(engine) {
        let app = TestApp::spawn(engine).await;
        let mutation = "mutation ($a: BookAppointmentInput!, $b: BookAppointmentInput!) {
            a: bookAppointment(input: $a) { appointment { id } error { code } }
            b: bookAppointment(input: $b) { appointment { id } error { code } } }";
        let variables = json!({ "a": with_key(&johns(), "a"), "b": with_key(&johns(), "b") });
        let first = app.graphql(mutation, variables.clone()).await;
        assert_ne!(first["data"]["a"]["appointment"]["id"], first["data"]["b"]["appointment"]["id"]);
        assert_eq!(app.graphql(mutation, variables).await, first);
        assert_eq!(count(&app, "appointment").await, 2);
    }
}

on_both_engines! {
    async fn a_request_that_committed_nothing_keeps_no_key(engine) {
        let app = TestApp::spawn(engine).await;
        let time = "2027-01-11T14:00:00Z";
        let holder = id(&app.book(&json!({ "patient": john(), "time": time })).await);
        let wish = json!({ "patient": patient(1, "CT", "Aetna"), "time": time });
        assert_eq!(book(&app, KEY, &wish).await.problem(), (409, "SLOT_TAKEN".to_owned()));
        let nobody = json!({ "patient": patient(1, "CT", "Humana") });
        assert_eq!(book(&app, KEY, &nobody).await.problem(), (404, "NO_MATCHING_PROVIDER".to_owned()));
        assert_eq!(count(&app, "idempotency_key").await, 0);
        let nothing = app.post_with_key("/appointment/apt_x/cancel", KEY, &json!({})).await;
        assert_eq!(nothing.problem(), (404, "NOT_FOUND".to_owned()));
        // Once the time is free, the same request with the same key gets it.
        app.post(&format!("/appointment/{holder}/cancel"), &json!({})).await;
        let booked = book(&app, KEY, &wish).await;
        assert_eq!((booked.status.as_u16(), booked.header("idempotency-replayed")), (201, ""), "{booked:?}");
        assert_eq!(told(&book(&app, KEY, &wish).await), (201, id(&booked), true));
    }
}

on_both_engines! {
    async fn a_repeat_tells_how_it_stands_now(engine) {
        // The request waits a tenth of a second for a service that takes longer; so do its repeats.
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "100").spawn().await;
        app.faults(&json!({ "latency_ms": 1500 })).await;
        let held = book(&app, KEY, &johns()).await;
        let appointment = id(&held);
        assert_eq!(told(&held), (202, appointment.clone(), false));
        let pending = book(&app, KEY, &johns()).await;
        assert_eq!(told(&pending), (202, appointment.clone(), true));
        assert_eq!((&pending.json()["scheduled"], &pending.json()["status"]), (&json!(false), &json!("PENDING")));
        let payload = book_by_graphql(&app, with_key(&johns(), KEY)).await;
        assert_eq!(payload, json!({ "appointment": { "id": appointment, "status": "PENDING" }, "error": null }));
        app.faults(&json!({})).await;
        let path = format!("/appointment/{appointment}");
        until(&app, &path, "CONFIRMED").await;
        assert_eq!(told(&book(&app, KEY, &johns()).await), (201, appointment.clone(), true));
        assert!(app.post(&format!("{path}/cancel"), &json!({})).await.status.is_success());
        until(&app, &path, "CANCELLED").await;
        let cancelled = book(&app, KEY, &johns()).await;
        assert_eq!(told(&cancelled), (200, appointment.clone(), true));
        assert_eq!((&cancelled.json()["scheduled"], &cancelled.json()["status"]), (&json!(false), &json!("CANCELLED")));
        assert_eq!(count(&app, "appointment").await, 1);
    }
}

on_both_engines! {
    async fn a_repeat_of_what_was_refused_is_refused_with_the_same_appointment(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let body = json!({ "patient": patient(1, "NY", "Cigna") });
        let refused = book(&app, KEY, &body).await;
        assert_eq!(refused.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        app.faults(&json!({})).await;
        // Later, when nobody may still be trying another provider.
        app.clock.advance(SignedDuration::from_mins(1));
        let again = book(&app, KEY, &body).await;
        assert_eq!((again.problem(), again.json()), (refused.problem(), refused.json()));
        let payload = book_by_graphql(&app, with_key(&body, KEY)).await;
        assert_eq!((&payload["error"]["code"], &payload["appointment"]["id"]),
            (&json!("SCHEDULING_REFUSED"), &refused.json()["appointment_id"]));
        assert_eq!(count(&app, "appointment WHERE status <> 'FAILED'").await, 0);
    }
}

on_both_engines! {
    async fn fifty_at_once_with_one_key_are_one_booking(engine) {
        let app = TestApp::spawn(engine).await;
        let body = johns();
        let answers = join_all((0..50).map(|number| {
            let (app, body) = (&app, &body);
            async move {
                if number % 2 == 0 {
                    let answer = book(app, KEY, body).await;
                    assert_eq!(answer.status, 201, "{answer:?}");
                    (id(&answer), answer.header("idempotency-replayed") != "true")
                } else {
                    let payload = book_by_graphql(app, with_key(body, KEY)).await;
                    assert_eq!(payload["error"], Value::Null, "{payload}");
                    (payload["appointment"]["id"].as_str().unwrap().to_owned(), false)
                }
            }
        })).await;
        let ids: BTreeSet<&String> = answers.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert!(answers.iter().filter(|(_, first)| *first).count() <= 1);
        assert_eq!((count(&app, "appointment").await, count(&app, "idempotency_key").await), (1, 1));
        assert_eq!((app.ledger().await.len(), count(&app, "patient").await), (1, 1));
    }
}

on_both_engines! {
    async fn fifty_at_once_for_one_time_and_one_key_are_one_booking(engine) {
        // Where the time is asked for, the twin of the one that got it sees it taken.
        let app = TestApp::spawn(engine).await;
        let body = json!({ "patient": john(), "time": "2027-01-11T15:00:00Z" });
        let answers = join_all((0..50).map(|_| book(&app, KEY, &body))).await;
        let ids: BTreeSet<String> = answers.iter().map(id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        for answer in &answers {
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        assert_eq!(answers.iter().filter(|answer| !told(answer).2).count(), 1);
        assert_eq!(count(&app, "appointment").await, 1);
    }
}

on_both_engines! {
    async fn a_twin_waits_for_the_first_while_the_scheduling_service_is_slow(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "latency_ms": 700 })).await;
        let body = johns();
        let twin = async {
            assert!(comes_true(async || count(&app, "appointment").await > 0).await);
            assert_eq!(count(&app, "appointment WHERE status = 'PENDING'").await, 1);
            book(&app, KEY, &body).await
        };
        let (first, second) = tokio::join!(book(&app, KEY, &body), twin);
        assert_eq!(told(&first), (201, id(&first), false));
        assert_eq!(told(&second), (201, id(&first), true));
        assert_eq!(count(&app, "appointment").await, 1);
    }
}

on_both_engines! {
    async fn cancelling_and_moving_have_keys_too(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = id(&book(&app, KEY, &johns()).await);
        let (cancel, reschedule) = (format!("/appointment/{booked}/cancel"), format!("/appointment/{booked}/reschedule"));
        let later = json!({ "time": "2027-01-12T15:00:00Z" });
        let moved = app.post_with_key(&reschedule, "move", &later).await;
        assert_eq!(told(&moved), (200, booked.clone(), false));
        // Moved once more meanwhile: the repeat does not move it back.
        assert_eq!(app.post(&reschedule, &json!({ "time": "2027-01-12T16:00:00Z" })).await.status, 200);
        let again = app.post_with_key(&reschedule, "move", &later).await;
        assert_eq!((told(&again), &again.json()["time"]), ((200, booked.clone(), true), &json!("2027-01-12T16:00:00Z")));
        let mutation = "mutation ($id: ID!) { rescheduleAppointment(input: { id: $id, startsAt: \"2027-01-12T10:00:00-05:00\",
            idempotencyKey: \"move\" }) { appointment { startsAt } error { code } } }";
        let answer = app.graphql(mutation, json!({ "id": booked })).await;
        assert_eq!(answer["data"]["rescheduleAppointment"],
            json!({ "appointment": { "startsAt": "2027-01-12T16:00:00Z" }, "error": null }));
        let longer = json!({ "time": "2027-01-12T15:00:00Z", "duration_minutes": 60 });
        assert_eq!(app.post_with_key(&reschedule, "move", &longer).await.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        let cancelled = app.post_with_key(&cancel, "cancel", &json!({ "reason": "well again" })).await;
        assert_eq!(told(&cancelled), (200, booked.clone(), false));
        let again = app.post_with_key(&cancel, "cancel", &json!({ "reason": "well again" })).await;
        assert_eq!((told(&again), again.text), ((200, booked.clone(), true), cancelled.text));
        let other = app.post_with_key(&cancel, "cancel", &json!({ "reason": "moved away" })).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        // The booking's own key tells how it ended, and a move's does too.
        assert_eq!(told(&book(&app, KEY, &johns()).await), (200, booked.clone(), true));
        let late = app.post_with_key(&reschedule, "move", &later).await;
        assert_eq!((told(&late), &late.json()["status"]), ((200, booked, true), &json!("CANCELLED")));
    }
}

on_both_engines! {
    async fn a_key_is_of_its_caller_and_kept_for_thirty_days(engine) {
        let token = "a-token-for-tests-only";
        let app = TestApp::spawn(engine).await;
        let first = book(&app, KEY, &johns()).await;
        let other = TestApp::builder(engine).setting("API_TOKEN", token).setting("SCHEDULER_LEDGER",
            &app.file("other.jsonl").display().to_string()).spawn_on(app.database.clone()).await;
        let request = other.request(reqwest::Method::POST, "/appointment")
            .bearer_auth(token).header("Idempotency-Key", KEY).json(&johns());
        let second = TestApp::send(request).await;
        assert_eq!(told(&second).0, 201);
        assert_ne!(id(&second), id(&first));
        let horizon_later = json!({ "patient": john(), "after": "2027-02-09T12:00:00Z" });
        app.clock.set("2027-02-09T12:00:00Z");
        assert_eq!(told(&book(&app, KEY, &johns()).await), (201, id(&first), true));
        assert_eq!(book(&app, KEY, &horizon_later).await.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    }
}

#[tokio::test]
async fn a_key_whose_first_request_has_not_committed_is_in_use() {
    // On SQLite the write lock keeps the second request out altogether.
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let first = app.database.connect().await;
    let claim =
        "BEGIN; INSERT INTO idempotency_key (scope, key, request_hash, appointment_id, created_at)
        VALUES ('anonymous', 'slow', 'x', gen_random_uuid(), now())";
    first.execute_unprepared(claim).await.unwrap();
    let body = json!({ "patient": john() });
    let answer = app.post_with_key("/appointment", "slow", &body).await;
    assert_eq!(answer.problem(), (409, "IDEMPOTENCY_KEY_IN_USE".to_owned()));
    first.execute_unprepared("ROLLBACK").await.unwrap();
    let answer = app.post_with_key("/appointment", "slow", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}
