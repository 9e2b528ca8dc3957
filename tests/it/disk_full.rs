//! A disk that is full: nothing is acknowledged that is not stored, and nothing is lost.
//!
//! SQLite only; a PostgreSQL whose disk is full is its own process and says so by an error.

use serde_json::json;

use crate::support::{Engine, ServerProcess, TestApp, patient};

/// The write-ahead log reaches a megabyte long before it would be checkpointed.
const ONE_MEGABYTE: u32 = 2048;

#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let database = app.database.clone();
    app.stop().await;
    let mut full = ServerProcess::start_on_a_full_disk(&database, ONE_MEGABYTE).await;
    let mut acknowledged = Vec::new();
    let refused = loop {
        assert!(acknowledged.len() < 2000, "the disk never got full");
        let body =
            json!({ "patient": patient(acknowledged.len(), "CT", "Aetna"), "duration_minutes": 5 });
        let answer = full.book(&body).await;
        if !answer.status.is_success() {
            break answer;
        }
        acknowledged.push(answer.json()["appointment_id"].as_str().unwrap().to_owned());
    };
    assert_eq!(refused.problem(), (503, "UNAVAILABLE".to_owned()));
    assert_eq!(refused.header("retry-after"), "1");
    let words = refused.text.to_lowercase();
    assert!(
        !words.contains("disk") && !words.contains("sqlite") && !words.contains("full"),
        "{words}"
    );
    // It still answers what needs no room.
    let last = acknowledged.last().expect("there was room for one");
    assert_eq!(full.get(&format!("/appointment/{last}")).await.status, 200);
    full.kill().await;

    // With room again, everything acknowledged is there, and the book is sound.
    let again = ServerProcess::start(&database, &[]).await;
    for id in &acknowledged {
        let answer = again.get(&format!("/appointment/{id}")).await;
        assert_eq!(answer.status, 200, "{id} was acknowledged and is lost");
    }
    let body = json!({ "patient": patient(9999, "CT", "Aetna") });
    assert_eq!(again.book(&body).await.status, 201);
    assert_eq!(
        database
            .number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
            .await,
        0
    );
}
