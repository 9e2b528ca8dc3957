//! `clinic audit`, and the key of the trail.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{
    AUDIT_KEY, Ended, Engine, TestApp, TestDatabase, clinic, john, on_both_engines,
};

const OTHER_KEY: &str = "another-0123456789abcdef-0123456789abcdef";

async fn audit(app: &TestDatabase, arguments: &[&str]) -> Ended {
    let settings = [("DATABASE_URL", app.url.as_str()), ("AUDIT_KEY", AUDIT_KEY)];
    clinic(app.folder.path(), &settings, &[&["audit"], arguments].concat()).await
}

/// A database with some rows, whose server has ended.
async fn written(engine: Engine, reads: usize) -> std::sync::Arc<TestDatabase> {
    let app = TestApp::builder(engine).at("2019-03-04T12:00:00Z").spawn().await;
    app.book(&json!({ "patient": john() })).await;
    for _ in 0..reads {
        app.get("/patients").await;
    }
    let database = std::sync::Arc::clone(&app.database);
    app.stop().await;
    database
}

on_both_engines! {
    async fn a_trail_that_nobody_touched_is_verified_and_one_that_somebody_did_is_not(engine) {
        let database = written(engine, 3).await;
        let ended = audit(&database, &["verify"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.out.contains("5 rows are as they were written, 0 wait to be sealed"), "{ended:?}");
        let head = ended.out.lines().find_map(|line| line.strip_prefix("ends at ")).unwrap();
        assert_eq!(audit(&database, &["verify", "--head", head]).await.code, Some(0));
        let off = match engine {
            Engine::Sqlite => "DROP TRIGGER audit_event_no_update",
            Engine::Postgres => "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_update",
        };
        database.execute(off).await.unwrap();
        let forged = "UPDATE audit_event SET actor_kind = 'OPERATOR' WHERE number = (SELECT max(number) FROM audit_event)";
        database.execute(forged).await.unwrap();
        let ended = audit(&database, &["verify"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.out.lines().next().unwrap().contains("(seal 5) is not as it was written"), "{ended:?}");
    }
}

on_both_engines! {
    async fn the_trail_is_printed_a_row_a_line(engine) {
        let database = written(engine, 1).await;
        let ended = audit(&database, &["export", "--from", "2019-03-04", "--to", "2019-03-05"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let rows: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let operations: Vec<_> = rows.iter().map(|row| row["operation"].as_str().unwrap()).collect();
        assert_eq!(operations, ["bookAppointment", "settle", "GET /patients"]);
        assert_eq!(rows[2]["fields"][1], "name");
        assert_eq!(rows[0]["patientIds"], rows[2]["patientIds"]);
        assert_eq!(audit(&database, &["export", "--from", "2019-03-05"]).await.out, "");
    }
}

on_both_engines! {
    async fn what_is_six_years_old_may_go_and_leaves_a_checkpoint(engine) {
        let database = written(engine, 300).await;
        let early = audit(&database, &["prune", "--before", "2200-01-01"]).await;
        assert_eq!(early.code, Some(1), "{early:?}");
        assert!(early.err.contains("six years"), "{early:?}");
        assert_eq!(database.number("SELECT count(*) FROM audit_event").await, 302);
        let ended = audit(&database, &["prune", "--before", "2019-03-05"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.out.contains("255 rows were removed"), "{ended:?}");
        // Nobody may remove what stands above.
        assert!(database.execute("DELETE FROM audit_seal").await.unwrap_err().contains("append_only"));
        let ended = audit(&database, &["verify"]).await;
        // The command's own row is sealed by the next server.
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.out.contains("begins after the checkpoint at seal 255"), "{ended:?}");
        assert!(ended.out.contains("47 rows are as they were written, 1 wait to be sealed"), "{ended:?}");
        // With another key it can't be judged, and nothing is called missing.
        let other = [("DATABASE_URL", database.url.as_str()), ("AUDIT_KEY", OTHER_KEY)];
        let ended = clinic(database.folder.path(), &other, &["audit", "verify"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let told = ended.out + &ended.err;
        assert!(told.contains("the checkpoint at 255, where the trail begins, is signed with another key"), "{told}");
        assert!(told.contains("can't be verified with the keys") && !told.contains("missing"), "{told}");
        // A checkpoint that somebody else made lets nothing go.
        let forged = "INSERT INTO audit_checkpoint SELECT 290, at, key_id, mac, signature FROM audit_checkpoint";
        database.execute(forged).await.unwrap();
        let ended = audit(&database, &["verify"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.out.contains("the checkpoint at 290 is not ours"), "{ended:?}");
    }
}

fn key_file(folder: &Path) -> std::path::PathBuf {
    folder.join("clinic.db.audit-key")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_a_key_is_made_beside_the_database_for_its_owner_alone() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let url = database.url.clone();
    let settings = [("DATABASE_URL", url.as_str()), ("SCHEDULER_URL", "none")];
    let folder = database.folder.path();
    let up = clinic(folder, &settings, &["migrate", "up"]).await;
    assert_eq!(up.code, Some(0), "{up:?}");
    // To verify makes none, and needs none where nothing was written yet.
    for verify in [["audit", "verify"].as_slice(), &["verify"]] {
        let ended = clinic(folder, &settings, verify).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(!key_file(folder).exists());
    }
    let exported = clinic(folder, &settings, &["audit", "export"]).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    let key = fs::read_to_string(key_file(folder)).unwrap();
    assert_eq!(key.trim().len(), 64);
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &fs::metadata(key_file(folder)).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(clinic(folder, &settings, &["audit", "verify"]).await.code, Some(0));
    let short = [("AUDIT_KEY", "too-short"), settings[0]];
    let ended = clinic(folder, &short, &["audit", "verify"]).await;
    assert!(ended.err.contains("AUDIT_KEY: must be at least 32"), "{ended:?}");
    assert!(!ended.err.contains("too-short"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_a_key_is_compulsory_where_access_is_closed_and_else_verify_says_that_there_is_none()
 {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let database = TestDatabase::create(Engine::Postgres).await;
    let (url, folder) = (database.url.clone(), database.folder.path());
    let open = [("DATABASE_URL", url.as_str()), ("SCHEDULER_URL", "none"), ("PORT", "0")];
    let closed = [open.as_slice(), &[("API_TOKEN", "0123456789abcdef")]].concat();
    let ended = clinic(folder, &closed, &["serve"]).await;
    assert!(ended.code == Some(1) && ended.err.contains("AUDIT_KEY must be set"), "{ended:?}");
    assert_eq!(clinic(folder, &open, &["migrate", "up"]).await.code, Some(0));
    assert_eq!(clinic(folder, &open, &["patients", "duplicates"]).await.code, Some(0));
    let ended = clinic(folder, &open, &["audit", "verify"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Has a command write a row, which no server seals.
async fn add_person(database: &TestDatabase, settings: &[(&str, &str)]) {
    let person =
        ["person", "add", "--role", "admin", "--name", "Ada", "--email", "ada@clinic.example"];
    let ended = clinic(database.folder.path(), settings, &person).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_gone_is_not_replaced_by_another_while_the_trail_needs_it() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let url = database.url.clone();
    let settings = [("DATABASE_URL", url.as_str()), ("SCHEDULER_URL", "none"), ("PORT", "0")];
    let folder = database.folder.path();
    assert_eq!(clinic(folder, &settings, &["migrate", "up"]).await.code, Some(0));
    add_person(&database, &settings).await;
    let key = fs::read_to_string(key_file(folder)).unwrap();
    fs::remove_file(key_file(folder)).unwrap();
    for arguments in [["serve"].as_slice(), &["audit", "export"], &["audit", "verify"]] {
        let ended = clinic(folder, &settings, arguments).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let told = ended.err + &ended.out;
        assert!(told.contains("clinic.db.audit-key is not there: put it back"), "{told}");
        assert!(!key_file(folder).exists(), "{arguments:?} made one");
    }
    // What is there, or said, is taken.
    fs::write(key_file(folder), &key).unwrap();
    assert_eq!(clinic(folder, &settings, &["audit", "verify"]).await.code, Some(0));
    fs::remove_file(key_file(folder)).unwrap();
    let said = [settings.as_slice(), &[("AUDIT_KEY", key.trim())]].concat();
    assert_eq!(clinic(folder, &said, &["audit", "verify"]).await.code, Some(0));
}

on_both_engines! {
    async fn rows_at_the_end_wait_for_their_seal_and_one_amid_sealed_ones_was_kept_from_it(engine) {
        let app = TestApp::builder(engine).at("2019-03-04T12:00:00Z").spawn().await;
        let (from_100, movable) = match engine {
            Engine::Sqlite => ("INSERT INTO sqlite_sequence VALUES ('audit_event', 99)", "DROP TRIGGER audit_event_no_update"),
            Engine::Postgres => (
                "ALTER TABLE audit_event ALTER COLUMN number RESTART WITH 100",
                "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_update, ALTER COLUMN number DROP IDENTITY",
            ),
        };
        app.database.execute(from_100).await.unwrap();
        app.book(&json!({ "patient": john() })).await;
        let database = std::sync::Arc::clone(&app.database);
        app.stop().await;
        // The command's own row has no server that would seal it, as the last ones of a backup have none.
        let settings = [("DATABASE_URL", database.url.as_str()), ("AUDIT_KEY", AUDIT_KEY)];
        add_person(&database, &settings).await;
        for verify in [["audit", "verify"].as_slice(), &["verify"]] {
            let ended = clinic(database.folder.path(), &settings, verify).await;
            assert_eq!(ended.code, Some(0), "{ended:?}");
            let told = "2 rows are as they were written, 1 wait to be sealed, the oldest since 20";
            assert!(ended.out.contains(told), "{ended:?}");
        }
        // Before what is sealed it would have been found by whoever sealed that.
        database.execute(movable).await.unwrap();
        database.execute("UPDATE audit_event SET number = 50 WHERE number = 102").await.unwrap();
        for verify in [["audit", "verify"].as_slice(), &["verify"]] {
            let ended = clinic(database.folder.path(), &settings, verify).await;
            assert_eq!(ended.code, Some(1), "{ended:?}");
            assert!(ended.out.contains("1 rows are not sealed though later ones are, the first is number 50"), "{ended:?}");
        }
    }
}

on_both_engines! {
    async fn a_row_that_waits_for_its_seal_and_was_changed_is_told(engine) {
        let database = written(engine, 0).await;
        let settings = [("DATABASE_URL", database.url.as_str()), ("AUDIT_KEY", AUDIT_KEY)];
        add_person(&database, &settings).await;
        let off = match engine {
            Engine::Sqlite => "DROP TRIGGER audit_event_no_update",
            Engine::Postgres => "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_update",
        };
        database.execute(off).await.unwrap();
        let forged = "UPDATE audit_event SET actor_kind = 'SYSTEM' WHERE number = (SELECT max(number) FROM audit_event)";
        database.execute(forged).await.unwrap();
        let ended = audit(&database, &["verify"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.out.contains("which has no seal yet, is not as it was written"), "{ended:?}");
    }
}

on_both_engines! {
    async fn another_key_is_told_as_one_and_a_command_that_has_it_writes_nothing(engine) {
        let database = written(engine, 0).await;
        let before = database.number("SELECT count(*) FROM audit_event").await;
        let folder = database.folder.path();
        let settings = [("DATABASE_URL", database.url.as_str()), ("AUDIT_KEY", OTHER_KEY)];
        let verified = audit(&database, &["verify"]).await;
        let head = verified.out.lines().find_map(|line| line.strip_prefix("ends at ")).unwrap();
        let person = ["person", "add", "--role", "admin", "--name", "Ada", "--email", "ada@clinic.example"];
        let ended = clinic(folder, &settings, &person).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("this command has none or another one: set AUDIT_KEY"), "{ended:?}");
        assert_eq!(database.number("SELECT count(*) FROM audit_event").await, before);
        for verify in [["audit", "verify", "--head", head].as_slice(), &["verify", "--head", head]] {
            let ended = clinic(folder, &settings, verify).await;
            assert_eq!(ended.code, Some(1), "{ended:?}");
            let told = ended.out + &ended.err;
            assert!(told.contains(&format!("the head that was kept, of seal {before}, is signed with another key")), "{told}");
            assert!(told.contains(&format!("{before} seals from 1 on were made with another key")), "{told}");
            assert!(told.contains("the end of the trail is signed with another key, too"), "{told}");
            assert!(told.contains("can't be verified with the keys that were given"), "{told}");
            assert!(!told.contains("tampered") && !told.contains("is not as it was written"), "{told}");
        }
        let kept = folder.join("kept-key");
        fs::write(&kept, AUDIT_KEY).unwrap();
        let kept = ["--previous-key-file", kept.to_str().unwrap()];
        for verify in [["audit", "verify"].as_slice(), &["verify"]] {
            let ended = clinic(folder, &settings, &[verify, &kept].concat()).await;
            assert_eq!(ended.code, Some(0), "{ended:?}");
        }
    }
}
