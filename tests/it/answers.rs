//! What is believed of the scheduling service's answers, and what its refusals come to.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    Bulk, StubScheduler, TestApp, assert_taken, book_in_vain, capture, id_of, logged,
    on_both_engines, stubbed, with_jane,
};

const ONE: &str = "2027-01-11T14:00:00Z";
const TWO: &str = "2027-01-11T14:30:00Z";
const THREE: &str = "2027-01-11T15:00:00Z";

const TOKEN: &str = "a-token-of-the-service";

async fn one_confirmed(app: &TestApp, number: usize, time: &str) -> String {
    let booked = app.book(&with_jane(number, time)).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    id_of(&booked.json())
}

/// The outbox's next try.
async fn try_again(app: &TestApp) {
    app.clock.advance(SignedDuration::from_secs(30));
    app.settling.settle_due().await.unwrap();
}

fn held(id: &str, external_id: &str, time: &str) -> Value {
    json!({ "reference": id, "appointment_id": external_id, "time": time, "duration_minutes": 30 })
}

on_both_engines! {
    async fn a_reply_about_something_else_confirms_nothing(engine) {
        let app = TestApp::spawn(engine).await;
        for lie in ["wrong_reference_rate", "wrong_time_rate", "wrong_length_rate"] {
            app.faults(&json!({ lie: 1 })).await;
            let id = book_in_vain(&app, 1, ONE).await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CONFIRMED", "{lie}");
            app.faults(&json!({ lie: 1 })).await;
            assert_eq!(app.reschedule(&id, THREE).await.status, 202, "{lie}");
            assert_taken(&app, ONE).await;
            app.faults(&json!({})).await;
            app.settle_everything().await;
            assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], THREE, "{lie}");
            assert_eq!(app.cancel(&id).await.status, 200);
        }
    }
}

on_both_engines! {
    async fn the_id_of_another_visit_is_not_believed_and_cancelling_one_leaves_the_other(engine) {
        capture();
        let app = TestApp::spawn(engine).await;
        let first = one_confirmed(&app, 1, ONE).await;
        app.faults(&json!({ "wrong_id_rate": 1 })).await;
        let (cancelled, kept) = (book_in_vain(&app, 2, TWO).await, book_in_vain(&app, 3, THREE).await);
        assert!(logged().contains(&format!("confirms {kept} under the id of another visit")));
        assert_eq!(app.cancel(&cancelled).await.status, 202);
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(app.status_of(&cancelled).await, "CANCELLED");
        for id in [&first, &kept] {
            assert_eq!(app.status_of(id).await, "CONFIRMED");
            assert_eq!(app.live_outside(id).await.len(), 1);
        }
        // Nor is it for whoever is not asked about: a move keeps its id, whatever is said.
        app.faults(&json!({ "wrong_id_rate": 1 })).await;
        assert_eq!(app.reschedule(&kept, TWO).await.status, 202);
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert_eq!(app.get(&format!("/appointment/{kept}")).await.json()["time"], TWO);
    }
}

on_both_engines! {
    async fn a_reply_without_a_reference_is_looked_up_before_it_is_believed(engine) {
        let (stub, app) = stubbed(engine).await;
        let nameless = json!({ "scheduled": true, "appointment_id": "ext_1", "time": ONE });
        stub.answer_with(nameless.clone());
        stub.answer_with(nameless.clone());
        let id = book_in_vain(&app, 1, ONE).await;
        assert_eq!(stub.look_ups(), 2, "once a reply");
        // Held there under another id, and then as it was said.
        stub.book(|book| book.push(held(&id, "ext_2", ONE)));
        stub.answer_with(nameless.clone());
        try_again(&app).await;
        assert_eq!(app.status_of(&id).await, "PENDING");
        stub.book(|book| book[0] = held(&id, "ext_1", ONE));
        stub.answer_with(nameless);
        try_again(&app).await;
        app.wait_for(&id, "CONFIRMED").await;
        assert_eq!(stub.look_ups(), 4);
        one_confirmed(&app, 2, TWO).await;
        assert_eq!(stub.look_ups(), 4, "who is named is not looked up");
    }
}

on_both_engines! {
    async fn a_conflict_after_an_unanswered_try_is_looked_up(engine) {
        let (stub, app) = stubbed(engine).await;
        // At first it is a no like any other.
        stub.once("POST", 409);
        assert_eq!(app.book(&with_jane(1, ONE)).await.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        assert_eq!(stub.look_ups(), 0);
        // After a try whose outcome is not known it may be of what that one has booked. It has not: no.
        stub.once("POST", 500);
        stub.once("POST", 409);
        assert_eq!(app.book(&with_jane(2, ONE)).await.problem(), (409, "SCHEDULING_REFUSED".to_owned()));
        assert_eq!(stub.look_ups(), 1);
        // It has.
        stub.always(Some(500));
        let id = book_in_vain(&app, 3, ONE).await;
        stub.always(None);
        for (time, status) in [(TWO, "PENDING"), (ONE, "CONFIRMED")] {
            stub.book(|book| *book = vec![held(&id, "ext_1", time)]);
            stub.once("POST", 409);
            try_again(&app).await;
            app.wait_for(&id, status).await;
        }
        // The same of a move, which is at one of the two times.
        for (at, moved) in [(ONE, false), (TWO, true)] {
            stub.once("PUT", 500);
            stub.once("PUT", 409);
            stub.book(|book| *book = vec![held(&id, "ext_1", at)]);
            let answer = app.reschedule(&id, TWO).await;
            assert_eq!(answer.status.as_u16(), if moved { 200 } else { 409 }, "{answer:?}");
            assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], at);
        }
    }
}

on_both_engines! {
    async fn a_no_is_none_while_an_earlier_call_may_be_under_way_outside(engine) {
        let (stub, app) = stubbed(engine).await;
        // Nobody knows what became of the first call, and nothing is held of it yet.
        let refused_after_silence = || {
            stub.once("POST", 503);
            stub.once("POST", 409);
        };
        refused_after_silence();
        let id = book_in_vain(&app, 1, ONE).await;
        assert_eq!(stub.look_ups(), 1);
        assert_taken(&app, ONE).await;
        // Nor is it asked again before that call can have ended.
        let calls = stub.calls().len();
        app.clock.advance(SignedDuration::from_secs(3));
        app.settling.settle_due().await.unwrap();
        assert_eq!((stub.calls().len(), app.status_of(&id).await), (calls, "PENDING".into()));
        // By then the service has acted.
        stub.book(|book| book.push(held(&id, "ext_1", ONE)));
        stub.once("POST", 409);
        try_again(&app).await;
        app.wait_for(&id, "CONFIRMED").await;
        // Another time it has not.
        refused_after_silence();
        let id = book_in_vain(&app, 2, TWO).await;
        stub.once("POST", 409);
        try_again(&app).await;
        app.wait_for(&id, "FAILED").await;
    }
}

on_both_engines! {
    async fn a_cancel_frees_nothing_that_an_earlier_call_may_still_book(engine) {
        let (stub, app) = stubbed(engine).await;
        stub.always(Some(503));
        let id = book_in_vain(&app, 1, ONE).await;
        stub.always(None);
        stub.once("POST", 409);
        assert_eq!(app.cancel(&id).await.status, 202);
        assert_taken(&app, ONE).await;
        stub.book(|book| book.push(held(&id, "ext_1", ONE)));
        stub.once("POST", 409);
        try_again(&app).await;
        app.wait_for(&id, "CANCELLED").await;
        assert_eq!(stub.book(|book| book.len()), 0, "it was cancelled there");
    }
}

on_both_engines! {
    async fn what_the_service_cannot_act_on_is_a_no_once_it_holds_nothing_of_it(engine) {
        let (stub, app) = stubbed(engine).await;
        for (number, status) in [400, 413, 422].into_iter().enumerate() {
            stub.once("POST", status);
            let refused = app.book(&with_jane(number, ONE)).await;
            assert_eq!(refused.problem(), (409, "SCHEDULING_REFUSED".to_owned()), "{status}");
            assert_eq!(app.status_of(&id_of(&refused.json())).await, "FAILED");
            assert_eq!(app.unsettled().await, 0);
        }
        // Not without the look-up.
        for _try in 0..2 {
            stub.once("POST", 400);
            stub.once("GET", 500);
        }
        let id = book_in_vain(&app, 4, ONE).await;
        stub.once("POST", 400);
        try_again(&app).await;
        app.wait_for(&id, "FAILED").await;
        // A move keeps its time, and is found at it.
        let id = one_confirmed(&app, 5, ONE).await;
        for status in [400, 413, 422] {
            stub.once("PUT", status);
            let stayed = app.reschedule(&id, TWO).await;
            assert_eq!(stayed.problem(), (409, "SCHEDULING_REFUSED".to_owned()), "{status}");
            assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["time"], ONE);
        }
        assert_eq!(app.cancel(&id).await.status, 200);
    }
}

on_both_engines! {
    async fn a_fault_of_our_own_is_told_once_and_refuses_nobody(engine) {
        capture();
        let (stub, app) = stubbed(engine).await;
        let mut waiting = Vec::new();
        for status in [401, 403, 404, 405, 415] {
            for number in 0..2 {
                for _try in 0..2 {
                    stub.once("POST", status);
                }
                let day = 11 + waiting.len() % 5;
                let time = format!("2027-01-{day}T{}:00:00Z", 14 + waiting.len() / 5);
                waiting.push(book_in_vain(&app, number + waiting.len() * 2, &time).await);
            }
        }
        for status in [401, 403, 404, 405, 415] {
            let service = stub.url.trim_start_matches("http://");
            let told = format!("at {service} does not accept our calls (status {status}): ");
            assert_eq!(logged().matches(&told).count(), 1, "{status}");
        }
        app.let_time_settle().await;
        for id in waiting {
            assert_eq!(app.status_of(&id).await, "CONFIRMED");
        }
    }
}

on_both_engines! {
    async fn a_cancel_is_never_refused(engine) {
        let (stub, app) = stubbed(engine).await;
        for (number, status) in [400, 401, 403, 405, 409, 413, 415, 422].into_iter().enumerate() {
            let id = one_confirmed(&app, number, ONE).await;
            stub.once("DELETE", status);
            stub.once("DELETE", status);
            assert_eq!(app.cancel(&id).await.status, 202, "{status}");
            assert_taken(&app, ONE).await;
            try_again(&app).await;
            app.wait_for(&id, "CANCELLED").await;
        }
    }
}

on_both_engines! {
    async fn the_token_goes_with_every_call_and_the_mock_asks_for_it(engine) {
        capture();
        let stub = StubScheduler::start().await;
        let app = TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url)
            .setting("SCHEDULER_TOKEN", TOKEN).spawn().await;
        let id = one_confirmed(&app, 1, ONE).await;
        assert_eq!(app.reschedule(&id, TWO).await.status, 200);
        assert_eq!(app.cancel(&id).await.status, 200);
        app.settling.reconcile(&clinic::access::Actor::operator()).await.unwrap();
        let expected = format!("Bearer {TOKEN}");
        assert!(stub.tokens().len() > 3 && stub.tokens().iter().all(|token| *token == expected));
        let app = TestApp::builder(engine).setting("SCHEDULER_TOKEN", TOKEN).spawn().await;
        one_confirmed(&app, 1, ONE).await;
        let nobody = reqwest::Client::builder().no_proxy().build().unwrap()
            .get(format!("{}/appointments?reference=apt_1", app.scheduler_url));
        assert_eq!(TestApp::send(nobody).await.status, 401);
        assert!(!logged().contains(TOKEN));
    }
}

on_both_engines! {
    async fn a_database_that_holds_an_id_twice_is_migrated_and_cancelling_one_leaves_the_other(engine) {
        let app = TestApp::spawn(engine).await;
        let times = [ONE, TWO, THREE, "2027-01-11T15:30:00Z"];
        let mut ids = Vec::new();
        for (number, time) in times.into_iter().enumerate() {
            ids.push(one_confirmed(&app, number, time).await);
        }
        assert_eq!(app.cancel(&ids[0]).await.status, 200);
        let database = Arc::clone(&app.database);
        app.stop().await;
        // As a release before had it that believed the service: one id for a cancelled and two others.
        for sql in [
            "DROP INDEX appointment_external_id_key".to_owned(),
            "DELETE FROM seaql_migrations WHERE version = 'm20261126_000004_external_id'".to_owned(),
            format!("UPDATE appointment SET external_id =
                (SELECT external_id FROM appointment AS true_one WHERE true_one.starts_at = {at})
                WHERE starts_at < {at}", at = Bulk(engine).instant("900")),
        ] {
            database.execute(&sql).await.unwrap();
        }
        let app = TestApp::builder(engine).spawn_on(database).await;
        assert_eq!(app.cancel(&ids[1]).await.status, 200);
        assert_eq!(app.cancel(&ids[2]).await.status, 200);
        assert_eq!(app.status_of(&ids[3]).await, "CONFIRMED");
        assert_eq!(app.live_outside(&ids[3]).await.len(), 1);
        let twice = "UPDATE appointment SET external_id = 'one for all'";
        let refused = app.database.execute(twice).await.unwrap_err();
        assert!(refused.contains("external_id"), "{refused}");
    }
}
