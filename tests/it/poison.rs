//! A scheduling service that stumbles over some visits, of one provider or one name, whatever is asked:
//! their trouble stays with them.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    RosterBuilder, TestApp, book_in_vain, comes_true, id_of, on_both_engines, patient, stubbed,
    with_jane,
};

const POISONED: usize = 20;
const OTHERS: usize = 30;

/// A visit of the nth patient, each at a time of its own.
fn visit(number: usize, provider: &str) -> Value {
    let (day, half_hour) = (12 + number / 16, number % 16);
    let minute = 14 * 60 + half_hour * 30;
    let time = format!("2027-01-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60);
    json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time })
}

/// Books poison and, after each of the first ten and then at once, what is none; how many of the others
/// are confirmed at once.
async fn confirmed_among_poison(app: &TestApp, poison: &[Value], others: &[Value]) -> usize {
    let mut poison = poison.iter();
    let mut confirmed = 0;
    for visit in poison.by_ref().take(POISONED / 2) {
        assert_ne!(app.book(visit).await.status, 201);
    }
    for visit in others {
        if let Some(poison) = poison.next() {
            assert_ne!(app.book(poison).await.status, 201);
        }
        confirmed += usize::from(app.book(visit).await.status == 201);
    }
    confirmed
}

/// How many of the book have each status, but for visits with that provider.
async fn fates_of_others(app: &TestApp, provider: &str) -> Vec<String> {
    let book = app.whole_book().await;
    let others = book.iter().filter(|row| row["provider"]["id"] != provider);
    let mut fates: Vec<String> =
        others.map(|row| row["status"].as_str().unwrap().to_owned()).collect();
    fates.sort();
    fates.dedup();
    fates
}

on_both_engines! {
    async fn twenty_visits_of_a_provider_that_the_service_stumbles_over_stop_nobody_else(engine) {
        for status in [500, 400, 501] {
            let app = TestApp::builder(engine).roster(RosterBuilder::alike(3))
                .setting("HOLD_MINUTES", "2").spawn().await;
            let [bad, good] = [app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await];
            app.faults(&json!({ "poisoned_provider": bad, "poison_status": status })).await;
            let poison: Vec<Value> = (0..POISONED).map(|n| visit(n, &bad)).collect();
            let others: Vec<Value> = (0..OTHERS).map(|n| visit(100 + n, &good)).collect();
            assert_eq!(confirmed_among_poison(&app, &poison, &others).await, OTHERS, "{status}");
            // Past the time that is held for whoever waits.
            for _ in 0..3 {
                app.clock.advance(SignedDuration::from_mins(1));
                app.settling.settle_due().await.unwrap();
            }
            assert_eq!(fates_of_others(&app, &bad).await, ["CONFIRMED"], "{status}");
            assert_eq!(app.book(&visit(150, &good)).await.status, 201);
            app.faults(&json!({})).await;
            app.settle_everything().await;
        }
    }
}

on_both_engines! {
    async fn a_provider_for_whom_the_service_hangs_or_is_away_stops_nobody_else(engine) {
        for (status, latency_ms) in [(500, 1_000), (503, 0)] {
            let app = TestApp::builder(engine).roster(RosterBuilder::alike(3))
                .setting("SCHEDULER_TIMEOUT_MS", "400").setting("SCHEDULER_CONNECT_TIMEOUT_MS", "300")
                .setting("HOLD_MINUTES", "2").spawn().await;
            let [bad, good] = [app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await];
            app.faults(&json!({
                "poisoned_provider": bad, "poison_status": status, "poison_latency_ms": latency_ms,
            })).await;
            let poison: Vec<Value> = (0..POISONED).map(|n| visit(n, &bad)).collect();
            let (first, more) = poison.split_at(POISONED / 2);
            let poisoned = |visits: &[Value]| {
                let (app, visits) = (&app, visits.to_vec());
                join_all(visits.into_iter().map(async |visit| app.book(&visit).await.status))
            };
            assert!(poisoned(first).await.iter().all(|status| *status == 202));
            let others = async {
                let mut confirmed = 0;
                for number in 0..OTHERS {
                    confirmed += usize::from(app.book(&visit(100 + number, &good)).await.status == 201);
                }
                confirmed
            };
            let (poison, confirmed) = tokio::join!(poisoned(more), others);
            assert!(poison.iter().all(|status| *status == 202), "{poison:?}");
            assert_eq!(confirmed, OTHERS, "{status}");
            for _ in 0..3 {
                app.clock.advance(SignedDuration::from_mins(1));
                app.settling.settle_due().await.unwrap();
            }
            assert_eq!(fates_of_others(&app, &bad).await, ["CONFIRMED"], "{status}");
            app.faults(&json!({})).await;
            app.settle_everything().await;
        }
    }
}

on_both_engines! {
    async fn whose_visits_keep_failing_comes_last_among_equals(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2))
            .setting("HOLD_MINUTES", "60").spawn().await;
        let mut ids = [app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await];
        ids.sort_unstable();
        let [bad, good] = ids;
        let first = async || app.get("/appointments/first-available?state=CT&insurance=Aetna").await.json();
        // On another day than the first free time, which both have: the lower id wins.
        app.faults(&json!({ "poisoned_provider": bad })).await;
        assert_eq!(app.book(&visit(100, &bad)).await.status, 202);
        assert_eq!(first().await["provider_id"], bad.as_str());
        let gives_way = comes_true(async || {
            app.clock.advance(SignedDuration::from_secs(1));
            app.settling.settle_due().await.unwrap();
            first().await["provider_id"] == good.as_str()
        });
        assert!(gives_way.await, "{:?}", first().await);
        let booked = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await;
        assert_eq!((booked.status.as_u16(), &booked.json()["provider_id"]), (201, &json!(good)));
        // Whoever asks for them is not sent away, and has the earlier time.
        let asked = app.get(&format!("/appointments/first-available?provider_id={bad}")).await.json();
        assert_eq!(asked["provider_id"], bad.as_str());
        app.faults(&json!({})).await;
        app.settle_everything().await;
        assert!(comes_true(async || first().await["provider_id"] == bad.as_str()).await);
    }
}

on_both_engines! {
    async fn twenty_names_that_the_service_stumbles_over_stop_nobody_else(engine) {
        for status in [500, 400] {
            let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
            let providers = [app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await];
            app.faults(&json!({ "poisoned_name": "Poison", "poison_status": status })).await;
            let poison: Vec<Value> = (0..POISONED).map(|n| {
                let mut visit = visit(n, &providers[0]);
                visit["patient"]["name"] = json!(format!("Poison {n}"));
                visit
            }).collect();
            let others: Vec<Value> =
                (0..OTHERS).map(|n| visit(100 + n, &providers[n % 2])).collect();
            // Some want the same times as poison, with the same provider.
            let free: Vec<Value> = others.into_iter().filter(|other| {
                poison.iter().all(|poison| (&poison["time"], &poison["provider_id"])
                    != (&other["time"], &other["provider_id"]))
            }).collect();
            let confirmed = confirmed_among_poison(&app, &poison, &free).await;
            assert_eq!(confirmed, free.len(), "{status}");
            app.faults(&json!({})).await;
            app.settle_everything().await;
        }
    }
}

on_both_engines! {
    async fn what_keeps_failing_is_tried_less_and_less(engine) {
        let (stub, app) = stubbed(engine).await;
        let id = id_of(&app.book(&with_jane(1, "2027-01-11T20:00:00Z")).await.json());
        stub.always(Some(500));
        assert_eq!(app.cancel(&id).await.status, 202);
        let before = stub.calls().len();
        for _ in 0..120 {
            app.clock.advance(SignedDuration::from_secs(30));
            app.settling.settle_due().await.unwrap();
        }
        let tries = stub.calls().len() - before;
        // One pause is at least half of 2, 4, 8 … 300 seconds.
        assert!((12..=34).contains(&tries), "{tries} tries in an hour");
        let failing = "SELECT count(*) FROM outbox WHERE failing AND failures > 10";
        assert_eq!(app.database.number(failing).await, 1);
    }
}

/// Lets that many bookings fail until they wait apart, then keeps all of them waiting for long.
async fn poisoned(app: &TestApp, count: usize) {
    let provider = app.provider_id("Dr. 000").await;
    app.faults(&json!({ "error_rate": 1 })).await;
    for number in 0..count {
        assert_eq!(app.book(&visit(number, &provider)).await.status, 202);
    }
    let apart = "SELECT count(*) FROM outbox WHERE failing AND lease_token IS NULL";
    let all_apart = comes_true(async || {
        app.clock.advance(SignedDuration::from_secs(1));
        app.settling.settle_due().await.unwrap();
        app.database.number(apart).await == i64::try_from(count).unwrap()
    });
    assert!(all_apart.await, "not all wait apart");
}

on_both_engines! {
    async fn what_fails_waits_apart_and_keeps_nothing_fresh_waiting(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2))
            .setting("HOLD_MINUTES", "60").spawn().await;
        poisoned(&app, 25).await;
        app.database.execute("UPDATE outbox SET due_at = created_at").await.unwrap();
        let other = app.provider_id("Dr. 001").await;
        let fresh = id_of(&app.book(&visit(100, &other)).await.json());
        app.faults(&json!({ "poisoned_provider": app.provider_id("Dr. 000").await })).await;
        app.clock.advance(SignedDuration::from_secs(5));
        // One round: the oldest are due as well, and more than a round takes.
        app.settling.settle_due().await.unwrap();
        app.wait_for(&fresh, "CONFIRMED").await;
    }
}

on_both_engines! {
    async fn one_answer_brings_the_others_that_failed(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2))
            .setting("HOLD_MINUTES", "60").spawn().await;
        poisoned(&app, 25).await;
        let late = "UPDATE outbox SET due_at = '2027-01-11T13:00:00+00:00'";
        app.database.execute(late).await.unwrap();
        app.faults(&json!({})).await;
        app.settling.settle_due().await.unwrap();
        assert_eq!(app.unsettled().await, 25, "none is due");
        let one = "UPDATE outbox SET due_at = created_at WHERE appointment_id =
            (SELECT appointment_id FROM outbox ORDER BY created_at LIMIT 1)";
        app.database.execute(one).await.unwrap();
        // The clock stands still: what is due is what was made due.
        let drained = comes_true(async || {
            app.settling.settle_due().await.unwrap();
            app.unsettled().await == 0
        });
        assert!(drained.await, "{} are left", app.unsettled().await);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn whether_the_service_is_back_is_tried_with_what_came_last(engine) {
        let (stub, app) = stubbed(engine).await;
        stub.always(Some(503));
        for (number, time) in ["14:00", "14:30", "15:00"].iter().enumerate() {
            book_in_vain(&app, number, &format!("2027-01-11T{time}:00Z")).await;
        }
        app.clock.advance(SignedDuration::from_secs(60));
        let newest = book_in_vain(&app, 3, "2027-01-11T15:30:00Z").await;
        let sent = stub.calls().len();
        assert_eq!(sent, 5, "the breaker is open: {:?}", stub.calls());
        // Five seconds, by the breaker's own clock.
        assert!(comes_true(async || stub.calls().len() > sent).await, "never tried");
        assert!(stub.calls()[sent].contains(&newest), "{newest}: {:?}", stub.calls());
    }
}

on_both_engines! {
    async fn while_the_breaker_is_open_what_waits_costs_nothing(engine) {
        let (stub, app) = stubbed(engine).await;
        stub.always(Some(503));
        for (number, time) in ["14:00", "14:30", "15:00", "15:30", "16:00"].iter().enumerate() {
            book_in_vain(&app, number, &format!("2027-01-11T{time}:00Z")).await;
        }
        app.clock.advance(SignedDuration::from_secs(20));
        let rounds = async {
            for _ in 0..20 {
                assert_eq!(app.settling.settle_due().await.unwrap(), 0);
            }
        };
        let mut watch = app.db.watch();
        rounds.await;
        let mut sent = Vec::new();
        while let Ok(command) = watch.try_recv() {
            sent.push(format!("{command:?}"));
        }
        // One look, by an index, for what ends.
        let looks = |one: &&String| one.contains("outbox") && one.contains("ends_at\\\" <=");
        assert!(sent.iter().filter(looks).count() >= 20, "{sent:?}");
        let more = sent.iter().filter(|one| !looks(one));
        let more: Vec<_> = more.filter(|one| one.contains("outbox")).collect();
        assert!(more.is_empty(), "{more:?}");
    }
}
