//! `clinic migrate plan`: what would run and what it locks, before anything does; and what an older program
//! says of a newer database.

use clinic::db::{Db, migrations};

use crate::support::{AUDIT_KEY, Ended, Engine, TestDatabase, clinic, on_both_engines, take_back};

async fn run(database: &TestDatabase, arguments: &[&str]) -> Ended {
    let settings = [("DATABASE_URL", database.url.as_str()), ("AUDIT_KEY", AUDIT_KEY)];
    clinic(database.folder.path(), &settings, arguments).await
}

async fn migrated(engine: Engine) -> (TestDatabase, Db) {
    let database = TestDatabase::create(engine).await;
    let db = Db::connect(&database.url, 2).await.unwrap();
    migrations::up(&db).await.unwrap();
    (database, db)
}

on_both_engines! {
    async fn a_plan_lists_what_is_pending_with_its_locks_and_changes_nothing(engine) {
        let (database, db) = migrated(engine).await;
        let ended = run(&database, &["migrate", "plan"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.out, "Nothing is pending: the database has every migration of this version\n");
        take_back(&db, "m20261127_000020_roster_event").await;
        db.close().await;
        let applied = database.number("SELECT count(*) FROM seaql_migrations").await;
        let ended = run(&database, &["migrate", "plan"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let (roster, audit, outbox, visits, log, waits, feeds, told_of, links, mail, sum) = match engine {
            Engine::Postgres => (
                "locks provider against writing for a moment",
                "locks audit_event against reading and writing for a moment",
                "locks outbox against reading and writing for a moment",
                "locks appointment against writing for a moment",
                "locks appointment_event against reading and writing, and appointment against writing for a moment",
                "locks patient, insurance, provider, visit_type, appointment against writing for a moment",
                "locks provider, person, api_token against writing for a moment",
                "locks appointment, appointment_event against reading and writing for a moment",
                "locks patient against reading and writing, and appointment, waitlist_offer against writing for a moment",
                "locks appointment, waitlist_entry, provider against writing while every row of appointment is read",
                "servers of the version before may go on. What one locks stays locked until the last is done; what \
                 servers ask of it waits for two seconds, and is refused then",
            ),
            Engine::Sqlite => (
                "locks the file against writing for a moment",
                "locks the file against writing while every row of audit_event is read",
                "locks the file against writing while every row of outbox is read",
                "locks the file against writing for a moment",
                "locks the file against writing for a moment",
                "locks the file against writing for a moment",
                "locks the file against writing for a moment",
                "locks the file against writing while every row of appointment_event is read",
                "locks the file against writing while every row of patient is read",
                "locks the file against writing while every row of appointment is read",
                "stop the server for all of them: SQLite has one lock for the whole file",
            ),
        };
        let told = format!(
            "m20261127_000020_roster_event\n  makes the log of what happens to the roster\n  {roster}\n\
             m20261127_000070_audit_object\n  adds to the audit trail which person or token a row is about\n  {audit}\n\
             m20261127_000080_trace_parent\n  adds to the outbox where a row stands in a trace\n  {outbox}\n\
             m20261127_000080_hold\n  adds who holds a time, and by which token it is booked\n  {visits}\n\
             m20261127_000090_held_change\n  makes the table of which held times have changed, kept by triggers\n  {log}\n\
             m20261127_000090_series\n  adds series of visits, and which visits each has\n  {visits}\n\
             m20261128_000100_waitlist\n  makes the waitlist: who waits for a time, and what they were offered\n  {waits}\n\
             m20261128_000110_calendar_feed\n  adds the calendars that are subscribed to\n  {feeds}\n\
             m20261128_000200_webhooks\n  makes webhooks, and writes in the log until when a visit lasts\n  {told_of}\n\
             m20261129_000100_visit_link\n  makes patients' links, and says of each patient whether they are reminded\n  {links}\n\
             m20261129_000200_mail\n  makes what patients are told by mail\n  {mail}\n\
             11 migrations, applied in one transaction or not at all; {sum}\n"
        );
        assert_eq!(ended.out, told);
        assert_eq!(database.number("SELECT count(*) FROM seaql_migrations").await, applied);
        let up = run(&database, &["migrate", "up"]).await;
        assert_eq!(up.out, "Applied 11 migrations\n", "{up:?}");
    }
}

on_both_engines! {
    async fn a_plan_for_an_empty_database_lists_all_and_makes_none(engine) {
        let database = TestDatabase::create(engine).await;
        let file = database.folder.path().join("clinic.db");
        let all = migration::steps().len();
        let mut plans = 1;
        if engine == Engine::Sqlite {
            let ended = run(&database, &["migrate", "plan"]).await;
            assert!(ended.code == Some(0) && !file.exists(), "{ended:?}");
            std::fs::write(&file, "").unwrap();
            plans += 1;
        }
        for _ in 0..plans {
            let ended = run(&database, &["migrate", "plan"]).await;
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert_eq!(ended.out.lines().filter(|line| line.starts_with('m')).count(), all);
            let sum = format!("\n{all} migrations, applied in one transaction or not at all; no server uses this database yet\n");
            assert!(ended.out.ends_with(&sum), "{ended:?}");
        }
        match engine {
            Engine::Sqlite => assert_eq!(file.metadata().unwrap().len(), 0),
            Engine::Postgres => {
                let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()";
                assert_eq!(database.number(tables).await, 0);
            }
        }
    }
}

on_both_engines! {
    async fn an_older_program_says_of_a_newer_database_that_it_is_one(engine) {
        let (database, db) = migrated(engine).await;
        db.close().await;
        let newer = "INSERT INTO seaql_migrations VALUES ('m29990101_000001_future', 0)";
        database.execute(newer).await.unwrap();
        for arguments in [["migrate", "plan"].as_slice(), &["verify"], &["audit", "verify"]] {
            let ended = run(&database, arguments).await;
            assert_eq!(ended.code, Some(1), "{arguments:?} {ended:?}");
            assert!(ended.err.contains("it was set up by a newer version of clinic"), "{arguments:?} {ended:?}");
            assert!(ended.err.contains("clinic migrate down -n 1"), "{arguments:?} {ended:?}");
        }
        if engine == Engine::Sqlite {
            let ended = run(&database, &["backup", "copy.db"]).await;
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(ended.err.contains("it was set up by a newer version of clinic"), "{ended:?}");
            assert!(database.folder.path().join("copy.db").exists());
        }
    }
}

#[tokio::test]
async fn a_plan_for_a_database_that_is_not_there_says_what_to_do() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let url = "postgres://nobody@127.0.0.1:1/nothing";
    let settings = [("DATABASE_URL", url)];
    let ended = clinic(database.folder.path(), &settings, &["migrate", "plan"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("nobody listens there: see host and port"), "{ended:?}");
}
