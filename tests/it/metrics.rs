//! What `/metrics` tells of a server, beside what it counts of operations.

use clinic::domain::{Clock as _, SystemClock};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::json;

use crate::support::{
    Engine, ServerProcess, TestDatabase, WebSocketClient, comes_true, on_both_engines, patient,
};

/// What a series is at; none where it is not told.
async fn told(server: &ServerProcess, series: &str) -> Option<f64> {
    let text = server.get("/metrics").await.text;
    let prefix = format!("{series} ");
    text.lines().find_map(|line| line.strip_prefix(&prefix)?.parse().ok())
}

async fn becomes(server: &ServerProcess, series: &str, is: impl Fn(f64) -> bool) {
    let seen = comes_true(async || told(server, series).await.is_some_and(&is)).await;
    assert!(seen, "{series}: {:?}", told(server, series).await);
}

async fn book(server: &ServerProcess, number: usize) -> u16 {
    let body = json!({ "patient": patient(number, "CT", "Aetna") });
    server.book(&body).await.status.as_u16()
}

async fn serving(database: &TestDatabase, settings: &[(&str, &str)]) -> ServerProcess {
    let settings: Vec<_> = settings.iter().copied().chain([("SEED_DEMO", "true")]).collect();
    ServerProcess::start(database, &settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_before_anything_happens_is_told_from_the_start() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server =
        serving(&database, &[("LIVE_MAX_CONNECTIONS", "7"), ("LIVE_MAX_COST", "80")]).await;
    let text = server.get("/metrics").await.text;
    for line in [
        "clinic_ready 1",
        "clinic_outbox_backlog 0",
        "clinic_outbox_waiting_seconds 0",
        r#"clinic_scheduler_calls_total{call="reserve",outcome="no_answer"} 0"#,
        r#"clinic_scheduler_call_seconds_bucket{call="reserve",le="3.5"} 0"#,
        r#"clinic_scheduler_breaker_open{whose="everybody"} 0"#,
        r#"clinic_database_connections_limit{pool="write"} 1"#,
        "clinic_live_connections 0",
        "clinic_live_connections_limit 7",
        "clinic_subscriptions_cost_limit 80",
        r#"clinic_http_requests_total{method="POST",route="/appointment",status="503"} 0"#,
        r#"clinic_http_requests_total{method="POST",route="/graphql",status="500"} 0"#,
        r#"clinic_http_request_seconds_bucket{route="/appointment",le="15"} 0"#,
        concat!("clinic_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    let described = |line: &&str| line.starts_with("# TYPE ");
    for metric in text.lines().filter(described).filter_map(|line| line.split(' ').nth(2)) {
        assert!(text.contains(&format!("# HELP {metric} ")), "{metric} has no line");
    }
    let started = told(&server, "process_start_time_seconds").await.unwrap();
    let ago = SystemClock.now().as_duration().as_secs_f64() - started;
    assert!((0.0..300.0).contains(&ago), "it started {ago} s ago");
    becomes(&server, "clinic_audit_unsealed", |rows| rows == 0.0).await;
}

on_both_engines! {
    async fn how_long_a_visit_has_waited_is_told_and_nothing_of_what_the_database_does_not_tell(engine) {
        let database = TestDatabase::create(engine).await;
        let server = serving(&database, &[("ANSWER_WITHIN_MS", "100")]).await;
        server.faults(&json!({ "down": true })).await;
        assert_eq!(book(&server, 1).await, 202);
        becomes(&server, "clinic_outbox_backlog", |visits| visits >= 1.0).await;
        let ago = match engine {
            Engine::Sqlite => "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '-600 seconds')",
            Engine::Postgres => "now() - interval '600 seconds'",
        };
        let was_asked_for = |ago: &str| format!("UPDATE outbox SET created_at = {ago}");
        assert_eq!(database.execute(&was_asked_for(ago)).await, Ok(1));
        becomes(&server, "clinic_outbox_waiting_seconds", |age| (600.0..700.0).contains(&age)).await;
        // Tried in vain again, it is due later, and has waited for as long.
        becomes(&server, "clinic_outbox_oldest_seconds", |late| late < 100.0).await;
        // Where it has ended here, nobody waits.
        database.execute(&format!("UPDATE appointment SET unsettled_outside = {}", match engine {
            Engine::Sqlite => "1",
            Engine::Postgres => "true",
        })).await.unwrap();
        becomes(&server, "clinic_outbox_waiting_seconds", |age| age == 0.0).await;
        database.execute("ALTER TABLE outbox RENAME TO elsewhere").await.unwrap();
        let text = server.get("/metrics").await.text;
        let stale = |line: &&str| line.starts_with("clinic_outbox") || line.ends_with("NaN");
        assert_eq!(text.lines().filter(stale).collect::<Vec<_>>(), Vec::<&str>::new());
        database.execute("ALTER TABLE elsewhere RENAME TO outbox").await.unwrap();
        becomes(&server, "clinic_outbox_backlog", |visits| visits >= 1.0).await;
    }
}

on_both_engines! {
    async fn whether_it_can_serve_is_told_though_nobody_asks_readyz(engine) {
        let database = TestDatabase::create(engine).await;
        let server = serving(&database, &[]).await;
        assert_eq!(told(&server, "clinic_ready").await, Some(1.0));
        let drop = match engine {
            Engine::Sqlite => "DROP TRIGGER appointment_provider_no_overlap_insert",
            Engine::Postgres => "ALTER TABLE appointment DROP CONSTRAINT appointment_provider_no_overlap",
        };
        database.execute(drop).await.unwrap();
        assert_eq!(told(&server, "clinic_ready").await, Some(0.0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_of_the_scheduling_service_are_counted_by_what_they_come_to_and_so_is_the_breaker() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = serving(&database, &[("ANSWER_WITHIN_MS", "200")]).await;
    assert_eq!(book(&server, 0).await, 201);
    let calls = |outcome: &str| {
        format!(r#"clinic_scheduler_calls_total{{call="reserve",outcome="{outcome}"}}"#)
    };
    let took = r#"clinic_scheduler_call_seconds_count{call="reserve"}"#;
    assert_eq!(told(&server, &calls("answered")).await, Some(1.0));
    assert_eq!(told(&server, took).await, Some(1.0));
    server.faults(&json!({ "down": true })).await;
    for number in 1..10 {
        assert_eq!(book(&server, number).await, 202);
    }
    let is_open = async || {
        let mut open = 0.0;
        for whose in ["everybody", "one_provider"] {
            let series = format!(r#"clinic_scheduler_breaker_open{{whose="{whose}"}}"#);
            open += told(&server, &series).await.unwrap();
        }
        open
    };
    assert!(comes_true(async || is_open().await >= 1.0).await);
    becomes(&server, &calls("no_answer"), |calls| calls >= 5.0).await;
    server.faults(&json!({})).await;
    assert!(comes_true(async || is_open().await == 0.0).await);
    becomes(&server, &calls("answered"), |calls| calls >= 10.0).await;
}

on_both_engines! {
    async fn rows_of_the_audit_trail_that_wait_for_their_seal_are_told(engine) {
        let database = TestDatabase::create(engine).await;
        let server = serving(&database, &[]).await;
        becomes(&server, "clinic_audit_unsealed", |rows| rows == 0.0).await;
        let (in_the_way, away) = match engine {
            Engine::Sqlite => (
                "CREATE TRIGGER in_the_way BEFORE INSERT ON audit_seal BEGIN SELECT RAISE(ABORT, 'no'); END",
                "DROP TRIGGER in_the_way",
            ),
            Engine::Postgres => (
                "ALTER TABLE audit_seal ADD CONSTRAINT in_the_way CHECK (false) NOT VALID",
                "ALTER TABLE audit_seal DROP CONSTRAINT in_the_way",
            ),
        };
        database.execute(in_the_way).await.unwrap();
        assert_eq!(book(&server, 1).await, 201);
        becomes(&server, "clinic_audit_unsealed", |rows| rows >= 1.0).await;
        becomes(&server, "clinic_audit_unsealed_oldest_seconds", |age| age >= 1.0).await;
        database.execute(away).await.unwrap();
        becomes(&server, "clinic_audit_unsealed", |rows| rows == 0.0).await;
        assert_eq!(told(&server, "clinic_audit_unsealed_oldest_seconds").await, Some(0.0));
    }
}

on_both_engines! {
    async fn how_long_transactions_wait_to_begin_is_measured(engine) {
        let database = TestDatabase::create(engine).await;
        let server = serving(&database, &[]).await;
        let begun = r#"clinic_database_begin_seconds_count{to="write"}"#;
        let before = told(&server, begun).await.unwrap();
        assert_eq!(book(&server, 1).await, 201);
        assert!(told(&server, begun).await.unwrap() > before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_in_use_are_told_and_a_database_that_hangs_does_not_hang_the_metrics() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let server = serving(&database, &[("DATABASE_MAX_CONNECTIONS", "9")]).await;
    let limit = r#"clinic_database_connections_limit{pool="both"}"#;
    assert_eq!(told(&server, limit).await, Some(9.0));
    let conn = database.connect().await;
    let held = conn.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE outbox").await.unwrap();
    // What does not answer in time is not told; the rest is.
    assert_eq!(told(&server, "clinic_outbox_backlog").await, None);
    held.rollback().await.unwrap();
    becomes(&server, "clinic_outbox_backlog", |visits| visits == 0.0).await;
    let held = conn.begin().await.unwrap();
    held.execute_unprepared("SELECT FROM provider FOR UPDATE").await.unwrap();
    let in_use = r#"clinic_database_connections_in_use{pool="both"}"#;
    let (status, ()) = tokio::join!(book(&server, 1), async {
        becomes(&server, in_use, |connections| connections >= 1.0).await;
        held.rollback().await.unwrap();
    });
    assert_eq!(status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_stays_open_takes_one_of_the_places_that_are_told() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = serving(&database, &[]).await;
    let headers = [("sec-websocket-protocol", "graphql-transport-ws")];
    let mut client = WebSocketClient::connect(&server.url, &headers).await.unwrap();
    client.say(&json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await.unwrap()["type"], "connection_ack");
    assert_eq!(told(&server, "clinic_live_connections").await, Some(1.0));
    drop(client);
    becomes(&server, "clinic_live_connections", |open| open == 0.0).await;
}
