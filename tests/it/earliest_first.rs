//! What is booked without a time asked for is the earliest that is free when it is committed: what was
//! changed after the search, by whomever, is seen under the provider's lock.

use clinic::db::DatabaseCommand;
use jiff::SignedDuration;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;

use crate::support::{
    Answer, Engine, RosterBuilder, TestApp, comes_true, id_of, on_both_engines, patient, provider,
};

const JANE: &str = "(SELECT id FROM provider WHERE name = 'Dr. Jane Doe')";

/// Keeps from booking with Dr. Jane Doe whoever has not her lock yet, until it commits.
async fn begin(app: &TestApp, engine: Engine) -> DatabaseConnection {
    let other = app.database.connect().await;
    let lock = match engine {
        Engine::Sqlite => "BEGIN IMMEDIATE".to_owned(),
        Engine::Postgres => format!(
            "BEGIN; SELECT pg_advisory_xact_lock(
                ('x' || right(replace({JANE}::text, '-', ''), 16))::bit(64)::bigint)"
        ),
    };
    other.execute_unprepared(&lock).await.unwrap();
    other
}

async fn book_first(app: &TestApp, number: usize) -> Answer {
    let answer = app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

fn start(answer: &Answer) -> String {
    answer.json()["time"].as_str().unwrap().to_owned()
}

/// Books the first time that is free while `edit` is committed: after the search, and before the lock is
/// had.
async fn booked_during(app: &TestApp, engine: Engine, edit: &str) -> String {
    let editing = begin(app, engine).await;
    // What is in memory is not fresh enough any more to book by it without a look.
    app.clock.advance(SignedDuration::from_secs(1));
    editing.execute_unprepared(edit).await.unwrap();
    let mut watch = app.db.watch();
    let asked = json!({ "patient": patient(9, "CT", "Aetna") });
    let request = app.request(reqwest::Method::POST, "/appointment").json(&asked);
    let booking = tokio::spawn(TestApp::send(request));
    loop {
        let sent = watch.recv().await.unwrap();
        if matches!(&sent, DatabaseCommand::Statement(text) if text.contains("busy_version")) {
            break;
        }
    }
    editing.execute_unprepared("COMMIT").await.unwrap();
    let booked = booking.await.unwrap();
    assert_eq!(booked.status, 201, "{booked:?}");
    start(&booked)
}

/// A clinic where Dr. Jane Doe has the first four times booked, the last of which was cancelled; and
/// those times, with the fifth.
async fn four_times(engine: Engine) -> (TestApp, Vec<String>) {
    let roster =
        RosterBuilder::default().with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"));
    // Nobody outside, who would take a time that was freed past us for taken.
    let app =
        TestApp::builder(engine).roster(roster).setting("SCHEDULER_URL", "none").spawn().await;
    let (mut times, mut ids) = (Vec::new(), Vec::new());
    for number in 0..5 {
        let answer = book_first(&app, number).await;
        times.push(start(&answer));
        ids.push(id_of(&answer.json()));
    }
    for id in [&ids[4], &ids[3]] {
        assert_eq!(app.cancel(id).await.status, 200);
    }
    app.until_settled().await;
    // Until then what the log tells is read each time, wherever it stands.
    let to_place = "SELECT count(*) FROM appointment_event WHERE position IS NULL";
    assert!(comes_true(async || app.database.number(to_place).await == 0).await);
    (app, times)
}

fn set_status(time: &str, status: &str) -> String {
    // As both engines write an instant.
    let time = time.replace('Z', "+00:00");
    format!("UPDATE appointment SET status = '{status}' WHERE starts_at = '{time}'")
}

on_both_engines! {
    async fn what_is_freed_after_the_search_is_booked_and_what_is_taken_is_not(engine) {
        for (taken, status, expected) in [(1, "CANCELLED", 1), (3, "CONFIRMED", 4)] {
            let (app, times) = four_times(engine).await;
            let booked = booked_during(&app, engine, &set_status(&times[taken], status)).await;
            assert_eq!(booked, times[expected], "{times:?}");
        }
    }
}

on_both_engines! {
    async fn a_log_that_does_not_tell_it_costs_the_earliest_time_and_never_a_booking(engine) {
        // What shows that the test above can fail; and what a failover to a standby would do that lacked
        // the end of the log, whose places are then given anew.
        for (taken, status, expected) in [(1, "CANCELLED", 3), (3, "CONFIRMED", 4)] {
            let (app, times) = four_times(engine).await;
            let version = app.database.number("SELECT version FROM busy_version").await;
            let untold = format!(
                "{}; DELETE FROM appointment_event WHERE position IS NULL OR position > {};
                 UPDATE busy_version SET version = {version}",
                set_status(&times[taken], status),
                app.database.number("SELECT max(position) FROM appointment_event").await,
            );
            let booked = booked_during(&app, engine, &untold).await;
            assert_eq!(booked, times[expected], "{times:?}");
        }
    }
}
