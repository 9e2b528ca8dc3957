//! Replicas share the clock of their database: one whose own is wrong is no trouble to the others.

use jiff::SignedDuration;
use serde_json::json;

use crate::support::{Engine, TestApp, TestDatabase, patient};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_replica_with_a_wrong_clock_holds_lapses_in_time() {
    // SQLite's is one machine's alone.
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    for minutes in [5, -5] {
        let wrong = SignedDuration::from_mins(minutes);
        let app = TestApp::builder(Engine::Postgres)
            .by_a_machines_clock(wrong)
            .setting("ANSWER_WITHIN_MS", "50")
            .spawn()
            .await;
        app.faults(&json!({ "latency_ms": 60_000 })).await;
        let pending = app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await;
        assert_eq!(pending.status, 202, "{pending:?}");
        let seconds = |column: &str| {
            format!(
                "SELECT extract(epoch FROM max({column}) - clock_timestamp())::bigint FROM outbox"
            )
        };
        let leased = app.database.number(&seconds("leased_until")).await;
        assert!((5..=16).contains(&leased), "{minutes}: leased for {leased} s");
        let due = app.database.number(&seconds("due_at")).await;
        assert!((-10..=16).contains(&due), "{minutes}: due in {due} s");
    }
}
