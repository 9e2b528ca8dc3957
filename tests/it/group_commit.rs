//! Transactions that share a COMMIT on SQLite: each is as good as one alone.
//!
//! On PostgreSQL none are shared; what is promised is the same.

use std::time::Duration;

use clinic::db::{Connection as _, DatabaseCommand, Db, StoreError, Tx};
use futures_util::future::{join, join_all, try_join};
use futures_util::poll;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use crate::support::{Engine, RosterBuilder, TestApp, TestDatabase, on_both_engines, patient};

/// A database with a table of notes, and one of promises that there will be a note when all is
/// committed.
async fn notes(engine: Engine) -> (TestDatabase, Db) {
    let database = TestDatabase::create(engine).await;
    let db = Db::connect(&database.url, 4).await.unwrap();
    for sql in NOTES {
        database.execute(sql).await.unwrap();
    }
    (database, db)
}

const NOTES: [&str; 2] = [
    "CREATE TABLE note (id INTEGER PRIMARY KEY)",
    "CREATE TABLE promise (note_id INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)",
];

async fn write(tx: &Tx, sql: &str) -> Result<(), StoreError> {
    tx.execute_unprepared(sql).await?;
    Ok(())
}

async fn note(db: &Db, id: usize) -> Result<(), StoreError> {
    let tx = db.begin().await?;
    write(&tx, &format!("INSERT INTO note VALUES ({id})")).await?;
    tx.commit().await
}

/// What comes of the work when all of it waits for a transaction that is open. On SQLite that one
/// joins the same group, as its first member.
async fn queued<T>(db: &Db, work: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let first = db.begin().await.unwrap();
    let mut work = Box::pin(join_all(work));
    assert!(poll!(&mut work).is_pending());
    join(work, first.commit()).await.0
}

/// Whether a connection past the application sees the note.
async fn is_stored(database: &TestDatabase, id: usize) -> bool {
    database.number(&format!("SELECT count(*) FROM note WHERE id = {id}")).await == 1
}

/// How many transactions have begun and how many commits were sent.
fn begun_and_committed(watch: &mut Receiver<DatabaseCommand>) -> (usize, usize) {
    let (mut begun, mut committed) = (0, 0);
    while let Ok(sent) = watch.try_recv() {
        begun += usize::from(sent == DatabaseCommand::Begin);
        committed += usize::from(sent == DatabaseCommand::Commit);
    }
    (begun, committed)
}

on_both_engines! {
    async fn those_who_wait_share_a_commit_and_each_is_stored_when_it_is_told_so(engine) {
        let (database, db) = notes(engine).await;
        let mut watch = db.watch();
        let (database, db) = (&database, &db);
        queued(db, (0..40).map(|id| async move {
            note(db, id).await.unwrap();
            assert!(is_stored(database, id).await, "{id} was told to be stored");
        }))
        .await;
        // Of these and the one they waited for, 32 may share.
        let commits = if engine == Engine::Sqlite { 2 } else { 41 };
        assert_eq!(begun_and_committed(&mut watch), (41, commits));
        // With nobody waiting, each has its own.
        for id in 40..43 {
            note(db, id).await.unwrap();
        }
        assert_eq!(begun_and_committed(&mut watch), (3, 3));
    }
}

on_both_engines! {
    async fn whoever_fails_or_gives_up_takes_nobody_with_them(engine) {
        let (database, db) = notes(engine).await;
        note(&db, 0).await.unwrap();
        let db = &db;
        let told = queued(db, (1..20).map(|id| async move {
            let tx = db.begin().await?;
            write(&tx, &format!("INSERT INTO note VALUES ({id})")).await?;
            match id % 5 {
                1 => tx.roll_back().await?,
                2 => drop(tx),
                // Refused: there is a note of this number.
                3 => return write(&tx, "INSERT INTO note VALUES (0)").await,
                _ => tx.commit().await?,
            }
            Ok(())
        }))
        .await;
        for (id, told) in (1..20).zip(told) {
            assert_eq!(told.is_ok(), id % 5 != 3, "{id}: {told:?}");
            assert_eq!(is_stored(&database, id).await, id % 5 == 0 || id % 5 == 4, "{id}");
        }
    }
}

on_both_engines! {
    async fn what_a_rolled_back_transaction_has_seen_is_stored(engine) {
        let (database, db) = notes(engine).await;
        let first = db.begin().await.unwrap();
        write(&first, "INSERT INTO note VALUES (1)").await.unwrap();
        let looks = async {
            let tx = db.begin().await?;
            // Refused, where it sees the first; else, on PostgreSQL, it waits for it.
            assert!(write(&tx, "INSERT INTO note VALUES (1)").await.is_err());
            tx.roll_back().await?;
            assert!(is_stored(&database, 1).await, "refused by what is not stored");
            Ok(())
        };
        let mut looks = Box::pin(looks);
        assert!(poll!(&mut looks).is_pending(), "it waits for the first, or for the database");
        try_join(first.commit(), looks).await.unwrap();
    }
}

on_both_engines! {
    async fn a_commit_that_fails_fails_for_all_who_share_it(engine) {
        let (database, db) = notes(engine).await;
        let db = &db;
        let told = queued(db, (0..10).map(|id| async move {
            let tx = db.begin().await?;
            let table = if id == 5 { "promise" } else { "note" };
            write(&tx, &format!("INSERT INTO {table} VALUES ({id})")).await?;
            tx.commit().await
        }))
        .await;
        for (id, told) in told.iter().enumerate() {
            let alone = engine == Engine::Postgres && id != 5;
            assert_eq!(told.is_ok(), alone, "{id}: {told:?}");
            assert_eq!(is_stored(&database, id).await, alone, "{id}");
        }
        note(db, 1000).await.unwrap();
        assert!(is_stored(&database, 1000).await);
    }
}

/// What a full disk or a lack of memory may come to: `SQLite` ends the transaction by itself.
#[tokio::test]
async fn when_sqlite_rolls_back_by_itself_nobody_is_told_to_be_stored() {
    let (database, db) = notes(Engine::Sqlite).await;
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON note WHEN NEW.id = 5
        BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    database.execute(trigger).await.unwrap();
    let told = queued(&db, (0..10).map(|id| note(&db, id))).await;
    for (id, told) in told.iter().enumerate() {
        // Who comes after it is in a group of their own.
        assert_eq!(told.is_ok(), id > 5, "{id}: {told:?}");
        assert_eq!(is_stored(&database, id).await, id > 5, "{id}");
    }
    // One who takes no notice of it is told when it commits.
    let told = queued(
        &db,
        (10..20).map(|id| {
            let db = &db;
            async move {
                let tx = db.begin().await?;
                write(&tx, &format!("INSERT INTO note VALUES ({id})")).await?;
                if id == 15 {
                    assert!(write(&tx, "INSERT INTO note VALUES (5)").await.is_err());
                    assert!(write(&tx, "INSERT INTO note VALUES (1015)").await.is_err());
                }
                tx.commit().await
            }
        }),
    )
    .await;
    for (id, told) in (10..).zip(told) {
        assert_eq!(told.is_ok(), id > 15, "{id}: {told:?}");
        assert_eq!(is_stored(&database, id).await, id > 15, "{id}");
    }
    assert!(!is_stored(&database, 1015).await);
    // The next transaction holds the write lock from its start, as always.
    let tx = db.begin().await.unwrap();
    let other = database.execute("PRAGMA busy_timeout = 0; INSERT INTO note VALUES (2000)").await;
    assert!(other.unwrap_err().contains("locked"));
    tx.commit().await.unwrap();
}

on_both_engines! {
    async fn whoever_hangs_up_leaves_no_commit_waiting(engine) {
        let (database, db) = notes(engine).await;
        let first = db.begin().await.unwrap();
        write(&first, "INSERT INTO note VALUES (1)").await.unwrap();
        // Hangs up in the queue, to which the first has left its COMMIT.
        let mut queues = Box::pin(db.begin());
        if engine == Engine::Sqlite {
            assert!(poll!(&mut queues).is_pending());
        }
        let mut committing = Box::pin(first.commit());
        assert!(poll!(&mut committing).is_pending());
        drop(queues);
        timeout(Duration::from_secs(10), committing).await.expect("nobody commits").unwrap();
        assert!(is_stored(&database, 1).await);
        // Hangs up after having joined, or while joining.
        for polls in 1..6 {
            let id = 1 + polls;
            let first = db.begin().await.unwrap();
            write(&first, &format!("INSERT INTO note VALUES ({id})")).await.unwrap();
            let mut joins = Box::pin(async {
                let tx = db.begin().await?;
                write(&tx, "INSERT INTO note VALUES (1000)").await?;
                std::future::pending::<Result<(), StoreError>>().await
            });
            let mut committing = Box::pin(first.commit());
            for _ in 0..polls {
                assert!(poll!(&mut joins).is_pending());
                if polls > 1 && poll!(&mut committing).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(joins);
            drop(committing);
            note(&db, 100 + id).await.unwrap();
            assert!(is_stored(&database, 100 + id).await);
        }
        assert!(!is_stored(&database, 1000).await);
    }
}

#[tokio::test]
async fn a_database_in_memory_keeps_no_group_open() {
    let db = &Db::connect("sqlite::memory:", 4).await.unwrap();
    let tx = db.begin().await.unwrap();
    write(&tx, NOTES[0]).await.unwrap();
    tx.commit().await.unwrap();
    let mut watch = db.watch();
    join_all((0..10).map(|id| async move {
        note(db, id).await.unwrap();
        // Needs the connection that the next one writes on.
        db.read().execute_unprepared("SELECT count(*) FROM note").await.unwrap();
    }))
    .await;
    assert_eq!(begun_and_committed(&mut watch), (10, 10));
}

on_both_engines! {
    async fn bookings_at_once_are_stored_when_they_are_answered(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(8)).spawn().await;
        let mut watch = app.db.watch();
        let app = &app;
        join_all((0..24).map(|n| async move {
            let answer = app.book(&json!({ "patient": patient(n, "CT", "Aetna") })).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            assert_eq!(answer.json()["scheduled"], true);
            assert_eq!(stored(app, n, "appointment.status = 'CONFIRMED'").await, 1);
        }))
        .await;
        let (begun, committed) = begun_and_committed(&mut watch);
        assert!(begun >= 48, "{begun}");
        if engine == Engine::Sqlite {
            assert!(committed < begun, "{committed} commits of {begun} transactions");
        }
    }
}

on_both_engines! {
    async fn a_booking_is_stored_if_and_only_if_its_answer_says_so(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(8)).spawn().await;
        for sql in NOTES.iter().chain(breaking_its_commit(engine)) {
            app.database.execute(sql).await.unwrap();
        }
        let app = &app;
        let answers = join_all((0..24).map(|n| async move {
            let reason = if n % 8 == 3 { "breaks" } else { "a cough" };
            // Half of them fight for one time.
            let time = (n % 2 == 0).then_some("2027-01-12T15:00:00Z");
            let mut body = json!({ "patient": patient(n, "CT", "Aetna"), "reason": reason });
            if let Some(time) = time {
                body["time"] = json!(time);
            }
            app.book(&body).await
        }))
        .await;
        let mut won = 0;
        for (n, answer) in answers.iter().enumerate() {
            let told = answer.status.is_success();
            assert!(n % 8 != 3 || !told, "{answer:?}");
            assert_eq!(stored(app, n, "TRUE").await, i64::from(told), "{answer:?}");
            won += usize::from(told);
        }
        assert!(won < 21);
        let after = app.book(&json!({ "patient": patient(99, "CT", "Aetna") })).await;
        assert_eq!(after.status, 201, "{after:?}");
    }
}

/// A trigger with which the COMMIT of a visit for that reason fails.
fn breaking_its_commit(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Sqlite => &["CREATE TRIGGER breaks AFTER INSERT ON appointment
            WHEN NEW.reason = 'breaks' BEGIN INSERT INTO promise VALUES (9); END"],
        Engine::Postgres => &[
            "CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN INSERT INTO promise VALUES (9); RETURN NEW; END'",
            "CREATE TRIGGER breaks AFTER INSERT ON appointment FOR EACH ROW
             WHEN (NEW.reason = 'breaks') EXECUTE FUNCTION breaks()",
        ],
    }
}

/// How many appointments of the nth patient a connection past the application sees.
async fn stored(app: &TestApp, n: usize, which: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM appointment JOIN patient ON patient.id = appointment.patient_id
         WHERE patient.email = 'patient{n}@example.com' AND {which}"
    );
    app.database.number(&sql).await
}
