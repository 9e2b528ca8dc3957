//! What one part waits for does not take the rest along. SQLite has one writer at a time, and its
//! readers wait for nobody.

use std::time::Duration;

use reqwest::Method;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, TransactionTrait as _};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{
    Answer, Engine, RosterBuilder, TestApp, TestDatabase, comes_true, patient, provider, with_jane,
};

const SLOT: &str = "2027-01-11T15:00:00Z";
/// As many as 60 bookings that fail after the lock time-out, two at a time, would take.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Dr. Jane Doe's row, locked by another program.
async fn jane_locked(app: &TestApp) -> DatabaseTransaction {
    let other = app.database.connect().await;
    let tx = other.begin().await.unwrap();
    let lock = "SELECT id FROM provider WHERE name = 'Dr. Jane Doe' FOR UPDATE";
    tx.execute_unprepared(lock).await.unwrap();
    tx
}

/// Sixty who want to book with her, all at the same time.
fn sixty_with_jane(app: &TestApp) -> JoinSet<Answer> {
    let mut asking = JoinSet::new();
    for number in 0..60 {
        let body = with_jane(number, SLOT);
        asking.spawn(TestApp::send(app.request(Method::POST, "/appointment").json(&body)));
    }
    asking
}

async fn until_somebody_waits_for_the_row(app: &TestApp) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN
        (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    assert!(comes_true(async || app.database.number(waiting).await > 0).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_provider_who_is_locked_takes_nobody_else_along() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let locked = jane_locked(&app).await;
    let mut asking = sixty_with_jane(&app);
    until_somebody_waits_for_the_row(&app).await;
    for number in 100..110 {
        let ready = timeout(AT_ONCE, app.get("/readyz")).await.expect("not ready in time");
        assert_eq!(ready.status, 200, "{ready:?}");
        let other = json!({ "patient": patient(number, "NY", "Cigna") });
        let booked = timeout(AT_ONCE, app.book(&other)).await.expect("not booked in time");
        assert_eq!(booked.status, 201, "{booked:?}");
        let read = timeout(AT_ONCE, app.get("/insurances")).await.expect("not read in time");
        assert_eq!(read.status, 200, "{read:?}");
    }
    // Those who wait for her are told to come again, and none is left with half a visit.
    while let Some(answer) = asking.join_next().await {
        let answer = answer.unwrap();
        assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()), "{answer:?}");
        assert_eq!(answer.header("retry-after"), "1");
    }
    locked.rollback().await.unwrap();
    assert_eq!(app.book(&with_jane(1, SLOT)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_would_see_anybody_is_booked_with_another_than_who_is_locked() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let roster =
        ["Dr. Jane Doe", "Dr. Zoe"].into_iter().fold(RosterBuilder::default(), |roster, name| {
            roster.with(provider(name).licensed("CT").takes("Aetna"))
        });
    let app = TestApp::builder(Engine::Postgres).roster(roster).spawn().await;
    let locked = jane_locked(&app).await;
    let mut booked = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await;
    if booked.status == 201 {
        // Of two who are alike the lower id is asked first, which may have been the other's.
        booked = app.book(&with_jane(2, booked.json()["time"].as_str().unwrap())).await;
        assert_ne!(booked.status, 201);
        booked = app.book(&json!({ "patient": patient(3, "CT", "Aetna") })).await;
    }
    assert_eq!(booked.status, 201, "{booked:?}");
    assert_eq!(booked.json()["provider"], "Dr. Zoe", "{booked:?}");
    locked.rollback().await.unwrap();
}
