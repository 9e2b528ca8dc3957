//! Commands that only look, or change what is there: they make no database and migrate none, so that who is in the
//! wrong folder is told so, and a look does not end the version that runs.

use clinic::db::{Db, migrations};

use crate::support::{AUDIT_KEY, Ended, Engine, TestDatabase, clinic, on_both_engines, take_back};

/// Each, and what it is given.
const COMMANDS: [&[&str]; 15] = [
    &["person", "list"],
    &["person", "invite", "someone@example.com"],
    &["person", "disable", "someone@example.com"],
    &["token", "list"],
    &["token", "revoke", "tok_000000000000000000000000000000aa"],
    &["patients", "duplicates"],
    &["roster", "export"],
    &["outbox"],
    &["outbox", "list"],
    &["outbox", "release", "--all"],
    &["audit", "verify"],
    &["audit", "export"],
    &["audit", "prune", "--before", "2020-01-01"],
    &["reconcile"],
    &["verify"],
];

async fn run(database: &TestDatabase, arguments: &[&str]) -> Ended {
    let settings = [
        ("DATABASE_URL", database.url.as_str()),
        ("AUDIT_KEY", AUDIT_KEY),
        ("SCHEDULER_URL", "http://127.0.0.1:9"),
    ];
    clinic(database.folder.path(), &settings, arguments).await
}

#[tokio::test]
async fn commands_that_look_make_no_database_where_there_is_none() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let file = database.folder.path().join("clinic.db");
    let why = "there is no database where DATABASE_URL says, or nothing in it";
    let backup: &[&str] = &["backup", "copy.db"];
    for command in COMMANDS.into_iter().chain([backup]) {
        let ended = run(&database, command).await;
        assert_eq!(ended.code, Some(1), "{command:?}: {ended:?}");
        assert!(ended.err.contains(why), "{command:?}: {ended:?}");
        assert!(!file.exists(), "{command:?} has made {}", file.display());
    }
    // One that is empty was made by somebody who looked otherwise.
    std::fs::write(&file, "").unwrap();
    let empty = run(&database, &["backup", "copy.db"]).await;
    assert!(empty.err.contains(why), "{empty:?}");
    std::fs::remove_file(&file).unwrap();
    let status = run(&database, &["migrate", "status"]).await;
    assert_eq!(status.code, Some(0), "{status:?}");
    assert_eq!(status.out.lines().count(), migration::steps().len());
    assert!(status.out.lines().all(|line| line.starts_with("pending  m2026")), "{status:?}");
    assert!(!file.exists(), "migrate status has made {}", file.display());
}

on_both_engines! {
    async fn commands_that_look_migrate_no_database_of_the_version_before(engine) {
        let database = TestDatabase::create(engine).await;
        let db = Db::connect(&database.url, 2).await.unwrap();
        migrations::up(&db).await.unwrap();
        take_back(&db, "m20261127_000080_hold").await;
        db.close().await;
        let applied = "SELECT count(*) FROM seaql_migrations";
        let before = database.number(applied).await;
        for command in COMMANDS {
            let ended = run(&database, command).await;
            assert_eq!(ended.code, Some(1), "{command:?}: {ended:?}");
            let why = "the database lacks migrations: run clinic migrate up";
            assert!(ended.err.contains(why), "{command:?}: {ended:?}");
            assert_eq!(database.number(applied).await, before, "{command:?} has migrated it");
        }
    }
}
