//! What keeps the book right is looked at as long as the server serves, and by what it says: while
//! anything of it is missing, switched off or otherwise than the migrations make it, no time can be
//! claimed.

use std::sync::Arc;
use std::time::Duration;

use clinic::db::{Db, integrity, migrations};
use clinic::domain::SystemClock;
use clinic::health::{self, Health};
use clinic::lifecycle::WorkerHealth;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use tokio::sync::watch;

use crate::support::{
    Answer, Engine, TestApp, TestDatabase, clinic as command, comes_true, id_of, on_both_engines,
    patient, with_jane,
};

const TWO: &str = "2027-01-11T14:00:00Z";
const THREE: &str = "2027-01-11T15:00:00Z";

/// A way to lose a rule, and the name that has to be told.
struct Loss {
    rule: &'static str,
    /// Answers the statement that restores it.
    restore: &'static str,
    lose: &'static str,
}

const ON_POSTGRES: [Loss; 7] = [
    Loss {
        rule: "appointment_provider_no_overlap",
        restore: "SELECT 'ALTER TABLE appointment ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE conname = 'appointment_provider_no_overlap'",
        lose: "ALTER TABLE appointment DROP CONSTRAINT appointment_provider_no_overlap",
    },
    Loss {
        rule: "appointment_patient_no_overlap",
        restore: "SELECT 'ALTER TABLE appointment DROP CONSTRAINT ' || conname || ', ADD CONSTRAINT ' || conname || ' ' ||
            pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'appointment_patient_no_overlap'",
        lose: "ALTER TABLE appointment DROP CONSTRAINT appointment_patient_no_overlap, ADD CONSTRAINT
            appointment_patient_no_overlap EXCLUDE USING gist (patient_id WITH =) WHERE (false)",
    },
    Loss {
        rule: "appointment_span_check",
        restore: "SELECT 'ALTER TABLE appointment ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE conname = 'appointment_span_check'",
        lose: "ALTER TABLE appointment DROP CONSTRAINT appointment_span_check",
    },
    Loss {
        rule: "appointment_event_insert",
        restore: "SELECT 'ALTER TABLE appointment ENABLE TRIGGER appointment_event_insert'",
        lose: "ALTER TABLE appointment DISABLE TRIGGER appointment_event_insert",
    },
    Loss {
        rule: "appointment_event_update",
        restore: "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'record_appointment_event'",
        lose: "CREATE OR REPLACE FUNCTION record_appointment_event() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RETURN NULL; END $$",
    },
    Loss {
        rule: "insurance_one_self_pay",
        restore: "SELECT pg_get_indexdef('insurance_one_self_pay'::regclass)",
        lose: "DROP INDEX insurance_one_self_pay",
    },
    Loss {
        rule: "appointment_provider_id_fkey",
        restore: "SELECT 'ALTER TABLE appointment VALIDATE CONSTRAINT appointment_provider_id_fkey'",
        lose: "ALTER TABLE appointment DROP CONSTRAINT appointment_provider_id_fkey, ADD CONSTRAINT
            appointment_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES provider (id) NOT VALID",
    },
];

const ON_SQLITE: [Loss; 4] = [
    Loss {
        rule: "appointment_provider_no_overlap_insert",
        restore: "SELECT sql FROM sqlite_schema WHERE name = 'appointment_provider_no_overlap_insert'",
        lose: "DROP TRIGGER appointment_provider_no_overlap_insert",
    },
    Loss {
        rule: "appointment_patient_no_overlap_update",
        restore:
            "SELECT 'DROP TRIGGER appointment_patient_no_overlap_update; ' || sql FROM sqlite_schema
            WHERE name = 'appointment_patient_no_overlap_update'",
        lose: "DROP TRIGGER appointment_patient_no_overlap_update;
            CREATE TRIGGER appointment_patient_no_overlap_update BEFORE UPDATE ON appointment WHEN 0
            BEGIN SELECT RAISE(ABORT, 'appointment_patient_no_overlap'); END",
    },
    Loss {
        rule: "appointment_event_insert",
        restore: "SELECT sql FROM sqlite_schema WHERE name = 'appointment_event_insert'",
        lose: "DROP TRIGGER appointment_event_insert",
    },
    Loss {
        rule: "insurance_one_self_pay",
        restore: "SELECT sql FROM sqlite_schema WHERE name = 'insurance_one_self_pay'",
        lose: "DROP INDEX insurance_one_self_pay",
    },
];

fn losses(engine: Engine) -> &'static [Loss] {
    match engine {
        Engine::Postgres => &ON_POSTGRES,
        Engine::Sqlite => &ON_SQLITE,
    }
}

/// The text that a query answers.
async fn text(database: &TestDatabase, sql: &str) -> String {
    let conn = database.connect().await;
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(statement).await.unwrap().unwrap();
    conn.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()), "{answer:?}");
}

on_both_engines! {
    async fn while_a_rule_is_missing_no_time_is_claimed_and_it_is_named(engine) {
        let app = TestApp::spawn(engine).await;
        let visit = id_of(&app.book(&with_jane(0, TWO)).await.json());
        for (number, Loss { rule, restore, lose }) in losses(engine).iter().enumerate() {
            let restore = text(&app.database, restore).await;
            app.database.execute(lose).await.unwrap();
            let ready = app.get("/readyz").await;
            assert_unavailable(&ready);
            assert!(ready.text.contains(rule), "{rule}: {ready:?}");
            let anybody = json!({ "patient": patient(number + 1, "CT", "Aetna") });
            assert_unavailable(&app.book(&anybody).await);
            assert_unavailable(&app.reschedule(&visit, THREE).await);
            // What claims no time goes on.
            assert_eq!(app.get(&format!("/appointment/{visit}")).await.status, 200);
            app.database.execute(&restore).await.unwrap();
            let ready = app.get("/readyz").await;
            assert_eq!(ready.status, 200, "{rule}: {ready:?}");
            assert_eq!(app.book(&anybody).await.status, 201, "{rule}");
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_missing_rule_is_noticed_and_forgotten_without_anybody_asking(engine) {
        let app = TestApp::spawn(engine).await;
        let health = Health::new(app.db.clone(), Arc::new(SystemClock), WorkerHealth::default());
        let (stop, stopped) = watch::channel(false);
        let (every, clock) = (Duration::from_millis(20), Arc::new(SystemClock));
        let watching = tokio::spawn(health::watch(Arc::new(health), clock, every, stopped));
        let Loss { restore, lose, .. } = &losses(engine)[2];
        let restore = text(&app.database, restore).await;
        app.database.execute(lose).await.unwrap();
        let mut number = 0;
        let mut book = async |expected: u16| {
            number += 1;
            app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await.status == expected
        };
        assert!(comes_true(async || book(503).await).await, "never noticed");
        app.database.execute(&restore).await.unwrap();
        assert!(comes_true(async || book(201).await).await, "never forgotten");
        stop.send_replace(true);
        watching.await.unwrap();
    }
}

on_both_engines! {
    async fn of_sixty_at_once_right_after_the_rules_are_gone_nobody_gets_the_time(engine) {
        // Each claim asks by itself.
        let app = TestApp::spawn(engine).await;
        let drop = |owner: &str| match engine {
            Engine::Postgres => format!("ALTER TABLE appointment DROP CONSTRAINT appointment_{owner}_no_overlap"),
            Engine::Sqlite => format!(
                "DROP TRIGGER appointment_{owner}_no_overlap_insert; DROP TRIGGER appointment_{owner}_no_overlap_update"
            ),
        };
        for owner in ["provider", "patient"] {
            app.database.execute(&drop(owner)).await.unwrap();
        }
        for answer in
            join_all((0..60).map(async |number| app.book(&with_jane(number, TWO)).await)).await
        {
            assert_unavailable(&answer);
        }
        assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_is_switched_off_between_two_looks_is_seen_by_whoever_books_next() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    for off in [
        "ALTER TABLE appointment DISABLE TRIGGER appointment_event_insert",
        "UPDATE pg_index SET indisready = false WHERE indexrelid = 'appointment_provider_no_overlap'::regclass",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'appointment_patient_no_overlap'::regclass",
    ] {
        let app = TestApp::spawn(Engine::Postgres).await;
        assert_eq!(app.book(&with_jane(1, TWO)).await.status, 201);
        app.database.execute(off).await.unwrap();
        assert_unavailable(&app.book(&with_jane(2, THREE)).await);
        let ready = app.get("/readyz").await;
        assert!(ready.text.contains("is switched off"), "{off}: {ready:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_schema_that_takes_nothing_away_refuses_nobody_on_sqlite() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (number, harmless) in
        ["VACUUM", "CREATE INDEX of_our_own ON patient (name)", "ANALYZE"].into_iter().enumerate()
    {
        app.database.execute(harmless).await.unwrap();
        let anybody = json!({ "patient": patient(number, "CT", "Aetna") });
        assert_eq!(app.book(&anybody).await.status, 201, "{harmless}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_constraint_that_is_made_anew_is_looked_at_and_trusted_again() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let anew = "SELECT 'ALTER TABLE appointment DROP CONSTRAINT ' || conname || ', ADD CONSTRAINT ' ||
        conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'appointment_provider_no_overlap'";
    let anew = text(&app.database, anew).await;
    app.database.execute(&anew).await.unwrap();
    let booked = async || app.book(&with_jane(1, TWO)).await.status == 201;
    assert!(comes_true(booked).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_in_which_no_trigger_fires_are_not_booked_on() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let name = app.database.url.rsplit('/').next().unwrap().to_owned();
    let role = |to: &str| format!("ALTER DATABASE {name} {to}");
    app.database.execute(&role("SET session_replication_role = replica")).await.unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    app.database.execute(end).await.unwrap();
    assert_unavailable(&app.book(&with_jane(1, TWO)).await);
    let ready = app.get("/readyz").await;
    assert!(ready.text.contains("session_replication_role"), "{ready:?}");
    let another = Db::connect(&app.database.url, 2).await.unwrap();
    let wrong = integrity::check(&another).await.unwrap();
    assert!(wrong.iter().any(|what| what.contains("session_replication_role")), "{wrong:?}");
    another.close().await;
    app.database.execute(&role("RESET session_replication_role")).await.unwrap();
    app.database.execute(end).await.unwrap();
    assert!(comes_true(async || app.get("/readyz").await.status == 200).await);
    assert_eq!(app.book(&with_jane(1, TWO)).await.status, 201);
}

on_both_engines! {
    async fn a_rule_of_the_right_name_that_holds_nothing_does_not_pass_the_start(engine) {
        let database = TestDatabase::create(engine).await;
        let db = Db::connect(&database.url, 2).await.unwrap();
        migrations::up(&db).await.unwrap();
        assert_eq!(integrity::check(&db).await.unwrap(), Vec::<String>::new());
        let Loss { rule, lose, .. } = &losses(engine)[1];
        database.execute(lose).await.unwrap();
        let wrong = integrity::check(&db).await.unwrap();
        assert!(matches!(&wrong[..], [what] if what.contains(rule)), "{wrong:?}");
        db.close().await;
    }
}

on_both_engines! {
    async fn a_race_whose_losers_are_not_told_that_the_time_is_taken_fails(engine) {
        let app = TestApp::spawn(engine).await;
        let race = async || {
            let arguments = ["race", "--url", &app.url, "--clients", "5"];
            command(app.database.folder.path(), &[], &arguments).await
        };
        let fair = race().await;
        assert_eq!(fair.code, Some(0), "{fair:?}");
        // Who comes later is told something else.
        let overlong = match engine {
            Engine::Postgres => "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF EXISTS (SELECT 1 FROM appointment WHERE status <> 'CANCELLED') THEN
                        RAISE EXCEPTION 'late' USING ERRCODE = '53100'; END IF;
                    RETURN NEW; END $$;
                CREATE TRIGGER late BEFORE INSERT ON patient FOR EACH ROW EXECUTE FUNCTION late()",
            Engine::Sqlite => "CREATE TRIGGER late BEFORE INSERT ON patient
                WHEN EXISTS (SELECT 1 FROM appointment WHERE status <> 'CANCELLED')
                BEGIN SELECT RAISE(ABORT, 'late'); END",
        };
        app.database.execute("DELETE FROM appointment").await.unwrap();
        app.database.execute("DELETE FROM patient").await.unwrap();
        app.database.execute(overlong).await.unwrap();
        let unfair = race().await;
        assert_eq!(unfair.code, Some(1), "{unfair:?}");
        assert!(unfair.err.contains("must be told SLOT_TAKEN"), "{unfair:?}");
    }
}

on_both_engines! {
    async fn an_older_server_stays_ready_on_a_newer_database_and_does_not_start_on_one(engine) {
        let app = TestApp::spawn(engine).await;
        let future = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_future', 0)";
        app.database.execute(future).await.unwrap();
        // As a newer version might: this one can't know what it means.
        let check = match engine {
            Engine::Postgres => "ALTER TABLE appointment DROP CONSTRAINT appointment_confirmed_check,
                ADD CONSTRAINT appointment_confirmed_check CHECK (status <> 'CONFIRMED' OR external_id IS NOT NULL OR true)",
            Engine::Sqlite => "ALTER TABLE appointment ADD COLUMN of_the_future TEXT",
        };
        app.database.execute(check).await.unwrap();
        assert_eq!(app.get("/readyz").await.status, 200);
        assert!(comes_true(async || app.book(&with_jane(1, TWO)).await.status == 201).await);
        let ended = command(app.database.folder.path(), &[("DATABASE_URL", &app.database.url)], &["migrate", "up"]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        for told in ["newer version of clinic", "m20990101_000001_future", "clinic migrate down -n 1"] {
            assert!(ended.err.contains(told), "{told}: {ended:?}");
        }
        // But what keeps visits apart it takes for nothing else.
        let hollow = match engine {
            Engine::Postgres => [
                "ALTER TABLE appointment DROP CONSTRAINT appointment_patient_no_overlap",
                "ALTER TABLE appointment ADD CONSTRAINT appointment_patient_no_overlap
                    EXCLUDE USING gist (patient_id WITH =) WHERE (false)",
            ],
            Engine::Sqlite => [
                "DROP TRIGGER appointment_patient_no_overlap_insert",
                "CREATE TRIGGER appointment_patient_no_overlap_insert BEFORE INSERT ON appointment
                    WHEN 0 BEGIN SELECT 1; END",
            ],
        };
        for statement in hollow {
            app.database.execute(statement).await.unwrap();
        }
        assert_eq!(app.get("/readyz").await.status, 503);
        let answer = app.book(&with_jane(2, "2027-01-11T16:00:00Z")).await;
        assert_eq!(answer.problem(), (503, "UNAVAILABLE".to_owned()));
    }
}

on_both_engines! {
    async fn the_list_of_rules_is_what_the_migrations_make(engine) {
        let database = TestDatabase::create(engine).await;
        let db = Db::connect(&database.url, 2).await.unwrap();
        migrations::up(&db).await.unwrap();
        let (name, listed) = match engine {
            Engine::Postgres => ("postgres.tsv", include_str!("../../src/db/engine/integrity/postgres.tsv")),
            Engine::Sqlite => ("sqlite.tsv", include_str!("../../src/db/engine/integrity/sqlite.tsv")),
        };
        let made = integrity::listed_as_it_is(&db).await.unwrap();
        if made != listed {
            let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
            std::fs::write(&path, made).unwrap();
            panic!("the migrations make other rules than the list has; if that is meant: cp {path} src/db/engine/integrity/{name}");
        }
        db.close().await;
    }
}
