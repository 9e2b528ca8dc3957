//! Servers that die or stop, callers who hang up: what was begun is finished by somebody.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::support::{
    Engine, ServerProcess, StubScheduler, TestApp, TestDatabase, assert_taken, book_in_vain,
    by_the_real_clock, comes_true, id_of, john, on_both_engines, patient, with_jane,
};

const TWO: &str = "2027-01-11T14:00:00Z";

async fn until_held(app: &TestApp) {
    assert!(comes_true(async || app.unsettled().await == 1).await, "never held");
}

on_both_engines! {
    async fn another_server_finishes_what_a_killed_one_has_begun(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        by_the_real_clock(&database, 0).await.stop().await;
        let mut doomed = ServerProcess::start(&database, &[("ANSWER_WITHIN_MS", "100")]).await;
        doomed.faults(&json!({ "latency_ms": 60_000 })).await;
        let pending = doomed.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await;
        assert_eq!((pending.status.as_u16(), &pending.json()["scheduled"]), (202, &json!(false)));
        let id = id_of(&pending.json());
        doomed.kill().await;
        // While the lease runs it is the dead server's, and the time is held.
        let next = by_the_real_clock(&database, 0).await;
        assert_eq!(next.settling.settle_due().await.unwrap(), 0);
        assert_eq!(next.status_of(&id).await, "PENDING");
        let asked = json!({ "patient": patient(2, "CT", "Aetna"), "time": pending.json()["time"] });
        assert_eq!(next.book(&asked).await.problem(), (409, "SLOT_TAKEN".to_owned()));
        next.clock.advance(SignedDuration::from_secs(16));
        next.settling.settle_due().await.unwrap();
        next.wait_for(&id, "CONFIRMED").await;
        assert_eq!(next.unsettled().await, 0);
        next.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_server_killed_after_the_service_acted_leaves_no_second_appointment_there(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        by_the_real_clock(&database, 0).await.stop().await;
        let mut doomed = ServerProcess::start(&database, &[("ANSWER_WITHIN_MS", "500")]).await;
        doomed.faults(&json!({ "lost_reply_rate": 1 })).await;
        let mut ids = Vec::new();
        for number in 0..2 {
            let pending = doomed.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
            assert_eq!(pending.status, 202, "{pending:?}");
            ids.push(id_of(&pending.json()));
        }
        doomed.kill().await;
        let next = by_the_real_clock(&database, 40).await;
        assert_eq!(next.ledger().await.len(), 2);
        next.settle_everything().await;
        for id in ids {
            assert_eq!(next.status_of(&id).await, "CONFIRMED");
        }
        assert_eq!(next.ledger().await.len(), 2);
    }
}

on_both_engines! {
    async fn two_servers_on_one_database_settle_each_booking_once(engine) {
        let stub = StubScheduler::start().await;
        let database = Arc::new(TestDatabase::create(engine).await);
        let server = || TestApp::builder(engine).setting("SCHEDULER_URL", &stub.url)
            .spawn_on(Arc::clone(&database));
        let (one, other) = (server().await, server().await);
        let mut bookings = Vec::new();
        for number in 0..8_i64 {
            // Refused credentials leave a booking pending without opening the breaker.
            stub.once("POST", 401);
            stub.once("POST", 401);
            let time = TWO.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(30 * number);
            bookings.push(book_in_vain(&one, usize::try_from(number).unwrap(), &time.to_string()).await);
        }
        let before = stub.calls().len();
        for app in [&one, &other] {
            app.clock.advance(SignedDuration::from_secs(20));
        }
        let settle = || async {
            let (first, second) = tokio::join!(one.settling.settle_due(), other.settling.settle_due());
            first.unwrap() + second.unwrap()
        };
        settle().await;
        one.until_settled().await;
        assert_eq!(stub.calls().len() - before, bookings.len(), "{:?}", stub.calls());
        for id in &bookings {
            assert_eq!(other.status_of(id).await, "CONFIRMED");
        }
        assert_eq!(settle().await, 0);
    }
}

on_both_engines! {
    async fn a_caller_who_hangs_up_leaves_nothing_half_done(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "latency_ms": 400 })).await;
        let request = app.request(reqwest::Method::POST, "/appointment").json(&with_jane(1, TWO));
        let asking = tokio::spawn(TestApp::send(request));
        until_held(&app).await;
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
        app.until_settled().await;
        app.assert_agreement().await;
        assert_eq!(app.whole_book().await[0]["status"], "CONFIRMED");
        assert_taken(&app, TWO).await;
    }
}

on_both_engines! {
    async fn a_server_told_to_stop_answers_what_it_has_begun(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        let app = TestApp::builder(engine).spawn_on(Arc::clone(&database)).await;
        app.faults(&json!({ "latency_ms": 400 })).await;
        let request = app.request(reqwest::Method::POST, "/appointment").json(&with_jane(1, TWO));
        let asked = tokio::spawn(TestApp::send(request));
        until_held(&app).await;
        app.stop().await;
        let answer = asked.await.unwrap();
        assert_eq!((answer.status.as_u16(), &answer.json()["scheduled"]), (201, &json!(true)));
        let next = TestApp::builder(engine).spawn_on(database).await;
        assert_eq!(next.unsettled().await, 0);
        next.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_server_told_to_stop_finishes_what_its_callers_did_not_wait_for(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        let server = || TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "50")
            .spawn_on(Arc::clone(&database));
        let app = server().await;
        app.faults(&json!({ "latency_ms": 300 })).await;
        let id = book_in_vain(&app, 1, TWO).await;
        app.stop().await;
        let next = server().await;
        assert_eq!(next.status_of(&id).await, "CONFIRMED");
        assert_eq!(next.unsettled().await, 0);
        next.assert_agreement().await;
    }
}

on_both_engines! {
    async fn sabotage_without_its_outbox_row_a_booking_is_never_settled(engine) {
        // What shows that the recoveries above are the outbox's doing.
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "down": true })).await;
        let id = book_in_vain(&app, 1, TWO).await;
        app.database.execute("DELETE FROM outbox").await.unwrap();
        app.faults(&json!({})).await;
        for _round in 0..20 {
            app.clock.advance(SignedDuration::from_mins(1));
            app.settling.settle_due().await.unwrap();
        }
        assert_eq!(app.status_of(&id).await, "PENDING");
    }
}

on_both_engines! {
    async fn sabotage_without_the_unanswered_key_an_orphan_stays_outside(engine) {
        // What shows that the repeated call undoes what nobody heard of, and that the check sees it.
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "lost_reply_rate": 1 })).await;
        let id = book_in_vain(&app, 1, TWO).await;
        app.database.execute("UPDATE outbox SET unanswered_key = NULL").await.unwrap();
        app.faults(&json!({})).await;
        app.clock.advance(SignedDuration::from_mins(15));
        app.settling.settle_due().await.unwrap();
        app.wait_for(&id, "EXPIRED").await;
        assert_eq!(app.live_outside(&id).await.len(), 1);
    }
}

/// A race that the database breaks: the first change to that status fails, as a deadlock does.
const LOSE_ONCE: &str = "
    CREATE SEQUENCE losses;
    CREATE FUNCTION lose_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('losses') = 1 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER lose_once BEFORE UPDATE OF status ON appointment FOR EACH ROW
        WHEN (NEW.status = 'CONFIRMED') EXECUTE FUNCTION lose_once();";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_loses_a_race_when_it_is_stored_is_stored_all_the_same() {
    // SQLite has one writer at a time, which loses no races.
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    app.database.execute(LOSE_ONCE).await.unwrap();
    // A trigger that is new is looked at before a booking is taken.
    assert_eq!(app.get("/readyz").await.status, 200);
    let booked = app.book(&json!({ "patient": john() })).await;
    assert_eq!(app.database.number("SELECT last_value FROM losses").await, 2, "no race was lost");
    assert_eq!(
        (booked.status.as_u16(), &booked.json()["status"]),
        (201, &json!("CONFIRMED")),
        "{booked:?}"
    );
    assert_eq!((app.unsettled().await, app.ledger().await.len()), (0, 1));
}
