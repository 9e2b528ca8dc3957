//! Everything going wrong at once, by dice with a seed; in the end both books agree.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::support::{
    RosterBuilder, ServerProcess, TestApp, TestDatabase, by_the_real_clock, id_of, on_both_engines,
    patient, provider,
};

const OPENS: &str = "2027-01-11T14:00:00Z";

/// The usual roster and three more who see anybody.
fn six_providers() -> RosterBuilder {
    (0..3).fold(RosterBuilder::usual(), |roster, number| {
        let more = provider(&format!("Dr. {number}")).licensed("CT").licensed("NY");
        roster.with(more.takes("Aetna").takes("Cigna"))
    })
}

/// Ten in a hundred of each fault.
fn everything(seed: u64) -> Value {
    json!({ "error_rate": 0.1, "refuse_rate": 0.1, "drop_rate": 0.1, "lost_reply_rate": 0.1,
        "garbage_rate": 0.1, "latency_ms": 5, "seed": seed })
}

/// What one caller does: books, and perhaps moves or cancels what was booked.
async fn one_caller(app: &TestApp, number: usize) {
    let mut dice = StdRng::seed_from_u64(u64::try_from(number).unwrap());
    let (state, insurance) = if dice.random_bool(0.5) { ("CT", "Aetna") } else { ("NY", "Cigna") };
    // Fewer patients than callers, so that they get into each other's way too.
    let mut body = json!({ "patient": patient(number % 60, state, insurance) });
    let time = |dice: &mut StdRng| {
        let minutes = dice.random_range(0..32) * 15;
        (OPENS.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)).to_string()
    };
    if dice.random_bool(0.4) {
        body["time"] = json!(time(&mut dice));
    }
    let booked = app.book(&body).await;
    let expected = match booked.status.as_u16() {
        201 => "CONFIRMED",
        202 => "PENDING",
        409 | 422 => return,
        _ => panic!("{booked:?}"),
    };
    assert_eq!(booked.json()["status"], expected);
    let id = id_of(&booked.json());
    if dice.random_bool(0.3) {
        let moved = app.reschedule(&id, &time(&mut dice)).await;
        assert!(matches!(moved.status.as_u16(), 200 | 202 | 409 | 422), "{moved:?}");
    }
    if dice.random_bool(0.4) {
        let cancelled = app.cancel(&id).await;
        assert!(matches!(cancelled.status.as_u16(), 200 | 202 | 409), "{cancelled:?}");
    }
}

async fn assert_all_is_final(app: &TestApp) {
    app.faults(&json!({})).await;
    app.settle_everything().await;
    app.assert_agreement_lasts().await;
    assert_eq!(app.database.number("SELECT count(*) FROM outbox").await, 0);
    let book = app.whole_book().await;
    let count = |status: &str| book.iter().filter(|row| row["status"] == status).count();
    assert_eq!((count("PENDING"), count("CANCELLING")), (0, 0), "{book:?}");
    assert!(book.iter().all(|row| row["pendingStartsAt"].is_null()), "{book:?}");
    assert!(count("CONFIRMED") > 20 && count("CANCELLED") > 10, "{book:?}");
}

on_both_engines! {
    async fn after_a_bad_day_both_books_agree(engine) {
        let app = TestApp::builder(engine).roster(six_providers()).spawn().await;
        app.faults(&everything(7)).await;
        let callers = stream::iter(0..150).map(|number| {
            app.clock.advance(SignedDuration::from_secs(1));
            one_caller(&app, number)
        });
        callers.buffer_unordered(8).collect::<Vec<()>>().await;
        app.assert_agreement_at_worst().await;
        assert_all_is_final(&app).await;
    }
}

on_both_engines! {
    async fn after_a_worse_day_at_two_servers_both_books_agree(engine) {
        // Calls are given up while the service still works on them, callers don't wait, and leases
        // lapse while their holders are alive.
        let impatient = || TestApp::builder(engine).roster(six_providers())
            .setting("SCHEDULER_TIMEOUT_MS", "60").setting("ANSWER_WITHIN_MS", "40");
        let one = impatient().spawn().await;
        let other = impatient().setting("SCHEDULER_URL", &one.scheduler_url)
            .spawn_on(Arc::clone(&one.database)).await;
        let weather = [
            everything(1),
            json!({ "latency_ms": 80, "refuse_rate": 0.2, "lost_reply_rate": 0.2, "seed": 2 }),
            json!({ "latency_ms": 20, "refuse_rate": 0.2, "lost_reply_rate": 0.2, "seed": 3 }),
            json!({ "latency_ms": 55, "drop_rate": 0.2, "seed": 4 }),
            json!({}),
        ];
        let callers = stream::iter(0..150_usize).map(|number| {
            let (one, other, weather) = (&one, &other, &weather);
            async move {
                if number % 10 == 0 {
                    one.faults(&weather[number / 10 % weather.len()]).await;
                }
                for server in [one, other] {
                    server.clock.advance(SignedDuration::from_secs(1));
                }
                one_caller(if number % 3 == 0 { other } else { one }, number).await;
            }
        });
        callers.buffer_unordered(10).collect::<Vec<()>>().await;
        one.assert_agreement_at_worst().await;
        assert_all_is_final(&one).await;
    }
}

on_both_engines! {
    async fn what_was_acknowledged_survives_a_server_killed_under_load(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        by_the_real_clock(&database, 0).await.stop().await;
        let mut doomed = ServerProcess::start(&database, &[("ANSWER_WITHIN_MS", "200")]).await;
        doomed.faults(&json!({ "latency_ms": 20, "lost_reply_rate": 0.2, "seed": 5 })).await;
        let bodies: Vec<Value> =
            (0..40).map(|number| json!({ "patient": patient(number, "CT", "Aetna") })).collect();
        let server = &doomed;
        let mut answers = stream::iter(&bodies).map(|body| server.try_book(body)).buffer_unordered(8);
        let mut acknowledged: Vec<Value> = Vec::new();
        while acknowledged.len() < 12 {
            acknowledged.extend(answers.next().await.unwrap());
        }
        // The others are somewhere between asking and being answered.
        drop(answers);
        doomed.kill().await;
        let next = by_the_real_clock(&database, 60).await;
        next.settle_everything().await;
        for told in acknowledged {
            let now = next.get(&format!("/appointment/{}", id_of(&told))).await.json();
            assert_eq!(now["status"], "CONFIRMED", "{told}");
            assert_eq!(now["time"], told["time"]);
        }
    }
}
