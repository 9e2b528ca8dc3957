//! No booking is committed against a rule that was committed before it began: what was judged without
//! a lock is judged again under the provider's.

use clinic::db::DatabaseCommand;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::json;

use crate::support::{
    Answer, Bulk, Engine, RosterBuilder, TestApp, on_both_engines, patient, provider,
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

/// Books while `edit` is committed, after the roster was read and before the lock is had.
async fn booked_during(app: &TestApp, engine: Engine, edit: &str) -> Answer {
    let editing = begin(app, engine).await;
    editing.execute_unprepared(edit).await.unwrap();
    let mut watch = app.db.watch();
    let asked = json!({ "patient": patient(1, "CT", "Aetna"), "time": "2027-01-12T15:00:00Z" });
    let request = app.request(reqwest::Method::POST, "/appointment").json(&asked);
    let booking = tokio::spawn(TestApp::send(request));
    // Whoever looks who is busy has read the roster.
    loop {
        let sent = watch.recv().await.unwrap();
        if matches!(&sent, DatabaseCommand::Statement(text) if text.contains("FROM appointment")) {
            break;
        }
    }
    editing.execute_unprepared("COMMIT").await.unwrap();
    booking.await.unwrap()
}

async fn jane(engine: Engine) -> TestApp {
    let roster =
        RosterBuilder::default().with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"));
    TestApp::builder(engine).roster(roster).spawn().await
}

fn time_off(engine: Engine) -> String {
    let (bulk, id) = (Bulk(engine), Bulk(engine).random_id());
    let (from, to) = (bulk.instant("24 * 60"), bulk.instant("72 * 60"));
    format!(
        "INSERT INTO time_off (id, provider_id, starts_at, ends_at) VALUES ({id}, {JANE}, {from}, {to})"
    )
}

on_both_engines! {
    async fn what_is_committed_before_the_lock_is_had_counts_for_the_booking(engine) {
        for (edit, told) in [
            (time_off(engine), "PROVIDER_AWAY"),
            (format!("INSERT INTO date_override VALUES ({JANE}, '2027-01-12')"), "PROVIDER_AWAY"),
            ("INSERT INTO closed_day VALUES ('2027-01-12', 'A holiday')".to_owned(), "PROVIDER_AWAY"),
            ("UPDATE working_hours SET opens_at = '12:00'".to_owned(), "OUTSIDE_WORKING_HOURS"),
            ("UPDATE provider SET active = (1 = 0)".to_owned(), "NO_MATCHING_PROVIDER"),
            ("UPDATE provider_state SET valid_until = '2027-01-11'".to_owned(), "NO_MATCHING_PROVIDER"),
            ("UPDATE clinic_rules SET notice_minutes = 10000".to_owned(), "NOTICE_TOO_SHORT"),
        ] {
            let app = jane(engine).await;
            let answer = booked_during(&app, engine, &edit).await;
            assert_eq!(answer.problem().1, told, "{edit}: {answer:?}");
            assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
        }
    }
}

on_both_engines! {
    async fn without_the_note_of_what_has_changed_it_would_not_be_seen(engine) {
        // What shows that the test above can fail.
        let app = jane(engine).await;
        let edit = format!("{}; DELETE FROM provider_change", time_off(engine));
        let answer = booked_during(&app, engine, &edit).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}
