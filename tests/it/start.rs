//! What a start on a database that is ready asks of it: whoever waits for the server waits for that.

use clinic::db::{DatabaseCommand, Db, integrity, migrations};
use clinic::roster;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{Engine, TestDatabase, on_both_engines};

/// Connected as a server is, to a database that is migrated and has providers.
async fn ready(database: &TestDatabase, connections: u32) -> Db {
    let db = Db::connect(&database.url, connections).await.unwrap();
    migrations::up(&db).await.unwrap();
    roster::load_demo_if_empty(&db, Timestamp::UNIX_EPOCH).await.unwrap();
    db
}

on_both_engines! {
    async fn a_start_on_a_ready_database_sends_three_statements_and_takes_no_lock(engine) {
        let database = TestDatabase::create(engine).await;
        let db = ready(&database, 8).await;
        let mut watch = db.watch();
        assert_eq!(migrations::up(&db).await.unwrap(), 0);
        assert_eq!(integrity::check(&db).await.unwrap(), Vec::<String>::new());
        assert!(!roster::load_demo_if_empty(&db, Timestamp::UNIX_EPOCH).await.unwrap());
        let mut sent = Vec::new();
        while let Ok(one) = watch.try_recv() {
            sent.push(one);
        }
        // Which migrations are applied, what keeps the book right, and whether there is a provider.
        assert_eq!(sent.len(), 3, "{sent:#?}");
        assert!(!sent.contains(&DatabaseCommand::Begin), "{sent:#?}");
        db.close().await;
    }
}

// On SQLite a connection costs next to nothing.
#[tokio::test]
async fn a_start_on_postgresql_opens_the_connections_it_needs_at_once() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    for (most, opened) in [(8, 3), (2, 2)] {
        let db = Db::connect(&database.url, most).await.unwrap();
        // Those that are still on their way count, too.
        assert_eq!(db.read().size(), opened);
        db.close().await;
    }
}

on_both_engines! {
    async fn everything_that_is_missing_is_named(engine) {
        let database = TestDatabase::create(engine).await;
        let db = ready(&database, 2).await;
        let (of, directory) = match engine {
            Engine::Postgres => (["provider", "appointment"], "provider_directory"),
            Engine::Sqlite => (["", ""], "provider_directory_insert"),
        };
        for (table, trigger) in of.into_iter().zip([directory, "appointment_event_insert"]) {
            let on = if table.is_empty() { String::new() } else { format!(" ON {table}") };
            database.execute(&format!("DROP TRIGGER {trigger}{on}")).await.unwrap();
            let missing = integrity::check(&db).await.unwrap();
            let told = format!("trigger {trigger} is missing");
            assert!(missing.iter().any(|what| what.starts_with(&told)), "{told}: {missing:?}");
        }
        assert_eq!(integrity::check(&db).await.unwrap().len(), 2);
        db.close().await;
    }
}

// On SQLite every connection of the server sets it for itself.
#[tokio::test]
async fn a_session_of_postgresql_that_could_lose_an_acknowledged_booking_is_named() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    ready(&database, 2).await.close().await;
    let careless = format!("{}?options=-c%20synchronous_commit%3Doff", database.url);
    let db = Db::connect(&careless, 1).await.unwrap();
    assert_eq!(integrity::check(&db).await.unwrap(), Vec::<String>::new(), "it is ours to set");
    // As somebody between us and the database might have it.
    db.read().execute_unprepared("SET synchronous_commit = off").await.unwrap();
    let missing = integrity::check(&db).await.unwrap();
    assert_eq!(missing, ["synchronous_commit is off: an acknowledged booking could be lost"]);
    db.close().await;
}

#[tokio::test]
async fn a_session_of_postgresql_is_as_it_has_to_be_whatever_others_have_set() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    for (setting, theirs, ours) in [
        // Compiling a statement takes longer than any of ours, and is done where statistics are lacking.
        ("jit", "on", "off"),
        ("lock_timeout", "0", "2s"),
        ("statement_timeout", "0", "5s"),
        ("default_transaction_isolation", "serializable", "read committed"),
    ] {
        let url = format!("{}?options=-c%20{setting}%3D{theirs}", database.url);
        let db = Db::connect(&url, 1).await.unwrap();
        let asked = Statement::from_string(DbBackend::Postgres, format!("SHOW {setting}"));
        let row = db.read().query_one_raw(asked).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<String>(0).unwrap(), ours, "{setting}");
        db.close().await;
    }
}

#[tokio::test]
async fn reading_connections_on_sqlite_keep_few_pages() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let db = Db::connect(&database.url, 2).await.unwrap();
    let asked = Statement::from_string(DbBackend::Sqlite, "PRAGMA cache_size");
    let row = db.read().query_one_raw(asked).await.unwrap().unwrap();
    // In KiB, which is what the sign means.
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), -256);
    db.close().await;
}
