//! What grows with the bookings is read by an index: lists walk one from where each page begins,
//! and a booking finds what it needs, however much is booked.

use std::collections::BTreeSet;
use std::time::Duration;

use clinic::db::{DatabaseCommand, events, idempotency, mail, outbox, webhooks};
use clinic::domain::Clock as _;
use clinic::domain::ids::uuid_at;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Bulk, Engine, RosterBuilder, TestApp, john, on_both_engines};

const PROVIDERS: usize = 20;
const EACH: u32 = 1000;

async fn column(conn: &DatabaseConnection, sql: String, at: usize) -> String {
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let rows = conn.query_all_raw(statement).await.unwrap();
    let lines = rows.iter().map(|row| row.try_get_by_index::<String>(at).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The plan for any values of the placeholders.
async fn plan(app: &TestApp, sql: &str) -> String {
    plan_after(app, &[], sql).await
}

/// The plan of a session that was told something before.
async fn plan_after(app: &TestApp, told: &[String], sql: &str) -> String {
    let conn = app.database.connect().await;
    for told in told {
        conn.execute_unprepared(told).await.unwrap();
    }
    match app.database.engine {
        Engine::Sqlite => {
            // Two may be sent in one trip.
            let each = sql.split("; ").map(|sql| format!("EXPLAIN QUERY PLAN {sql}"));
            column(&conn, each.collect::<Vec<_>>().join("; "), 3).await
        }
        Engine::Postgres => {
            let most = (1..100).rev().find(|n| sql.contains(&format!("${n}")));
            let nulls = most.map(|most| format!("({})", vec!["NULL"; most].join(", ")));
            for setup in
                ["SET plan_cache_mode = force_generic_plan", &format!("PREPARE asked AS {sql}")]
            {
                conn.execute_unprepared(setup).await.unwrap();
            }
            column(&conn, format!("EXPLAIN EXECUTE asked{}", nulls.unwrap_or_default()), 0).await
        }
    }
}

/// The cursor of an appointment that many come before and many after.
async fn middle(app: &TestApp) -> serde_json::Value {
    let query =
        "{ appointments(from: \"2027-01-15T00:00:00Z\", to: \"2027-02-01T00:00:00Z\", first: 1) {
        edges { cursor } } }";
    app.graphql(query, json!({})).await["data"]["appointments"]["edges"][0]["cursor"].clone()
}

on_both_engines! {
    async fn a_page_of_each_reads_the_index_of_its_owner(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(PROVIDERS)).spawn().await;
        app.a_patient_for_each_provider().await;
        let starts = format!("(n - {}) * 60", EACH / 2);
        app.appointments_for_each(EACH, &starts, &format!("{starts} + 30"), "TRUE").await;
        app.database.execute("ANALYZE").await.unwrap();
        let wide = "from: \"2020-01-01T00:00:00Z\", to: \"2040-01-01T00:00:00Z\"";
        for (list, arguments, index) in [
            ("providers", wide, "appointment_provider_time"),
            ("patients", "status: [CONFIRMED]", "appointment_patient_time"),
        ] {
            let middle = middle(&app).await;
            for page in ["first: 5", "last: 5", &format!("first: 5, after: {middle}"), &format!("last: 5, before: {middle}")] {
                let query = format!("{{ {list} {{ nodes {{ appointments({arguments}, {page}) {{ nodes {{ id }} }} }} }} }}");
                let (answer, sent) = app.statements(app.graphql(&query, json!({}))).await;
                assert_eq!(answer["data"][list]["nodes"][0]["appointments"]["nodes"].as_array().unwrap().len(), 5);
                let asked = sent.sql.iter().find(|sql| sql.contains("\"found\"")).unwrap();
                let plan = plan(&app, asked).await;
                let (walks, reads_all) = match engine {
                    Engine::Sqlite => (format!("SEARCH appointment USING INDEX {index} ("), "SCAN appointment"),
                    Engine::Postgres => (format!(" {index}"), "Seq Scan on appointment"),
                };
                assert!(plan.contains(&walks), "{page}: {plan}");
                assert!(!plan.contains(reads_all) && !plan.contains("SCAN found"), "{page}: {plan}");
                // Only the few that are found are sorted, not all that an owner has; on PostgreSQL a
                // plan for any cursor expects too few between it and the window's end to care.
                if engine == Engine::Sqlite || !page.contains(',') {
                    let sorts = plan.matches("Sort  (").count() + plan.matches("TEMP B-TREE").count();
                    assert_eq!(sorts, 1, "{page}: {plan}");
                }
            }
        }
    }
}

on_both_engines! {
    async fn a_page_of_everybodys_appointments_walks_the_index_of_all_times(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(PROVIDERS)).spawn().await;
        app.a_patient_for_each_provider().await;
        let starts = format!("(n - {}) * 60", EACH / 2);
        app.appointments_for_each(EACH, &starts, &format!("{starts} + 30"), "TRUE").await;
        app.database.execute("ANALYZE").await.unwrap();
        for window in ["from=2027-01-15&to=2027-01-15", "from=0000-01-01&to=9999-12-31"] {
            let mut page = format!("/appointments?{window}&limit=5");
            for _ in 0..3 {
                let (answer, sent) = app.statements(app.get(&page)).await;
                let list = answer.json();
                assert_eq!(list["appointments"].as_array().unwrap().len(), 5, "{page}: {answer:?}");
                let asked = sent.sql.iter().find(|sql| sql.contains("FROM \"appointment\"") && sql.contains("ORDER BY")).unwrap();
                let plan = plan(&app, asked).await;
                assert!(plan.contains("appointment_time"), "{page}: {plan}");
                assert!(!reads_all(engine, "appointment", asked, &plan), "{page}: {plan}");
                assert!(engine == Engine::Postgres || !plan.contains("TEMP B-TREE"), "{page}: {plan}");
                page = format!("/appointments?{window}&limit=5&cursor={}", list["next_cursor"].as_str().unwrap());
            }
        }
        // Who works here is in memory: what is read is the number of its version.
        let (answer, sent) = app.statements(app.get("/providers?state=CT&insurance=Aetna&name=dr")).await;
        assert_eq!(answer.json()["providers"].as_array().unwrap().len(), PROVIDERS);
        assert_eq!(sent.sql, ["SELECT version FROM directory_version"]);
    }
}

/// So many more patients, keys that were used, and appointments that wait for the scheduling
/// service: till tomorrow, by the application's clock.
async fn crowd(app: &TestApp, count: u32) {
    let bulk = Bulk(app.database.engine);
    let (id, series, now) = (bulk.random_id(), bulk.series(count), bulk.instant("0"));
    let booked = format!(
        "(SELECT id, row_number() OVER (ORDER BY id) AS n FROM appointment LIMIT {count}) AS booked"
    );
    let tomorrow = bulk.instant("2880");
    for sql in [
        format!(
            "INSERT INTO patient (id, name, email, name_key, email_key, state, insurance_id, created_at, updated_at)
             SELECT {id}, 'P', 'P', 'p' || n, 'p' || n || '@example.com', 'CT',
                    (SELECT id FROM insurance ORDER BY name LIMIT 1), {now}, {now} FROM {series}"
        ),
        format!(
            "INSERT INTO idempotency_key (scope, key, request_hash, appointment_id, created_at)
             SELECT 'anonymous', 'key' || n, 'hash', id, {now} FROM {booked}"
        ),
        // As if so many times had been held and released within the hour.
        format!("INSERT INTO held_change (appointment_id, provider_id) SELECT {id}, {id} FROM {series}"),
        format!(
            "INSERT INTO outbox (appointment_id, attempts, due_at, created_at)
             SELECT id, 0, {tomorrow}, {now} FROM {booked}"
        ),
    ] {
        app.database.execute(&sql).await.unwrap();
    }
}

/// A mail and a delivery of each appointment, some minutes from now, as if they had been put off.
async fn much_to_tell(app: &TestApp, endpoint: Uuid) {
    let bulk = Bulk(app.database.engine);
    let (id, now, later) = (bulk.random_id(), bulk.instant("0"), bulk.instant("2880"));
    let endpoint = match app.database.engine {
        Engine::Sqlite => format!("x'{}'", endpoint.simple()),
        Engine::Postgres => format!("uuid '{endpoint}'"),
    };
    let visits = "(SELECT *, row_number() OVER (ORDER BY id) AS n FROM appointment) AS visit";
    let inactive = match app.database.engine {
        Engine::Sqlite => "0",
        Engine::Postgres => "FALSE",
    };
    for sql in [
        format!(
            "INSERT INTO webhook_endpoint (id, version, url, kinds, active, secret, position, created_at)
             VALUES ({endpoint}, 1, 'https://example.com', '', {inactive}, 'secret', 0, {now})"
        ),
        format!(
            "INSERT INTO mail (id, kind, appointment_id, position, provider_id, starts_at, ends_at, at, status, attempts, next_attempt_at)
             SELECT {id}, 'CONFIRMATION', visit.id, 1000000 + n, provider_id, starts_at, ends_at, {now}, 'PENDING', 0, {later} FROM {visits}"
        ),
        format!(
            "INSERT INTO webhook_delivery (id, endpoint_id, position, appointment_id, kind, at, status, attempts, next_attempt_at)
             SELECT {id}, {endpoint}, 1000000 + n, visit.id, 'BOOKED', {now}, 'PENDING', 0, {later} FROM {visits}"
        ),
    ] {
        app.database.execute(&sql).await.unwrap();
    }
}

/// Everything that bookings, and what works beside them, send: each statement once.
async fn sent_by_bookings(app: &TestApp) -> BTreeSet<String> {
    let mut watch = app.db.watch();
    let first = json!({ "patient": john(), "after": "2027-03-01T00:00:00Z" });
    let asked =
        json!({ "patient": john(), "time": "2027-03-05T15:00:00Z", "duration_minutes": 15 });
    let named = json!({ "patient": john(), "provider_id": app.provider_id("Dr. 001").await,
        "after": "2027-03-10T00:00:00Z" });
    for (key, body) in [("first", &first), ("first", &first), ("asked", &asked), ("named", &named)]
    {
        let answer = app.post_with_key("/appointment", key, body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let events = "{ events(first: 5) { pageInfo { endCursor } nodes { kind } } }";
    let page = app.graphql(events, json!({})).await;
    let cursor = page["data"]["events"]["pageInfo"]["endCursor"].clone();
    let after = format!("{{ events(first: 5, after: {cursor}) {{ nodes {{ kind }} }} }}");
    let page = app.graphql(&after, json!({})).await;
    assert_eq!(page["data"]["events"]["nodes"].as_array().unwrap().len(), 5);
    let (db, now) = (&app.db, app.clock.now());
    let tx = db.begin().await.unwrap();
    let lease = outbox::Lease { token: uuid_at(now), until: now };
    for lane in [outbox::Lane::Fresh, outbox::Lane::Failing, outbox::Lane::Ending] {
        assert!(!outbox::any_due(db.read(), lane, now).await.unwrap());
        let taking = outbox::Taking { lane, limit: 10, newest: false };
        assert_eq!(outbox::lease_due(&tx, taking, now, lease).await.unwrap(), []);
    }
    assert_eq!(idempotency::forget_old(&tx, now).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert!(events::last(db.read()).await.unwrap().0 > i64::from(EACH));
    let mut sent = BTreeSet::new();
    while let Ok(Ok(one)) = tokio::time::timeout(Duration::from_millis(100), watch.recv()).await {
        if let DatabaseCommand::Statement(sql) = one {
            sent.insert(sql);
        }
    }
    sent
}

/// Whether a table is read from one end to the other.
fn reads_all(engine: Engine, table: &str, sql: &str, plan: &str) -> bool {
    // The first page of events begins where the table does, in the order of its key.
    let begins_there =
        table == "appointment_event" && sql.contains("LIMIT") && !plan.contains("B-TREE");
    plan.lines().any(|line| match engine {
        Engine::Postgres => line.contains(&format!("Seq Scan on {table} ")),
        Engine::Sqlite => line.split_whitespace().eq(["SCAN", table]) && !begins_there,
    })
}

on_both_engines! {
    async fn a_booking_finds_by_an_index_whatever_grows_with_bookings(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(PROVIDERS)).spawn().await;
        app.a_patient_for_each_provider().await;
        app.appointments_for_each(EACH, "n * 60 + 840", "n * 60 + 870", "TRUE").await;
        crowd(&app, 5000).await;
        // Puts the events in order, as has long been done with most.
        app.graphql("{ events(first: 1) { nodes { kind } } }", json!({})).await;
        if engine == Engine::Postgres {
            // As its own housekeeping does; the server never has SQLite do so.
            app.database.execute("ANALYZE").await.unwrap();
        }
        let sent = sent_by_bookings(&app).await;
        let mut indexes: Vec<(&str, &str)> = vec![
            ("FROM appointment WHERE provider_id IN ($5)", "appointment_provider_time"),
            ("FROM appointment WHERE provider_id IN ($5)", "appointment_provider_move"),
            ("FROM appointment WHERE patient_id =", "appointment_patient_time"),
            ("FROM appointment WHERE patient_id =", "appointment_patient_move"),
            ("AND starts_at >= $1 AND starts_at < $2", "appointment_time"),
            ("AND move_starts_at >= $1 AND move_starts_at < $2", "appointment_move"),
            ("DELETE FROM \"idempotency_key\"", "idempotency_key_created_at"),
        ];
        indexes.extend(match engine {
            // What comes after a position is little, and it may well be found by that alone.
            Engine::Postgres => vec![
                ("appointment_event WHERE position > $1", "appointment_event_position_key"),
                ("appointment_event WHERE position IS NULL", "appointment_event_without_position"),
                ("held_change WHERE made_by >=", "held_change_pkey"),
                ("FROM \"patient\" WHERE \"patient\".\"id\" IN", "patient_same"),
                ("FROM \"idempotency_key\" WHERE \"idempotency_key\".\"scope\"", "idempotency_key_pkey"),
                ("UPDATE \"appointment\"", "appointment_pkey"),
                ("DELETE FROM \"outbox\"", "outbox_pkey"),
                ("\"outbox\".\"due_at\" <=", "outbox_lane"),
                ("\"outbox\".\"ends_at\" <=", "outbox_ends_at"),
                ("FROM \"appointment_event\" LEFT JOIN", "appointment_event_position_key"),
            ],
            Engine::Sqlite => vec![
                ("appointment_event WHERE position > $1", "USING INTEGER PRIMARY KEY (rowid>?)"),
                ("appointment_event WHERE position > $1", "(id=?)"),
                ("held_change WHERE number > CAST($3 AS INTEGER)", "SEARCH held_change USING INTEGER PRIMARY KEY (rowid>?)"),
                ("WHERE provider_id = $3 AND position > $1", "appointment_event_provider"),
                ("other_provider_id = $3 AND position > $1", "appointment_event_other_provider"),
                ("FROM \"patient\" WHERE \"patient\".\"id\" IN", "patient_same"),
                ("FROM \"idempotency_key\" WHERE \"idempotency_key\".\"scope\"", "PRIMARY KEY (scope=? AND key=?)"),
                ("UPDATE \"appointment\"", "(id=?)"),
                ("DELETE FROM \"outbox\"", "PRIMARY KEY (appointment_id=?)"),
                ("\"outbox\".\"due_at\" <=", "outbox_lane"),
                ("\"outbox\".\"ends_at\" <=", "outbox_ends_at"),
                ("FROM \"appointment_event\" LEFT JOIN", "INTEGER PRIMARY KEY"),
            ],
        });
        for sql in sent.iter().filter(|sql| !sql.contains("advisory") && !sql.contains("pg_notify")) {
            let plan = plan(&app, sql).await;
            for table in ["appointment", "appointment_event", "held_change", "patient", "outbox", "idempotency_key"] {
                assert!(!reads_all(engine, table, sql, &plan), "{sql}\n{plan}");
            }
            let words = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            indexes.retain(|(part, index)| {
                let meant = words.contains(part);
                assert!(!meant || plan.contains(index), "{index}: {words}\n{plan}");
                !meant
            });
        }
        assert!(indexes.is_empty(), "no statement looks like {indexes:?}: {sent:#?}");
    }
}

on_both_engines! {
    async fn what_is_to_be_told_next_is_found_by_an_index_however_much_waits(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(PROVIDERS)).spawn().await;
        app.a_patient_for_each_provider().await;
        // So far off that nobody is to be reminded.
        app.appointments_for_each(100, "n * 60 + 4320", "n * 60 + 4350", "TRUE").await;
        let (now, endpoint) = (app.clock.now(), uuid_at(app.clock.now()));
        much_to_tell(&app, endpoint).await;
        let (token, endpoint, mut watch) = (uuid_at(now), endpoint.into(), app.db.watch());
        let tx = app.db.begin().await.unwrap();
        assert!(mail::lease_due(&tx, (8, mail::Lease { token, until: now }), now).await.unwrap().is_empty());
        let lease = webhooks::Lease { token, until: now };
        assert!(webhooks::lease_due(&tx, endpoint, (8, lease), now).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        let (mut told, mut plans) = (Vec::new(), Vec::new());
        while let Ok(Ok(sent)) = tokio::time::timeout(Duration::from_millis(100), watch.recv()).await {
            match sent {
                // For the session of the plan what was said for the transaction.
                DatabaseCommand::Statement(sql) if sql.starts_with("SET LOCAL") => told.push(sql.replace("LOCAL", "")),
                DatabaseCommand::Statement(sql) if sql.contains("SET leased_until") => {
                    plans.push(plan_after(&app, &told, &sql).await);
                }
                _ => {}
            }
        }
        let indexes = [["mail_due", "mail_waiting"], ["webhook_delivery_due", "webhook_delivery_waiting"]];
        assert_eq!(plans.len(), indexes.len());
        for (plan, indexes) in plans.iter().zip(indexes) {
            // Whether anything is sorted, or gathered before it is gone over.
            let gathers = ["Sort", "Bitmap", "TEMP B-TREE FOR ORDER", "Seq Scan", "Hash Anti"];
            assert!(indexes.iter().all(|index| plan.contains(index)), "{indexes:?}: {plan}");
            assert!(!gathers.iter().any(|way| plan.contains(way)), "{plan}");
        }
    }
}

#[tokio::test]
async fn plans_of_sqlite_rest_on_no_value_of_a_parameter() {
    // Each statement with a bound LIMIT would be planned anew whenever it is run (.cargo/config.toml).
    let app = TestApp::spawn(Engine::Sqlite).await;
    let conn = app.database.connect().await;
    let options = column(&conn, "PRAGMA compile_options".to_owned(), 0).await;
    assert!(options.lines().any(|option| option == "ENABLE_QPSG"), "{options}");
}
