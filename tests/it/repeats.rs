//! A repeat under the same key tells the truth: what was refused after something was committed is
//! refused again, and what was done stays done.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp, book_by_graphql, id_of, input_of, on_both_engines, stubbed, with_jane,
};

const OLD: &str = "2027-01-11T14:00:00Z";
const NEW: &str = "2027-01-11T15:00:00Z";
const KEY: &str = "a-key";
const REFUSED: &str = "The scheduling service refused";
const UNANSWERED: &str = "The scheduling service did not answer in time";

async fn confirmed(app: &TestApp) -> String {
    let booked = app.book(&with_jane(1, OLD)).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    id_of(&booked.json())
}

async fn move_it(app: &TestApp, key: &str, id: &str, time: &str) -> Answer {
    let path = format!("/appointment/{id}/reschedule");
    app.post_with_key(&path, key, &json!({ "time": time })).await
}

/// The same move through the other door; its payload.
async fn move_by_graphql(app: &TestApp, key: &str, id: &str, time: &str) -> Value {
    let operation =
        "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
        appointment { id startsAt pendingStartsAt } error { code message } } }";
    let input = json!({ "id": id, "startsAt": time, "idempotencyKey": key });
    let answer = app.graphql(operation, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["rescheduleAppointment"].clone()
}

/// Refused, about that appointment and in those words, as the first time or as a repeat.
fn assert_refused(answer: &Answer, id: &str, why: &str, replayed: bool) {
    assert_eq!(answer.problem(), (409, "SCHEDULING_REFUSED".to_owned()), "{answer:?}");
    let problem = answer.json();
    assert_eq!((&problem["appointment_id"], &problem["detail"]), (&json!(id), &json!(why)));
    let header = if replayed { "true" } else { "" };
    assert_eq!(answer.header("idempotency-replayed"), header, "{answer:?}");
}

on_both_engines! {
    async fn a_repeat_of_a_refused_move_is_refused_again_through_both_doors(engine) {
        let app = TestApp::spawn(engine).await;
        let id = confirmed(&app).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        assert_refused(&move_it(&app, KEY, &id, NEW).await, &id, REFUSED, false);
        app.faults(&json!({})).await;
        for _repeat in 0..2 {
            assert_refused(&move_it(&app, KEY, &id, NEW).await, &id, REFUSED, true);
            let payload = move_by_graphql(&app, KEY, &id, NEW).await;
            assert_eq!(payload, json!({
                "appointment": { "id": id, "startsAt": OLD, "pendingStartsAt": null },
                "error": { "code": "SCHEDULING_REFUSED", "message": REFUSED },
            }));
        }
        // Another key is another try; what came of it changes nothing about the first.
        assert_eq!(move_it(&app, "another-key", &id, NEW).await.status, 200);
        assert_refused(&move_it(&app, KEY, &id, NEW).await, &id, REFUSED, true);
        let again = move_it(&app, "another-key", &id, NEW).await;
        assert_eq!((again.status.as_u16(), &again.json()["time"]), (200, &json!(NEW)), "{again:?}");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_move_that_is_refused_after_its_caller_had_gone_is_told_to_whoever_asks_again(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "300").spawn().await;
        let id = confirmed(&app).await;
        app.faults(&json!({ "down": true })).await;
        let moving = move_it(&app, KEY, &id, NEW).await;
        assert_eq!((moving.status.as_u16(), &moving.json()["pending_time"]), (202, &json!(NEW)));
        app.faults(&json!({ "refuse_rate": 1 })).await;
        app.let_time_settle().await;
        assert_refused(&move_it(&app, KEY, &id, NEW).await, &id, REFUSED, true);
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], OLD);
    }
}

on_both_engines! {
    async fn a_repeat_of_a_booking_that_was_given_up_says_that_nobody_answered(engine) {
        let app = TestApp::builder(engine)
            .setting("ANSWER_WITHIN_MS", "300")
            .setting("HOLD_MINUTES", "5")
            .spawn()
            .await;
        app.faults(&json!({ "down": true })).await;
        let body = with_jane(1, OLD);
        let held = app.post_with_key("/appointment", KEY, &body).await;
        assert_eq!(held.status, 202, "{held:?}");
        let id = id_of(&held.json());
        // Given up, and what may be outside is being undone: it will not be booked any more.
        app.clock.advance(SignedDuration::from_mins(6));
        app.settling.settle_due().await.unwrap();
        assert_eq!(app.status_of(&id).await, "CANCELLING");
        assert_refused(&app.post_with_key("/appointment", KEY, &body).await, &id, UNANSWERED, true);
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(app.status_of(&id).await, "EXPIRED");
        assert_refused(&app.post_with_key("/appointment", KEY, &body).await, &id, UNANSWERED, true);
        let mut input = input_of(&body);
        input["idempotencyKey"] = json!(KEY);
        let payload = book_by_graphql(&app, input).await;
        assert_eq!(payload["error"], json!({ "code": "SCHEDULING_REFUSED", "message": UNANSWERED }));
        assert_eq!(payload["appointment"], json!({ "id": id, "status": "EXPIRED" }));
    }
}

on_both_engines! {
    async fn what_was_done_stays_done_whatever_is_refused_later(engine) {
        let (stub, app) = stubbed(engine).await;
        let body = with_jane(1, OLD);
        let booked = app.post_with_key("/appointment", KEY, &body).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let id = id_of(&booked.json());
        // The service has lost it, and refuses to book it anew: the visit is off. The move was
        // refused; the booking was not.
        stub.book(Vec::clear);
        stub.once("PUT", 404);
        stub.once("POST", 409);
        assert_refused(&move_it(&app, "a-move", &id, NEW).await, &id, REFUSED, false);
        assert_eq!(app.status_of(&id).await, "FAILED");
        assert_refused(&move_it(&app, "a-move", &id, NEW).await, &id, REFUSED, true);
        let again = app.post_with_key("/appointment", KEY, &body).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"), "{again:?}");
        assert_eq!((&again.json()["status"], &again.json()["scheduled"]), (&json!("FAILED"), &json!(false)));
    }
}

on_both_engines! {
    async fn keys_of_before_are_judged_by_what_became_of_their_booking(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let body = with_jane(1, OLD);
        let refused = app.post_with_key("/appointment", KEY, &body).await;
        let id = refused.json()["appointment_id"].as_str().unwrap().to_owned();
        // As a server wrote it that did not keep what became of a request.
        let forget = "UPDATE idempotency_key SET appointment_version = NULL, refusal = NULL";
        assert_eq!(app.database.execute(forget).await, Ok(1));
        app.clock.advance(SignedDuration::from_mins(1));
        assert_refused(&app.post_with_key("/appointment", KEY, &body).await, &id, REFUSED, true);
    }
}

on_both_engines! {
    async fn a_move_that_was_refused_before_anything_was_committed_may_be_tried_again(engine) {
        let app = TestApp::spawn(engine).await;
        let id = confirmed(&app).await;
        assert_eq!(app.book(&with_jane(2, NEW)).await.status, 201);
        let taken = move_it(&app, KEY, &id, NEW).await;
        assert_eq!(taken.problem(), (409, "SLOT_TAKEN".to_owned()));
        let other = move_it(&app, KEY, &id, "2027-01-11T16:00:00Z").await;
        assert_eq!((other.status.as_u16(), other.header("idempotency-replayed")), (200, ""), "{other:?}");
    }
}
