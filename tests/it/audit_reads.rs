//! When the row of an answer is written: before it leaves, together with those of others; and what
//! happens where it can't be.

use std::time::Duration;

use clinic::db::DatabaseCommand;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    Engine, Subscriber, TestApp, WebSocketClient, comes_true, in_time, john, on_both_engines, rows,
    verified,
};

const PATIENTS: &str = "{ patients(first: 10) { nodes { name email } } }";

/// Nothing can be written into the trail any more.
async fn break_the_trail(app: &TestApp) {
    let sql = match app.database.engine {
        Engine::Sqlite => {
            "CREATE TRIGGER audit_event_broken BEFORE INSERT ON audit_event
             BEGIN SELECT RAISE(ABORT, 'broken'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'broken'; END $$;
             CREATE TRIGGER audit_event_broken BEFORE INSERT ON audit_event
                FOR EACH ROW EXECUTE FUNCTION broken()"
        }
    };
    app.database.execute(sql).await.unwrap();
}

on_both_engines! {
    async fn where_it_can_not_be_written_down_nothing_of_a_patient_is_told(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        let _live = Subscriber::follow(&app, "").await;
        assert!(comes_true(async || rows(&app.db).await.iter().any(|row| row.entry.kind.as_str() == "LIVE_BEGIN")).await);
        break_the_trail(&app).await;
        let answer = app.get("/patients").await;
        assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()));
        assert!(!answer.text.contains("John"), "{answer:?}");
        let answer = app.graphql(PATIENTS, json!({})).await;
        assert_eq!((&answer["data"], &answer["errors"][0]["extensions"]["code"]), (&Value::Null, &json!("UNAVAILABLE")));
        assert!(!answer.to_string().contains("John"), "{answer}");
        // A change that could not be written down is not made.
        let before = app.database.number("SELECT count(*) FROM appointment").await;
        let refused = app.book(&json!({ "patient": john() })).await;
        assert_eq!(refused.status, 503, "{refused:?}");
        assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, before);
        // What shows no patient needs no row.
        let providers = app.graphql("{ providers(first: 1) { nodes { name } } }", json!({})).await;
        assert!(providers["errors"].is_null(), "{providers}");
        let mut late = WebSocketClient::open(&app).await;
        late.say(&json!({ "type": "connection_init" })).await;
        late.hear().await.unwrap();
        let query = "subscription { appointmentChanged { appointment { id } } }";
        late.say(&json!({ "type": "subscribe", "id": "1", "payload": { "query": query } })).await;
        let refused = late.hear().await.unwrap();
        assert_eq!(refused["payload"][0]["extensions"]["code"], "UNAVAILABLE", "{refused}");
    }
}

on_both_engines! {
    async fn batched_the_answer_does_not_wait_and_its_row_comes_within_a_second(engine) {
        let app = TestApp::builder(engine).setting("AUDIT_READS", "batched").spawn().await;
        app.book(&json!({ "patient": john() })).await;
        let began = tokio::time::Instant::now();
        assert_eq!(app.graphql(PATIENTS, json!({})).await["data"]["patients"]["nodes"][0]["name"], "John Doe");
        assert!(comes_true(async || app.audited("query patients").await.len() == 1).await);
        assert!(began.elapsed().as_millis() < 2000, "{:?}", began.elapsed());
        break_the_trail(&app).await;
        assert_eq!(app.get("/patients").await.status, 200);
    }
}

on_both_engines! {
    async fn answers_that_come_together_share_a_statement(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        app.graphql(PATIENTS, json!({})).await;
        let before = rows(&app.db).await.len();
        let mut watch = app.db.watch();
        // Somebody keeps everybody else from writing, so that all rows wait.
        let held = app.database.connect().await;
        let statement = match engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN; LOCK TABLE audit_event IN SHARE ROW EXCLUSIVE MODE",
        };
        sea_orm::ConnectionTrait::execute_unprepared(&held, statement).await.unwrap();
        let asking = join_all((0..20).map(|_| app.graphql(PATIENTS, json!({}))));
        let releasing = async {
            let all_have_read = async {
                let mut read = 0;
                while read < 20 {
                    if let Ok(DatabaseCommand::Statement(sql)) = watch.recv().await {
                        read += usize::from(sql.starts_with("SELECT") && sql.contains("FROM \"patient\""));
                    }
                }
            };
            in_time(all_have_read).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            sea_orm::ConnectionTrait::execute_unprepared(&held, "ROLLBACK").await.unwrap();
        };
        let (answers, ()) = tokio::join!(asking, releasing);
        assert!(answers.iter().all(|answer| answer["errors"].is_null()), "{answers:?}");
        assert_eq!(rows(&app.db).await.len(), before + 20);
        let mut written = 0;
        while let Ok(sent) = watch.try_recv() {
            if let DatabaseCommand::Statement(sql) = sent {
                written += usize::from(sql.starts_with("INSERT INTO audit_event"));
            }
        }
        assert!(written <= 4, "20 rows by {written} statements");
    }
}

on_both_engines! {
    async fn what_is_written_is_sealed_soon_and_at_the_end(engine) {
        let app = TestApp::spawn(engine).await;
        app.book(&json!({ "patient": john() })).await;
        app.graphql(PATIENTS, json!({})).await;
        let count = u64::try_from(rows(&app.db).await.len()).unwrap();
        assert!(comes_true(async || verified(&app.db).await.sealed == count).await);
        app.graphql(PATIENTS, json!({})).await;
        let database = std::sync::Arc::clone(&app.database);
        app.stop().await;
        let db = clinic::db::Db::connect(&database.url, 2).await.unwrap();
        let found = verified(&db).await;
        assert_eq!((found.found, found.sealed, found.unsealed), (0, count + 1, 0), "{found:?}");
    }
}

on_both_engines! {
    async fn two_servers_seal_one_chain(engine) {
        let app = TestApp::spawn(engine).await;
        let other = TestApp::builder(engine).spawn_on(std::sync::Arc::clone(&app.database)).await;
        app.book(&json!({ "patient": john() })).await;
        for _ in 0..30 {
            tokio::join!(app.graphql(PATIENTS, json!({})), other.graphql(PATIENTS, json!({})));
            let (one, two) = tokio::join!(app.trail().seal(), other.trail().seal());
            one.unwrap();
            two.unwrap();
        }
        app.trail().seal().await.unwrap();
        let found = verified(&app.db).await;
        assert_eq!((found.found, found.sealed), (0, 62), "{found:?}");
    }
}
