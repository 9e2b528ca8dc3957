//! Cancelling and moving while the scheduling service is slow, down or confused.

use serde_json::{Value, json};

use crate::support::{
    TestApp, assert_taken, book_in_vain, first_free, id_of, on_both_engines, stubbed,
    unknown_outcomes, with_jane,
};

const OLD: &str = "2027-01-11T14:00:00Z";
const NEW: &str = "2027-01-11T15:00:00Z";
const BETWEEN: &str = "2027-01-11T14:30:00Z";

/// Not acted, acted without a word, acted with a strange one. With all five so many calls would
/// fail within ten seconds that the breaker opens.
fn three_unknown_outcomes() -> impl Iterator<Item = Value> {
    unknown_outcomes().into_iter().skip(2)
}

async fn one_confirmed(app: &TestApp) -> String {
    let booked = app.book(&with_jane(1, OLD)).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    id_of(&booked.json())
}

/// Cancels in the scheduling service's own book, behind our back.
async fn lose_outside(app: &TestApp, id: &str) {
    let entry = app.live_outside(id).await.remove(0);
    let url =
        format!("{}/appointments/{}", app.scheduler_url, entry["appointment_id"].as_str().unwrap());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let gone = TestApp::send(client.delete(url).header("Idempotency-Key", "behind our back")).await;
    assert_eq!(gone.status, 204, "{gone:?}");
}

/// Moves while the service's answer can't be known, and asserts that both times are held.
async fn move_in_vain(app: &TestApp, id: &str) {
    let moving = app.reschedule(id, NEW).await;
    assert_eq!(moving.status, 202, "{moving:?}");
    let body = moving.json();
    assert_eq!((&body["time"], &body["pending_time"]), (&json!(OLD), &json!(NEW)));
    assert_eq!((&body["status"], &body["scheduled"]), (&json!("CONFIRMED"), &json!(true)));
    assert_taken(app, OLD).await;
    assert_taken(app, NEW).await;
    assert_eq!(first_free(app).await, BETWEEN);
}

on_both_engines! {
    async fn a_cancel_of_unknown_outcome_frees_nothing_until_it_is_known(engine) {
        let app = TestApp::spawn(engine).await;
        for faults in unknown_outcomes() {
            app.faults(&json!({})).await;
            let id = one_confirmed(&app).await;
            app.faults(&faults).await;
            let cancelling = app.cancel(&id).await;
            assert_eq!(cancelling.status, 202, "{faults} {cancelling:?}");
            let body = cancelling.json();
            assert_eq!((&body["scheduled"], &body["status"]), (&json!(false), &json!("CANCELLING")));
            assert_taken(&app, OLD).await;
            // Again: it is on its way.
            let again = app.cancel(&id).await;
            assert_eq!((again.status.as_u16(), again.json()), (202, body));
            let moved = app.reschedule(&id, NEW).await;
            assert_eq!(moved.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CANCELLED", "{faults}");
            assert_eq!(first_free(&app).await, OLD);
        }
    }
}

on_both_engines! {
    async fn a_cancel_the_caller_did_not_wait_for_ends_by_itself(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "50").spawn().await;
        let id = one_confirmed_after_a_while(&app).await;
        app.faults(&json!({ "latency_ms": 300 })).await;
        assert_eq!(app.cancel(&id).await.status, 202);
        app.wait_for(&id, "CANCELLED").await;
        app.assert_agreement().await;
    }
}

async fn one_confirmed_after_a_while(app: &TestApp) -> String {
    let id = id_of(&app.book(&with_jane(1, OLD)).await.json());
    app.wait_for(&id, "CONFIRMED").await;
    id
}

on_both_engines! {
    async fn what_the_service_does_not_know_any_more_counts_as_cancelled(engine) {
        let app = TestApp::spawn(engine).await;
        let id = one_confirmed(&app).await;
        lose_outside(&app, &id).await;
        let cancelled = app.cancel(&id).await;
        assert_eq!((cancelled.status.as_u16(), &cancelled.json()["status"]), (200, &json!("CANCELLED")));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn cancelling_a_pending_booking_leaves_nothing_outside(engine) {
        let app = TestApp::spawn(engine).await;
        for faults in three_unknown_outcomes() {
            app.faults(&faults).await;
            let id = book_in_vain(&app, 1, OLD).await;
            let cancelling = app.cancel(&id).await;
            assert_eq!((cancelling.status.as_u16(), &cancelling.json()["status"]),
                (202, &json!("CANCELLING")), "{faults}");
            assert_taken(&app, OLD).await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CANCELLED", "{faults}");
            assert_eq!(first_free(&app).await, OLD);
        }
    }
}

on_both_engines! {
    async fn cancelling_while_the_booking_is_on_its_way_leaves_nothing_outside(engine) {
        // Once the booking's own call is still waited for, once it was given up and arrives late.
        for timeout in ["2000", "60"] {
            let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "30")
                .setting("SCHEDULER_TIMEOUT_MS", timeout).spawn().await;
            app.faults(&json!({ "latency_ms": 250 })).await;
            let id = book_in_vain(&app, 1, OLD).await;
            let cancelling = app.cancel(&id).await;
            assert_eq!(cancelling.status, 202, "{cancelling:?}");
            assert_eq!(cancelling.json()["scheduled"], false);
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CANCELLED");
            app.assert_agreement_lasts().await;
            assert_eq!(app.live_outside(&id).await, Vec::<Value>::new());
        }
    }
}

on_both_engines! {
    async fn a_move_of_unknown_outcome_holds_both_times_until_it_is_known(engine) {
        let app = TestApp::spawn(engine).await;
        for faults in unknown_outcomes() {
            app.faults(&json!({})).await;
            let id = one_confirmed(&app).await;
            app.faults(&faults).await;
            move_in_vain(&app, &id).await;
            let twice = app.reschedule(&id, "2027-01-11T16:00:00Z").await;
            assert_eq!(twice.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
            app.faults(&json!({})).await;
            app.settle_everything().await;
            let moved = app.get(&format!("/appointment/{id}")).await.json();
            assert_eq!((&moved["time"], &moved["pending_time"], &moved["scheduled"]),
                (&json!(NEW), &Value::Null, &json!(true)), "{faults}");
            assert_eq!(first_free(&app).await, OLD);
            assert_eq!(app.cancel(&id).await.status, 200);
        }
    }
}

on_both_engines! {
    async fn a_slow_move_ends_by_itself(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "50").spawn().await;
        let id = one_confirmed_after_a_while(&app).await;
        app.faults(&json!({ "latency_ms": 1200 })).await;
        move_in_vain(&app, &id).await;
        app.until_settled().await;
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], NEW);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_refused_move_whose_answer_was_lost_leaves_the_old_time(engine) {
        let app = TestApp::spawn(engine).await;
        let id = one_confirmed(&app).await;
        app.faults(&json!({ "refuse_rate": 1, "lost_reply_rate": 1 })).await;
        move_in_vain(&app, &id).await;
        app.faults(&json!({})).await;
        app.settle_everything().await;
        let stayed = app.get(&format!("/appointment/{id}")).await.json();
        assert_eq!((&stayed["time"], &stayed["pending_time"]), (&json!(OLD), &Value::Null));
        // A later move to the same time is another move, and is asked for anew.
        assert_eq!(app.reschedule(&id, NEW).await.status, 200);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn cancelling_during_a_move_frees_both_times(engine) {
        let app = TestApp::spawn(engine).await;
        for faults in three_unknown_outcomes() {
            app.faults(&json!({})).await;
            let id = one_confirmed(&app).await;
            app.faults(&faults).await;
            move_in_vain(&app, &id).await;
            let cancelling = app.cancel(&id).await;
            assert_eq!((cancelling.status.as_u16(), &cancelling.json()["status"]),
                (202, &json!("CANCELLING")), "{faults}");
            assert_taken(&app, OLD).await;
            assert_taken(&app, NEW).await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CANCELLED");
            let later = app.get("/appointments/first-available?state=CT&insurance=Aetna&after=2027-01-11T15:00:00Z").await;
            assert_eq!((first_free(&app).await, later.json()["time"].clone()), (json!(OLD), json!(NEW)));
        }
    }
}

on_both_engines! {
    async fn a_move_of_what_the_service_has_lost_books_it_there_anew(engine) {
        let app = TestApp::spawn(engine).await;
        let id = one_confirmed(&app).await;
        lose_outside(&app, &id).await;
        let moved = app.reschedule(&id, NEW).await;
        assert_eq!((moved.status.as_u16(), &moved.json()["time"]), (200, &json!(NEW)));
        let (ledger, live) = (app.ledger().await, app.live_outside(&id).await);
        assert_eq!((ledger.len(), live.len(), &live[0]["time"]), (2, 1, &json!(NEW)));
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn booking_anew_is_repeated_under_one_key_until_it_is_answered(engine) {
        let (stub, app) = stubbed(engine).await;
        let id = one_confirmed(&app).await;
        stub.once("PUT", 404);
        stub.once("POST", 500);
        stub.once("POST", 500);
        move_in_vain(&app, &id).await;
        app.clock.advance(jiff::SignedDuration::from_secs(30));
        app.settling.settle_due().await.unwrap();
        app.until_settled().await;
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], NEW);
        let calls = stub.calls();
        let rebooks: Vec<&String> = calls.iter().filter(|call| call.contains(":rebook:")).collect();
        assert_eq!(rebooks.len(), 3, "{calls:?}");
        assert!(rebooks.iter().all(|call| *call == rebooks[0]), "{calls:?}");
    }
}

on_both_engines! {
    async fn cancelling_while_it_is_booked_anew_cancels_what_came_of_that(engine) {
        let (stub, app) = stubbed(engine).await;
        let id = one_confirmed(&app).await;
        stub.once("PUT", 404);
        stub.once("POST", 500);
        stub.once("POST", 500);
        move_in_vain(&app, &id).await;
        // The key of the unanswered call is repeated first, and what it made is deleted.
        let cancelled = app.cancel(&id).await;
        assert_eq!((cancelled.status.as_u16(), &cancelled.json()["status"]), (200, &json!("CANCELLED")));
        let calls = stub.calls();
        let last: Vec<&str> = calls.iter().rev().take(2).map(|call| call.split(' ').next().unwrap()).collect();
        assert_eq!(last, ["DELETE", "POST"], "{calls:?}");
    }
}
