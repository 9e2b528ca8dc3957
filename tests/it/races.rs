//! Many clients at once: exactly one of them gets a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use clinic::db::DatabaseCommand;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use crate::support::{
    Answer, Bulk, Engine, RosterBuilder, ServerProcess, TestApp, TestDatabase, comes_true, in_time,
    on_both_engines, overlaps, patient, provider,
};

const SLOT: &str = "2027-01-11T15:00:00Z";

/// Until `count`, a query for a number, says more than none.
async fn until(app: &TestApp, count: &str) {
    assert!(comes_true(async || app.database.number(count).await > 0).await, "{count}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmation_and_a_cancellation_at_once_do_not_lock_each_other_out() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    app.faults(&json!({ "latency_ms": 300 })).await;
    let body = json!({ "patient": patient(1, "CT", "Aetna") });
    let answer = app.book(&body);
    let cancelling = async {
        until(&app, "SELECT count(*) FROM appointment").await;
        // As a cancellation does: the appointment first.
        let other = app.database.connect().await;
        let tx = other.begin().await.unwrap();
        tx.execute_unprepared("UPDATE appointment SET updated_at = updated_at").await.unwrap();
        // The confirmation waits for it, and must not have the outbox row already.
        until(
            &app,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'
            AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())",
        )
        .await;
        let then = "UPDATE outbox SET due_at = due_at";
        assert_eq!(tx.execute_unprepared(then).await.unwrap().rows_affected(), 1);
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(answer, cancelling);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(app.unsettled().await, 0);
}

/// Every client's answer, the nth at the nth server.
async fn all_at_once(servers: &[TestApp], bodies: Vec<Value>) -> Vec<Answer> {
    let requests = bodies.iter().enumerate().map(|(number, body)| {
        let server = &servers[number % servers.len()];
        server.book(body)
    });
    join_all(requests).await
}

async fn servers(engine: Engine, how_many: usize, roster: fn() -> RosterBuilder) -> Vec<TestApp> {
    let database = Arc::new(TestDatabase::create(engine).await);
    let mut servers = Vec::new();
    for _ in 0..how_many {
        let builder =
            TestApp::builder(engine).roster(roster()).setting("BOOKING_HORIZON_DAYS", "1");
        servers.push(builder.spawn_on(Arc::clone(&database)).await);
    }
    servers
}

async fn one_of_sixty(engine: Engine, how_many: usize) {
    let servers = servers(engine, how_many, RosterBuilder::usual).await;
    let bodies = (0..60).map(|n| json!({ "patient": patient(n, "CT", "Aetna"), "time": SLOT }));
    let answers = all_at_once(&servers, bodies.collect()).await;
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(won.len(), 1, "{answers:?}");
    for answer in lost {
        assert_eq!(answer.problem(), (409, "SLOT_TAKEN".to_owned()), "{answer:?}");
        let body = answer.json();
        let others: Vec<&str> = body["alternatives"]
            .as_array()
            .unwrap()
            .iter()
            .map(|other| other["time"].as_str().unwrap())
            .collect();
        assert_eq!(
            others,
            ["2027-01-11T15:30:00Z", "2027-01-11T15:45:00Z", "2027-01-11T16:00:00Z"]
        );
    }
    let book = servers[0].whole_book().await;
    assert_eq!(book.len(), 1, "a loser has left something: {book:?}");
    servers[0].assert_agreement().await;
}

on_both_engines! {
    async fn of_sixty_clients_for_one_time_exactly_one_gets_it(engine) {
        one_of_sixty(engine, 1).await;
    }
}

on_both_engines! {
    async fn of_sixty_clients_at_two_servers_exactly_one_gets_the_time(engine) {
        one_of_sixty(engine, 2).await;
    }
}

/// One provider with exactly twenty quarters of an hour before the horizon.
fn twenty_free() -> RosterBuilder {
    let jane = provider("Dr. Jane Doe").licensed("CT").takes("Aetna");
    RosterBuilder::default().with(jane.works("MONDAY", "09:00", "14:00"))
}

async fn twenty_of_forty(engine: Engine, how_many: usize) {
    let servers = servers(engine, how_many, twenty_free).await;
    let bodies =
        (0..40).map(|n| json!({ "patient": patient(n, "CT", "Aetna"), "duration_minutes": 15 }));
    let answers = all_at_once(&servers, bodies.collect()).await;
    let (won, lost): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 201);
    let times: BTreeSet<String> =
        won.iter().map(|answer| answer.json()["time"].as_str().unwrap().to_owned()).collect();
    let opens: Timestamp = "2027-01-11T14:00:00Z".parse().unwrap();
    let earliest: BTreeSet<String> =
        (0..20).map(|n| (opens + SignedDuration::from_mins(15 * n)).to_string()).collect();
    assert_eq!((won.len(), times), (20, earliest), "{answers:?}");
    for answer in lost {
        assert_eq!(answer.problem(), (409, "NO_AVAILABILITY".to_owned()), "{answer:?}");
    }
    servers[0].assert_agreement().await;
}

on_both_engines! {
    async fn forty_clients_get_the_twenty_free_times_in_order(engine) {
        twenty_of_forty(engine, 1).await;
    }
}

on_both_engines! {
    async fn forty_clients_at_two_servers_get_the_twenty_free_times_in_order(engine) {
        twenty_of_forty(engine, 2).await;
    }
}

on_both_engines! {
    async fn one_patient_who_asks_twenty_times_at_once_is_not_double_booked(engine) {
        let servers = servers(engine, 2, RosterBuilder::usual).await;
        let bodies = (0..20).map(|_| json!({ "patient": patient(1, "NY", "Cigna"), "time": SLOT }));
        let answers = all_at_once(&servers, bodies.collect()).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1, "{answers:?}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(answer.problem(), (409, "PATIENT_DOUBLE_BOOKED".to_owned()), "{answer:?}");
        }
        servers[0].assert_agreement().await;
    }
}

on_both_engines! {
    async fn whoever_asks_for_the_first_time_takes_one_attempt_however_many_ask(engine) {
        let database = Arc::new(TestDatabase::create(engine).await);
        let mut always = provider("Dr. Always").licensed("CT").takes("Aetna");
        for day in ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] {
            always = always.works(day, "00:00", "24:00");
        }
        let roster = RosterBuilder::default().with(always);
        let loader = TestApp::builder(engine).roster(roster).spawn_on(Arc::clone(&database)).await;
        loader.stop().await;
        let server = ServerProcess::start(&database, &[]).await;
        let bodies: Vec<Value> =
            (0..32).map(|n| json!({ "patient": patient(n, "CT", "Aetna") })).collect();
        let answers = join_all(bodies.iter().map(|body| server.book(body))).await;
        assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
        let metrics = server.get("/metrics").await.text;
        let attempts = metrics.lines().find(|line| line.starts_with("clinic_hold_attempts_total"));
        assert_eq!(attempts, Some("clinic_hold_attempts_total 32"), "{metrics}");
    }
}

/// Writes an appointment as another program might, at that minute past 15:00.
fn raw_insert(engine: Engine, minute: usize) -> String {
    let (id, [starts_at, ends_at]) = match engine {
        Engine::Sqlite => (
            "randomblob(16)",
            [15, 16].map(|hour| format!("'2027-01-11T{hour}:{minute:02}:00+00:00'")),
        ),
        Engine::Postgres => (
            "gen_random_uuid()",
            [15, 16].map(|hour| format!("'2027-01-11T{hour}:{minute:02}:00Z'")),
        ),
    };
    let same = "version, state, insurance_id, created_at, updated_at";
    format!("INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, {same})
        SELECT {id}, provider_id, patient_id, {starts_at}, {ends_at}, 'PENDING', {same} FROM appointment
        WHERE external_id IS NOT NULL LIMIT 1")
}

async fn raw_writers_at_once(app: &TestApp) -> usize {
    let statements: Vec<String> =
        (0..10).map(|minute| raw_insert(app.database.engine, minute)).collect();
    let done = join_all(statements.iter().map(|sql| app.database.execute(sql))).await;
    done.iter().filter(|written| written.is_ok()).count()
}

on_both_engines! {
    async fn of_ten_raw_writers_at_once_one_gets_the_time(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.status, 201);
        assert_eq!(raw_writers_at_once(&app).await, 1);
        assert_eq!(overlaps(&app.whole_book().await), Vec::<String>::new());
    }
}

on_both_engines! {
    async fn sabotage_without_the_rules_raw_writers_overlap_and_the_sweep_sees_it(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&json!({ "patient": patient(1, "CT", "Aetna") })).await.status, 201);
        for rule in ["provider_no_overlap", "provider_no_overlap_all", "patient_no_overlap", "patient_no_overlap_all"] {
            let rule = format!("appointment_{rule}");
            let statements = match engine {
                Engine::Postgres => vec![format!("ALTER TABLE appointment DROP CONSTRAINT {rule}")],
                Engine::Sqlite => ["insert", "update"]
                    .map(|event| format!("DROP TRIGGER {rule}_{event}")).to_vec(),
            };
            for sql in statements {
                app.database.execute(&sql).await.unwrap();
            }
        }
        assert_eq!(raw_writers_at_once(&app).await, 10);
        // Nine pairs of neighbours, of one provider and of one patient.
        assert_eq!(overlaps(&app.whole_book().await).len(), 18);
    }
}

on_both_engines! {
    async fn whoever_loses_a_time_tries_it_with_each_provider_once(engine) {
        const PROVIDERS: usize = 6;
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(PROVIDERS)).spawn().await;
        app.a_patient_for_each_provider().await;
        // Somebody writes an appointment of that time with everybody, and commits it after the search
        // has seen all of them free.
        let rival = app.database.connect().await;
        let tx = rival.begin().await.unwrap();
        let bulk = Bulk(engine);
        let (from, to) = (bulk.instant("840"), bulk.instant("870"));
        let sql = format!(
            "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version,
                    state, insurance_id, external_id, created_at, updated_at)
             SELECT {id}, provider.id, patient.id, {from}, {to}, 'CONFIRMED', 1,
                    'CT', patient.insurance_id, {external_id}, {from}, {from}
               FROM provider JOIN patient ON patient.id = provider.id", id = bulk.random_id(), external_id = bulk.external_id()
        );
        tx.execute_unprepared(&sql).await.unwrap();
        let mut watch = app.db.watch();
        let booking = json!({ "patient": patient(1, "CT", "Aetna"), "time": "2027-01-11T14:00:00Z" });
        let (mut begun, mut searched) = (0, false);
        let (answer, ()) = tokio::join!(app.book(&booking), async {
            while !searched {
                let sent = in_time(watch.recv()).await.unwrap();
                searched = matches!(&sent, DatabaseCommand::Statement(sql) if sql.contains("busy_version"));
            }
            tx.commit().await.unwrap();
        });
        assert_eq!(answer.problem(), (409, "SLOT_TAKEN".to_owned()), "{answer:?}");
        while let Ok(sent) = watch.try_recv() {
            begun += usize::from(matches!(&sent, DatabaseCommand::Statement(sql) if sql.contains("INSERT INTO \"appointment\"")));
        }
        assert_eq!(begun, PROVIDERS);
    }
}
