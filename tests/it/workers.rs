//! What works in the background is watched: one that panics is seen, and works again.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::support::{TestApp, book_in_vain, comes_true, on_both_engines};

const TIME: &str = "2027-01-11T14:00:00Z";

on_both_engines! {
    async fn a_worker_that_panics_is_told_by_readyz_and_begins_anew(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "300").spawn().await;
        app.faults(&json!({ "down": true })).await;
        let id = book_in_vain(&app, 1, TIME).await;
        assert_eq!(app.get("/readyz").await.status, 200);
        // Nobody asks for anything: the next to look at the clock is a worker, sooner or later the outbox.
        let told = comes_true(async || {
            let answer = app.get("/readyz").await;
            if answer.status == 200 {
                app.clock.panic_once();
            }
            let seen = answer.json();
            let (code, detail) = (seen["code"].as_str(), seen["detail"].as_str().unwrap_or_default());
            assert!(answer.status == 200 || code == Some("UNAVAILABLE"), "{seen}");
            assert!(answer.status == 200 || detail.starts_with("Not at work: "), "{seen}");
            detail.split([':', ',']).any(|worker| worker.trim() == "outbox")
        });
        assert!(told.await);
        app.clock.panic_never();
        assert!(comes_true(async || app.get("/readyz").await.status == 200).await);
        // And it does its work again, by itself.
        app.faults(&json!({})).await;
        app.clock.advance(jiff::SignedDuration::from_mins(1));
        app.wait_for(&id, "CONFIRMED").await;
    }
}

on_both_engines! {
    async fn all_of_a_shutdown_takes_no_longer_than_its_one_deadline(engine) {
        let within = Duration::from_secs(2);
        let app = TestApp::builder(engine)
            .setting("SHUTDOWN_TIMEOUT_MS", "2000")
            .setting("SCHEDULER_TIMEOUT_MS", "60000")
            .setting("ANSWER_WITHIN_MS", "60000")
            .spawn()
            .await;
        // A request that never ends, one that waits for a service that does not answer, and what
        // the outbox has to settle there as well.
        let mut endless = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
        endless.write_all(b"POST /appointment HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{").await.unwrap();
        app.faults(&json!({ "latency_ms": 60_000 })).await;
        let waits = app.request(Method::POST, "/appointment").json(&crate::support::with_jane(1, TIME));
        let waiting = tokio::spawn(waits.send());
        let rows = async || app.database.number("SELECT count(*) FROM appointment").await == 1;
        assert!(comes_true(rows).await);
        // What the test's own database takes to go is none of the server's time.
        let database = app.database.clone();
        let told_at = Instant::now();
        app.stop().await;
        let took = told_at.elapsed();
        drop(database);
        assert!(took < within * 3 / 2, "{took:?}");
        waiting.abort();
        drop(endless);
    }
}
