//! Whoever owns the database can change anything in it. Whatever they do to rows and seals is found.

mod owned;

use std::sync::Arc;

use clinic::audit::{Keys, Trail, Verification};
use clinic::db::{Db, migrations};
use clinic::domain::SystemClock;

use self::owned::{Owned, write_rows};
use crate::support::{Engine, TestDatabase, audit_key, findings, on_both_engines, verified};

const IN_THE_SUITE: usize = 250;
const IN_THE_LONG_RUN: usize = 10_000;

on_both_engines! {
    async fn every_edit_of_rows_and_seals_is_found(engine) {
        Owned::of(engine, 7).await.edits(IN_THE_SUITE).await;
    }
}

on_both_engines! {
    #[ignore = "takes minutes: just nightly"]
    async fn ten_thousand_edits_of_rows_and_seals_are_found(engine) {
        Owned::of(engine, 20_261_126).await.edits(IN_THE_LONG_RUN).await;
    }
}

on_both_engines! {
    async fn an_end_that_was_put_back_is_found_by_a_head_that_was_kept_elsewhere(engine) {
        let owned = Owned::of(engine, 1).await;
        let kept = verified(&owned.db).await.head.unwrap();
        // With the head of an older backup the shorter trail is whole.
        let database = TestDatabase::create(engine).await;
        let db = Db::connect(&database.url, 4).await.unwrap();
        migrations::up(&db).await.unwrap();
        write_rows(&Trail::of_a_command(db.clone(), Arc::new(SystemClock), audit_key()), 5).await;
        let keys = || Keys::new(audit_key(), Vec::new()).unwrap();
        let shorter = Verification::of(&db, &keys(), None).await.unwrap();
        assert_eq!((shorter.found, shorter.sealed), (0, 6));
        let told = Verification::of(&db, &keys(), Some(&kept)).await.unwrap();
        assert!(told.findings[0].to_string().contains("the head that was kept"), "{told:?}");
        let same = Verification::of(&owned.db, &keys(), Some(&kept)).await.unwrap();
        assert_eq!(same.found, 0, "{same:?}");
    }
}

on_both_engines! {
    async fn somebody_who_is_left_out_of_the_list_of_whom_rows_are_about_is_found(engine) {
        let owned = Owned::of(engine, 2).await;
        let one = "(SELECT min(block) FROM audit_subject)";
        owned.run(&format!(
            "DELETE FROM audit_subject WHERE block = {one} AND subject =
                (SELECT subject FROM audit_subject WHERE block = {one} ORDER BY subject LIMIT 1)"
        )).await;
        let found = findings(&owned.db).await;
        assert!(found[0].contains("the list of patients and appointments"), "{found:?}");
    }
}

on_both_engines! {
    async fn the_database_itself_refuses_to_change_or_remove_what_is_written(engine) {
        let database = TestDatabase::create(engine).await;
        let db = Db::connect(&database.url, 4).await.unwrap();
        migrations::up(&db).await.unwrap();
        write_rows(&Trail::of_a_command(db, Arc::new(SystemClock), audit_key()), 10).await;
        let mut refused = vec![
            "UPDATE audit_event SET outcome = 'OK'",
            "DELETE FROM audit_event",
            "UPDATE audit_seal SET event = event + 100",
            "DELETE FROM audit_seal",
            "UPDATE audit_subject SET block = 7",
            "DELETE FROM audit_subject",
            "DELETE FROM audit_head",
        ];
        match engine {
            Engine::Postgres => refused.extend(["TRUNCATE audit_event", "TRUNCATE audit_seal, audit_head"]),
            // It removes a row without asking who may.
            Engine::Sqlite => refused.extend([
                "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
                "INSERT OR REPLACE INTO audit_seal SELECT * FROM audit_seal",
            ]),
        }
        for sql in refused {
            let words = database.execute(sql).await.expect_err(sql);
            assert!(words.contains("_append_only"), "{sql}: {words}");
        }
    }
}
