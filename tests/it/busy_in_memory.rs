//! Busy time is kept in memory for searches among all who match, and is nevertheless what the
//! database says now, whoever has changed it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, comes_true, id_of, on_both_engines, patient};

const SEARCHES: [(&str, u32); 6] = [
    ("2027-01-11T12:00:00Z", 5),
    ("2027-01-11T12:00:00Z", 240),
    ("2027-01-12T15:40:00Z", 60),
    ("2027-01-12T15:40:00Z", 480),
    ("2027-02-10T00:00:00Z", 30),
    ("2027-03-20T20:00:00Z", 60),
];

/// The first times of all who match, which are looked for in memory, and the earliest of the first times
/// of each, which are looked for in the database.
async fn first_times(app: &TestApp) -> (Vec<Value>, Vec<Value>) {
    let field = |(n, (after, minutes)): (usize, &(&str, u32)), whose: &str| {
        format!(
            "f{n}: firstAvailable(after: \"{after}\", durationMinutes: {minutes}{whose}) {{ startsAt }} "
        )
    };
    let among = ", state: \"CT\", insurance: \"Aetna\"";
    let all: String = SEARCHES.iter().enumerate().map(|it| field(it, among)).collect();
    let each: String = SEARCHES.iter().enumerate().map(|it| field(it, "")).collect();
    let all = app.graphql(&format!("{{ {all} }}"), json!({})).await;
    let each = app.graphql(&format!("{{ providers {{ nodes {{ {each} }} }} }}"), json!({})).await;
    let time = |at: &Value, n: usize| at[format!("f{n}")]["startsAt"].clone();
    let numbers = 0..SEARCHES.len();
    let in_memory = numbers.clone().map(|n| time(&all["data"], n)).collect();
    let in_database = numbers.map(|n| {
        let nodes = each["data"]["providers"]["nodes"].as_array().unwrap().iter();
        let times = nodes.map(|node| time(node, n)).filter(Value::is_string);
        times.min_by_key(|time| time.as_str().map(str::to_owned)).unwrap_or_default()
    });
    (in_memory, in_database.collect())
}

async fn assert_both_see(replicas: [&TestApp; 2], change: &str) {
    for replica in replicas {
        let (in_memory, in_database) = first_times(replica).await;
        assert_eq!(in_memory, in_database, "after: {change}");
        assert!(in_memory.iter().all(Value::is_string), "{in_memory:?}");
    }
}

async fn two_replicas(engine: Engine) -> [TestApp; 2] {
    let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
    let replica = TestApp::builder(engine)
        .roster(RosterBuilder::alike(3))
        .setting("SCHEDULER_URL", &app.scheduler_url)
        .spawn_on(Arc::clone(&app.database))
        .await;
    [app, replica]
}

const LAST: &str = "id = (SELECT id FROM appointment WHERE status = 'CONFIRMED' ORDER BY starts_at DESC, id DESC LIMIT 1)";
const FIRST: &str =
    "id = (SELECT id FROM appointment WHERE status = 'CONFIRMED' ORDER BY starts_at, id LIMIT 1)";

fn later(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {column}, '+30 days')"),
        Engine::Postgres => format!("{column} + interval '30 days'"),
    }
}

on_both_engines! {
    async fn a_search_among_all_sees_at_once_what_anybody_has_changed(engine) {
        let [app, replica] = two_replicas(engine).await;
        assert_both_see([&app, &replica], "nothing yet").await;
        let mut booked = Vec::new();
        for number in 0..12 {
            let (server, other) = if number % 2 == 0 { (&app, &replica) } else { (&replica, &app) };
            let after = SEARCHES[number % SEARCHES.len()].0;
            let booking = json!({ "patient": patient(number, "CT", "Aetna"), "after": after, "duration_minutes": 120 });
            let answer = server.book(&booking).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            booked.push(id_of(&answer.json()));
            assert_both_see([other, server], "a booking").await;
            if number % 3 == 1 {
                assert_eq!(server.cancel(&booked[number - 1]).await.status, 200);
                assert_both_see([other, server], "a cancellation").await;
            }
            if number % 4 == 3 {
                // One that is there for each round: nobody else moves there.
                let to = format!("2027-02-{:02}T15:00:00Z", 15 + number);
                assert_eq!(server.reschedule(&booked[number], &to).await.status, 200);
                assert_both_see([other, server], "a move").await;
            }
        }
        let (from, to) = (later(engine, "starts_at"), later(engine, "ends_at"));
        for change in [
            format!("UPDATE appointment SET status = 'CANCELLED' WHERE {FIRST}"),
            format!("UPDATE appointment SET starts_at = {from}, ends_at = {to} WHERE {LAST}"),
            format!("DELETE FROM appointment WHERE {FIRST}"),
            format!("UPDATE appointment SET provider_id = (SELECT max(id::text)::uuid FROM provider) WHERE {FIRST}"),
            "DELETE FROM appointment_event".to_owned(),
            format!("UPDATE appointment SET status = 'CANCELLED' WHERE {FIRST}"),
        ] {
            let change = match engine {
                Engine::Sqlite => change.replace("max(id::text)::uuid", "max(id)"),
                Engine::Postgres => change,
            };
            assert_eq!(app.database.execute(&change).await.map(|rows| rows > 0), Ok(true), "{change}");
            assert_both_see([&app, &replica], &change).await;
        }
    }
}

on_both_engines! {
    async fn an_appointment_that_cannot_be_read_is_in_nobodys_way(engine) {
        let [app, replica] = two_replicas(engine).await;
        for number in 0..2 {
            assert_eq!(app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await.status, 201);
            assert_both_see([&app, &replica], "a booking").await;
        }
        // "For ever", as some write it: past the last moment that the program knows.
        let for_ever = "UPDATE appointment SET starts_at = '9999-12-31T10:00:00+00:00',
            ends_at = '9999-12-31T10:30:00+00:00' WHERE status = 'CONFIRMED'";
        let for_ever = format!("{for_ever} AND {FIRST}");
        assert_eq!(app.database.execute(&for_ever).await, Ok(1));
        assert_both_see([&app, &replica], &for_ever).await;
        assert_eq!(replica.book(&json!({ "patient": patient(2, "CT", "Aetna") })).await.status, 201);
        assert_both_see([&app, &replica], "a booking").await;
    }
}

on_both_engines! {
    async fn so_many_changes_that_they_are_not_followed_are_seen_as_well(engine) {
        let [app, replica] = two_replicas(engine).await;
        app.a_patient_for_each_provider().await;
        assert_both_see([&app, &replica], "nothing yet").await;
        // Every other half hour of a month and a half, 6,000 in all.
        app.appointments_for_each(2000, "n * 60", "n * 60 + 30", "TRUE").await;
        assert!(app.database.number("SELECT count(*) FROM appointment_event").await > 5000);
        assert_both_see([&app, &replica], "6,000 bookings").await;
    }
}

on_both_engines! {
    async fn without_the_triggers_that_tell_a_change_it_would_not_be_seen(engine) {
        // What shows that the tests above can fail, and why a server refuses to start like this.
        for (change, trigger) in [
            ("UPDATE appointment SET status = 'CANCELLED'", "appointment_event_update"),
            ("DELETE FROM appointment", "appointment_unlogged_delete"),
        ] {
            let [app, replica] = two_replicas(engine).await;
            for number in 0..3 {
                let booking = json!({ "patient": patient(number, "CT", "Aetna"), "duration_minutes": 240 });
                assert_eq!(app.book(&booking).await.status, 201);
            }
            assert_both_see([&app, &replica], "three bookings").await;
            // Until then what the log tells is read each time, and as it is now.
            let to_place = "SELECT count(*) FROM appointment_event WHERE position IS NULL";
            assert!(comes_true(async || app.database.number(to_place).await == 0).await);
            let (gone, unlogged) = match engine {
                Engine::Sqlite => (format!("DROP TRIGGER {trigger}"), "DROP TRIGGER appointment_event_unlogged_delete"),
                Engine::Postgres => (
                    format!("ALTER TABLE appointment DISABLE TRIGGER {trigger}"),
                    "ALTER TABLE appointment_event DISABLE TRIGGER appointment_event_unlogged_delete",
                ),
            };
            let mut missing = vec![trigger];
            app.database.execute(&gone).await.unwrap();
            if change.starts_with("DELETE") {
                // The events go with their appointments.
                app.database.execute(unlogged).await.unwrap();
                missing.push("appointment_event_unlogged_delete");
            }
            assert_eq!(app.database.execute(change).await, Ok(3));
            let (in_memory, in_database) = first_times(&app).await;
            assert!(in_memory[0].as_str() > in_database[0].as_str(), "{change} was seen without {trigger}");
            let told = clinic::db::integrity::check(&app.db).await.unwrap();
            assert_eq!(told.len(), missing.len(), "{told:?}");
            assert!(missing.iter().all(|name| told.iter().any(|what| what.contains(name))), "{told:?}");
        }
    }
}

on_both_engines! {
    async fn an_edit_of_the_roster_leaves_what_is_known_of_busy_time_alone(engine) {
        let [app, _replica] = two_replicas(engine).await;
        let search = || app.get("/appointments/first-available?state=CT&insurance=Aetna");
        assert_eq!(app.book(&json!({ "patient": patient(0, "CT", "Aetna") })).await.status, 201);
        search().await;
        for (change, is_edit) in [
            ("UPDATE provider SET credentials = 'MD, PhD'", true),
            ("DELETE FROM provider_insurance WHERE provider_id = (SELECT max(provider_id) FROM provider_insurance)", true),
            // What the log does not tell: all of it is read anew.
            ("DELETE FROM appointment_event", false),
        ] {
            let change = match engine {
                Engine::Sqlite => change.to_owned(),
                Engine::Postgres => change.replace("max(provider_id)", "max(provider_id::text)::uuid"),
            };
            assert!(app.database.execute(&change).await.unwrap() > 0, "{change}");
            let (found, sent) = app.statements(search()).await;
            assert_eq!(found.status, 200, "{found:?}");
            let loads_a_day = |sql: &&String| sql.contains("starts_at >= $1") && sql.contains("UNION ALL");
            let days = sent.sql.iter().filter(loads_a_day).count();
            assert_eq!(days == 0, is_edit, "{change}: {:#?}", sent.sql);
        }
    }
}
