//! A database in trouble is no bug of ours: callers are told to come again, whoever runs it is told
//! why, and readiness asks whether a write would be taken.

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::json;

use crate::support::{
    Answer, Engine, ServerProcess, TestApp, TestDatabase, capture, comes_true, id_of, logged,
    on_both_engines, patient, with_jane,
};

const TWO: &str = "2027-01-11T14:00:00Z";

/// Ends every session of the server's, as a failover does.
async fn end_all_sessions(database: &TestDatabase) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(database.execute(end).await.unwrap() > 0, "nobody was connected");
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()), "{answer:?}");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_requests_after_all_sessions_were_ended_none_fails() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    for at_once in [1, 10] {
        // Every connection of the pool is open.
        let warm = join_all((0..30).map(|_| app.get("/insurances"))).await;
        assert!(warm.iter().all(|answer| answer.status == 200));
        end_all_sessions(&app.database).await;
        for group in 0..30 / at_once {
            let asked = (0..at_once).map(async |number| {
                let number = group * at_once + number;
                let who = patient(at_once * 100 + number, "CT", "Aetna");
                let (answer, expected) = match number % 3 {
                    0 => (app.book(&json!({ "patient": who })).await, 201),
                    1 => (app.get("/insurances").await, 200),
                    _ => (app.get("/readyz").await, 200),
                };
                assert_eq!(answer.status, expected, "{answer:?}");
            });
            join_all(asked).await;
        }
    }
    app.until_settled().await;
    app.assert_agreement().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_takes_no_writes_is_told_by_readyz_and_reads_go_on() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    capture();
    let app = TestApp::spawn(Engine::Postgres).await;
    let booked = app.book(&with_jane(1, TWO)).await.json();
    let name = app.database.url.rsplit('/').next().unwrap().to_owned();
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    app.database.execute(&set).await.unwrap();
    end_all_sessions(&app.database).await;
    assert_unavailable(&app.get("/readyz").await);
    assert_unavailable(&app.book(&json!({ "patient": patient(2, "CT", "Aetna") })).await);
    assert_unavailable(&app.cancel(&id_of(&booked)).await);
    // What shows a patient is written down first, and that can not be done.
    assert_unavailable(&app.get(&format!("/appointment/{}", id_of(&booked))).await);
    let id = json!({ "id": id_of(&booked) });
    let status = app.graphql("query ($id: ID!) { appointment(id: $id) { status } }", id).await;
    assert_eq!(status["data"]["appointment"]["status"], "CONFIRMED");
    assert!(logged().contains("25006"), "the log does not say why");
    let reset = format!(
        "BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT"
    );
    app.database.execute(&reset).await.unwrap();
    end_all_sessions(&app.database).await;
    // What was seen of it is forgotten by itself.
    assert!(comes_true(async || app.get("/readyz").await.status == 200).await);
    assert_eq!(app.book(&json!({ "patient": patient(2, "CT", "Aetna") })).await.status, 201);
}

on_both_engines! {
    async fn a_table_that_is_not_there_is_no_bug_of_ours(engine) {
        let app = TestApp::spawn(engine).await;
        app.database.execute("ALTER TABLE outbox RENAME TO gone").await.unwrap();
        assert_unavailable(&app.book(&with_jane(1, TWO)).await);
        assert_unavailable(&app.get("/readyz").await);
        app.database.execute("ALTER TABLE gone RENAME TO outbox").await.unwrap();
        assert_eq!(app.get("/readyz").await.status, 200);
        assert_eq!(app.book(&with_jane(1, TWO)).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_garbage_is_no_bug_of_ours() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let id = id_of(&app.book(&with_jane(1, TWO)).await.json());
    let page = "SELECT rootpage FROM sqlite_schema WHERE name = 'appointment'";
    let page = app.database.number(page).await;
    let size = app.database.number("SELECT page_size FROM pragma_page_size").await;
    let database = app.database.clone();
    app.stop().await;
    let file = database.folder.path().join("clinic.db");
    let mut bytes = std::fs::read(&file).unwrap();
    let start = usize::try_from((page - 1) * size).unwrap();
    bytes[start..start + usize::try_from(size).unwrap()].fill(0xa5);
    std::fs::write(&file, bytes).unwrap();
    let broken = ServerProcess::start(&database, &[]).await;
    assert_unavailable(&broken.get(&format!("/appointment/{id}")).await);
    assert_unavailable(&broken.get("/readyz").await);
    let answer = broken.graphql("{ appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-12T00:00:00Z\") { nodes { id } } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_gone_or_read_only_is_told_by_readyz() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let (file, aside) = (app.file("clinic.db"), app.file("aside.db"));
    assert_eq!(app.get("/readyz").await.status, 200);
    std::fs::rename(&file, &aside).unwrap();
    assert_unavailable(&app.get("/readyz").await);
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(app.get("/readyz").await.status, 200);
    let read_only = app.database.url.replace("mode=rwc", "mode=ro");
    let db = clinic::db::Db::connect(&read_only, 2).await.unwrap();
    let refused = db.takes_writes().await.unwrap_err().to_string();
    assert!(refused.contains("read-only"), "{refused}");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_whether_writes_are_taken_writes_nothing() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    assert_eq!(app.get("/readyz").await.status, 200);
    let written = || std::fs::metadata(app.file("clinic.db-wal")).unwrap().len();
    let before = written();
    for _ in 0..20 {
        assert_eq!(app.get("/readyz").await.status, 200);
    }
    assert_eq!(written(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_it_is_not_ready_is_logged_once_however_often_it_is_asked() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let log = database.folder.path().join("log");
    let server = ServerProcess::start_logging(&database, &[], &log).await;
    assert_eq!(server.get("/readyz").await.status, 200);
    let name = database.url.rsplit('/').next().unwrap();
    let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    database.execute(&set).await.unwrap();
    end_all_sessions(&database).await;
    for _ in 0..10 {
        assert_eq!(server.get("/readyz").await.status, 503);
    }
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said.matches("Not ready").count(), 1, "{said}");
    assert!(said.contains("25006"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_session_rests_on_is_ours_whatever_the_role_or_the_database_say() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let name = app.database.url.rsplit('/').next().unwrap().to_owned();
    app.database
        .execute("CREATE SCHEMA another; CREATE TABLE another.appointment ()")
        .await
        .unwrap();
    for (setting, to) in [
        ("synchronous_commit", "off"),
        ("search_path", "another"),
        ("default_transaction_isolation", "serializable"),
    ] {
        let sql = format!("ALTER DATABASE {name} SET {setting} = {to}");
        app.database.execute(&sql).await.unwrap();
    }
    end_all_sessions(&app.database).await;
    let booked = app.book(&with_jane(1, TWO)).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    assert_eq!(app.get("/readyz").await.status, 200);
    let sql = "SELECT concat_ws('; ', current_setting('synchronous_commit'), current_setting('search_path'),
                                current_setting('default_transaction_isolation'))";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = app.db.read().query_one_raw(statement).await.unwrap().unwrap();
    let settings: String = row.try_get_by_index(0).unwrap();
    assert_eq!(settings, "on; public; read committed");
}
