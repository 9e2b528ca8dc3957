//! A scheduling service that is slow, down or confused: what a booking comes to.
//!
//! Whatever happens there, a time is held until its outcome is known, and then both books agree.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    TestApp, assert_taken, book_in_vain, first_free, id_of, on_both_engines, patient, stubbed,
    unknown_outcomes, with_jane,
};

const TIMES: [&str; 6] = [
    "2027-01-11T14:00:00Z",
    "2027-01-11T14:30:00Z",
    "2027-01-11T15:00:00Z",
    "2027-01-11T15:30:00Z",
    "2027-01-11T16:00:00Z",
    "2027-01-11T16:30:00Z",
];

on_both_engines! {
    async fn a_slow_service_is_waited_for_in_the_background(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "100").spawn().await;
        app.faults(&json!({ "latency_ms": 500 })).await;
        let id = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
        assert_eq!(app.status_of(&id).await, "PENDING");
        assert_taken(&app, "2027-01-11T14:00:00Z").await;
        assert_eq!(first_free(&app).await, "2027-01-11T14:30:00Z");
        let confirmed = app.wait_for(&id, "CONFIRMED").await;
        assert_eq!(confirmed["scheduled"], true);
        assert_eq!(app.unsettled().await, 0);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_call_that_is_given_up_and_acted_on_later_makes_one_appointment(engine) {
        let app = TestApp::builder(engine).setting("SCHEDULER_TIMEOUT_MS", "60").spawn().await;
        app.faults(&json!({ "latency_ms": 300 })).await;
        let id = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(app.status_of(&id).await, "CONFIRMED");
        app.assert_agreement_lasts().await;
        assert_eq!(app.ledger().await.len(), 1);
    }
}

on_both_engines! {
    async fn an_unknown_outcome_holds_the_time_until_it_is_known(engine) {
        let app = TestApp::spawn(engine).await;
        for (number, faults) in unknown_outcomes().iter().enumerate() {
            app.faults(faults).await;
            let (time, next) = (TIMES[number], TIMES[number + 1]);
            let id = book_in_vain(&app, number, time).await;
            assert_taken(&app, time).await;
            assert_eq!(first_free(&app).await, next, "{faults}");
            app.assert_agreement().await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CONFIRMED", "{faults}");
        }
        assert_eq!(app.ledger().await.len(), unknown_outcomes().len());
    }
}

on_both_engines! {
    async fn a_refusal_frees_the_time_at_once(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let refused = app.book(&with_jane(1, "2027-01-11T14:00:00Z")).await;
        assert_eq!(refused.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        assert_eq!(app.status_of(&id_of(&refused.json())).await, "FAILED");
        assert_eq!(app.unsettled().await, 0);
        app.faults(&json!({})).await;
        assert_eq!(app.book(&with_jane(2, "2027-01-11T14:00:00Z")).await.status, 201);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_refusal_that_got_lost_frees_the_time_once_it_is_known(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1, "lost_reply_rate": 1 })).await;
        let id = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
        assert_taken(&app, "2027-01-11T14:00:00Z").await;
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(app.status_of(&id).await, "FAILED");
        assert_eq!(app.ledger().await.len(), 0);
        assert_eq!(app.book(&with_jane(2, "2027-01-11T14:00:00Z")).await.status, 201);
    }
}

on_both_engines! {
    async fn after_the_deadline_what_may_exist_outside_is_cancelled_there_before_the_time_is_free(engine) {
        for faults in unknown_outcomes() {
            let app = TestApp::spawn(engine).await;
            app.faults(&faults).await;
            let id = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
            app.clock.advance(SignedDuration::from_mins(15));
            app.settling.settle_due().await.unwrap();
            app.wait_for(&id, "CANCELLING").await;
            assert_taken(&app, "2027-01-11T14:00:00Z").await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "EXPIRED", "{faults}");
            // Found by repeating the call under its key, whether or not the first one had acted.
            let ledger = app.ledger().await;
            assert_eq!((ledger.len(), &ledger[0]["cancelled"]), (1, &json!(true)), "{faults}");
            assert_eq!(app.book(&with_jane(2, "2027-01-11T14:00:00Z")).await.status, 201);
        }
    }
}

on_both_engines! {
    async fn the_visit_s_start_is_a_deadline_too(engine) {
        let app = TestApp::builder(engine).at("2027-01-11T13:55:00Z").spawn().await;
        app.faults(&json!({ "down": true })).await;
        let id = book_in_vain(&app, 1, "2027-01-11T14:00:00Z").await;
        app.clock.set("2027-01-11T13:59:59Z");
        app.settling.settle_due().await.unwrap();
        assert_eq!(app.status_of(&id).await, "PENDING");
        app.faults(&json!({})).await;
        app.clock.advance(SignedDuration::from_secs(30));
        app.settle_everything().await;
        assert_eq!(app.status_of(&id).await, "EXPIRED");
    }
}

on_both_engines! {
    async fn credentials_that_are_not_accepted_leave_the_booking_pending(engine) {
        let (stub, app) = stubbed(engine).await;
        for (number, status) in [401, 403].into_iter().enumerate() {
            stub.always(Some(status));
            let id = book_in_vain(&app, number, TIMES[number]).await;
            app.clock.advance(SignedDuration::from_secs(30));
            app.settling.settle_due().await.unwrap();
            assert_eq!(app.status_of(&id).await, "PENDING");
            assert_taken(&app, TIMES[number]).await;
            stub.always(None);
            app.clock.advance(SignedDuration::from_secs(30));
            app.settling.settle_due().await.unwrap();
            app.wait_for(&id, "CONFIRMED").await;
        }
    }
}

on_both_engines! {
    async fn with_the_breaker_open_nothing_is_sent_until_the_service_is_back(engine) {
        let (stub, app) = stubbed(engine).await;
        stub.always(Some(503));
        let mut waiting = Vec::new();
        // Two tries a booking; the fifth failure opens the breaker.
        for (number, time) in TIMES.iter().take(3).enumerate() {
            waiting.push(book_in_vain(&app, number, time).await);
        }
        assert_eq!(stub.calls().len(), 5, "{:?}", stub.calls());
        let unsent = book_in_vain(&app, 3, TIMES[3]).await;
        let abandoned = book_in_vain(&app, 4, TIMES[4]).await;
        assert_eq!(stub.calls().len(), 5, "{:?}", stub.calls());
        let never_sent = "SELECT count(*) FROM outbox WHERE attempts = 0 AND unanswered_key IS NULL";
        assert_eq!(app.database.number(never_sent).await, 2);
        // What was never sent can be cancelled without the service.
        assert_eq!(app.cancel(&abandoned).await.status, 202);
        app.settling.settle_due().await.unwrap();
        app.wait_for(&abandoned, "CANCELLED").await;
        stub.always(None);
        app.let_time_settle().await;
        for id in waiting.iter().chain([&unsent]) {
            assert_eq!(app.status_of(id).await, "CONFIRMED");
        }
        assert!(!stub.calls().iter().any(|call| call.contains(&abandoned)), "{:?}", stub.calls());
    }
}

on_both_engines! {
    async fn after_the_deadline_what_was_never_sent_expires_without_a_call(engine) {
        let (stub, app) = stubbed(engine).await;
        stub.always(Some(503));
        for (number, time) in TIMES.iter().take(3).enumerate() {
            book_in_vain(&app, number, time).await;
        }
        let unsent = book_in_vain(&app, 3, TIMES[3]).await;
        app.clock.advance(SignedDuration::from_mins(15));
        app.settling.settle_due().await.unwrap();
        app.wait_for(&unsent, "EXPIRED").await;
        assert!(!stub.calls().iter().any(|call| call.contains(&unsent)), "{:?}", stub.calls());
        // Its time is free; the others may exist outside and are not.
        book_in_vain(&app, 4, TIMES[3]).await;
        assert_taken(&app, TIMES[0]).await;
    }
}

on_both_engines! {
    async fn the_next_try_s_answer_may_have_to_be_waited_for(engine) {
        let (stub, app) = stubbed(engine).await;
        // The first offer is refused for good; what becomes of the second is not known.
        stub.once("POST", 409);
        stub.always(Some(500));
        let answer = app.book(&json!({ "patient": patient(1, "NY", "Cigna") })).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["scheduled"]), (202, &json!(false)));
        let id = id_of(&answer.json());
        let book = app.whole_book().await;
        let failed: Vec<&Value> = book.iter().filter(|row| row["status"] == "FAILED").collect();
        assert_eq!((book.len(), failed.len()), (2, 1));
        assert!(failed[0]["id"] != id.as_str() && failed[0]["startsAt"] != answer.json()["time"]);
        stub.always(None);
        app.clock.advance(SignedDuration::from_secs(30));
        app.settling.settle_due().await.unwrap();
        app.wait_for(&id, "CONFIRMED").await;
    }
}

on_both_engines! {
    async fn the_graphql_door_tells_the_same(engine) {
        let app = TestApp::spawn(engine).await;
        let mutation = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            appointment { id status scheduled externalId } error { code } } }";
        let input = |number| json!({ "input": { "patient": patient(number, "CT", "Aetna") } });
        app.faults(&json!({ "down": true })).await;
        let answer = app.graphql(mutation, input(1)).await;
        let payload = &answer["data"]["bookAppointment"];
        assert_eq!((&payload["error"], &payload["appointment"]["status"]), (&Value::Null, &json!("PENDING")));
        assert_eq!((&payload["appointment"]["scheduled"], &payload["appointment"]["externalId"]),
            (&json!(false), &Value::Null));
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let answer = app.graphql(mutation, input(2)).await;
        let payload = &answer["data"]["bookAppointment"];
        assert_eq!(payload["error"]["code"], "SCHEDULING_REFUSED");
        // Something was committed, so it is there beside the error.
        assert_eq!((&payload["appointment"]["status"], &payload["appointment"]["scheduled"]),
            (&json!("FAILED"), &json!(false)));
        app.faults(&json!({})).await;
        app.settle_everything().await;
    }
}

on_both_engines! {
    async fn a_repeat_with_its_key_learns_how_the_first_one_stands(engine) {
        let app = TestApp::spawn(engine).await;
        let ask = |key: &'static str, number, time| {
            let (app, body) = (&app, with_jane(number, time));
            async move { app.post_with_key("/appointment", key, &body).await }
        };
        app.faults(&json!({ "lost_reply_rate": 1 })).await;
        let first = ask("one", 1, TIMES[0]).await;
        assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (202, ""));
        app.faults(&json!({ "refuse_rate": 1, "lost_reply_rate": 1 })).await;
        let doomed = ask("two", 2, TIMES[1]).await;
        assert_eq!(doomed.status, 202, "{doomed:?}");
        let again = ask("one", 1, TIMES[0]).await;
        assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
        app.faults(&json!({})).await;
        app.settle_everything().await;
        let again = ask("one", 1, TIMES[0]).await;
        assert_eq!((again.status.as_u16(), id_of(&again.json())), (201, id_of(&first.json())));
        app.clock.advance(SignedDuration::from_secs(5));
        let refused = ask("two", 2, TIMES[1]).await;
        assert_eq!(refused.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        assert_eq!(id_of(&refused.json()), id_of(&doomed.json()));
        assert_eq!(app.whole_book().await.len(), 2);
    }
}
