//! The log of what happens to appointments: complete, in order, and the same for everybody.

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

use crate::support::{
    Engine, Subscriber, TestApp, TestDatabase, id_of, on_both_engines, with_jane,
};

const TEN: &str = "2027-01-11T15:00:00Z";
const ELEVEN: &str = "2027-01-11T16:00:00Z";
const NOON: &str = "2027-01-11T17:00:00Z";

/// A page of the log: what `arguments` ask for.
async fn events(app: &TestApp, arguments: &str) -> Value {
    let query = format!(
        "{{ events({arguments}) {{
            nodes {{ cursor at kind appointment {{ id status patient {{ name }} }} }}
            pageInfo {{ hasNextPage hasPreviousPage endCursor }} totalCount }} }}"
    );
    app.graphql(&query, json!({})).await["data"]["events"].clone()
}

fn kinds(page: &Value) -> Vec<&str> {
    page["nodes"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

fn end(page: &Value) -> String {
    page["pageInfo"]["endCursor"].as_str().unwrap().to_owned()
}

on_both_engines! {
    async fn the_log_tells_each_change_once_in_order_with_its_appointment(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&with_jane(1, TEN)).await;
        let id = id_of(&booked.json());
        assert_eq!(app.reschedule(&id, ELEVEN).await.status, 200);
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        assert_eq!(app.reschedule(&id, NOON).await.status, 409);
        assert_eq!(app.book(&with_jane(2, TEN)).await.status, 409);
        app.faults(&json!({})).await;
        assert_eq!(app.cancel(&id).await.status, 200);

        let page = events(&app, "first: 100").await;
        let told = [
            "BOOKED", "CONFIRMED", "RESCHEDULING", "RESCHEDULED", "RESCHEDULING",
            "RESCHEDULE_REFUSED", "BOOKED", "FAILED", "CANCELLING", "CANCELLED",
        ];
        assert_eq!(kinds(&page), told);
        assert_eq!(page["totalCount"], told.len());
        let first = &page["nodes"][0];
        assert_eq!(first["appointment"]["id"], id);
        // As it stands when it is read.
        assert_eq!(first["appointment"]["status"], "CANCELLED");
        assert_eq!(first["at"], "2027-01-11T12:00:00Z");
        let cursors: Vec<&str> =
            page["nodes"].as_array().unwrap().iter().map(|node| node["cursor"].as_str().unwrap()).collect();
        assert!(cursors.is_sorted_by(|a, b| a < b), "{cursors:?}");
    }
}

on_both_engines! {
    async fn reading_on_from_the_last_cursor_loses_and_repeats_nothing(engine) {
        let app = TestApp::spawn(engine).await;
        for (number, time) in [(1, TEN), (2, ELEVEN), (3, NOON)] {
            assert_eq!(app.book(&with_jane(number, time)).await.status, 201);
        }
        let whole = events(&app, "first: 100").await;
        assert_eq!(whole["totalCount"], 6);
        let mut read = Vec::new();
        let mut page = events(&app, "first: 4").await;
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        while !page["nodes"].as_array().unwrap().is_empty() {
            read.extend(page["nodes"].as_array().unwrap().clone());
            page = events(&app, &format!(r#"first: 4, after: "{}""#, end(&page))).await;
        }
        assert_eq!(Value::from(read), whole["nodes"]);

        let newest = events(&app, "last: 1").await;
        assert_eq!(end(&newest), end(&whole));
        assert_eq!(newest["pageInfo"]["hasPreviousPage"], true);
    }
}

on_both_engines! {
    async fn events_are_filtered_by_provider_and_by_the_state_booked_in(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
        let jane = app.provider_id("Dr. Jane Doe").await;
        let everything = events(&app, "first: 100").await;
        for (arguments, count) in [
            (format!(r#"providerId: "{jane}""#), 2),
            (r#"state: "connecticut""#.to_owned(), 2),
            (r#"state: "NY""#.to_owned(), 0),
        ] {
            let page = events(&app, &arguments).await;
            assert_eq!(page["totalCount"], count, "{arguments}");
            assert_eq!(page["nodes"].as_array().unwrap().len(), count, "{arguments}");
        }
        assert_eq!(everything["totalCount"], 2);
    }
}

on_both_engines! {
    async fn a_cursor_that_is_not_of_this_log_is_an_error_of_its_field(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
        for (argument, code, field) in [
            (r#"after: "apt_1""#, "INVALID_INPUT", "after"),
            // Of a database that was since restored from a backup, say.
            (r#"after: "evt_000000ffffff""#, "INVALID_INPUT", "after"),
            (r#"before: "x""#, "INVALID_INPUT", "before"),
            (r#"state: "Atlantis""#, "UNKNOWN_STATE", "state"),
            (r#"providerId: "prv_x""#, "NOT_FOUND", "providerId"),
            ("first: 101", "INVALID_INPUT", "first"),
        ] {
            let query = format!("{{ events({argument}) {{ nodes {{ kind }} }} }}");
            let answer = app.graphql(&query, json!({})).await;
            assert_eq!(answer["data"], json!({ "events": null }), "{argument}");
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!(extensions["code"], code, "{argument}");
            assert_eq!(extensions["field"], field, "{argument}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_commits_late_is_not_stepped_over() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    let early = id_of(&app.book(&with_jane(1, TEN)).await.json());
    let other = app.database.connect().await;
    let held_open = other.begin().await.unwrap();
    // The row is written, and numbered, before those of the next booking; it commits after them.
    held_open
        .execute_unprepared("UPDATE appointment SET ends_at = ends_at - interval '5 minutes'")
        .await
        .unwrap();
    assert_eq!(app.book(&with_jane(2, ELEVEN)).await.status, 201);
    let before = events(&app, "first: 100").await;
    assert_eq!(kinds(&before), ["BOOKED", "CONFIRMED", "BOOKED", "CONFIRMED"]);
    let highest = "SELECT max(id) FROM appointment_event";
    let highest_seen = app.database.number(highest).await;

    held_open.commit().await.unwrap();
    let after = events(&app, &format!(r#"after: "{}""#, end(&before))).await;
    assert_eq!(kinds(&after), ["RESCHEDULED"]);
    assert_eq!(after["nodes"][0]["appointment"]["id"], early);
    // A reader who goes by the number of the row never sees it.
    assert_eq!(app.database.number(highest).await, highest_seen);
}

on_both_engines! {
    async fn what_another_program_writes_is_told_too(engine) {
        let app = TestApp::spawn(engine).await;
        let id = id_of(&app.book(&with_jane(1, TEN)).await.json());
        let cancelling = "UPDATE appointment SET status = 'CANCELLING', ends_as = 'CANCELLED'";
        app.database.execute(cancelling).await.unwrap();
        app.database.execute("UPDATE appointment SET reason = 'other'").await.unwrap();
        // A change of something else is no event.
        app.database.execute("UPDATE appointment SET cancel_reason = 'other'").await.unwrap();
        let page = events(&app, "first: 100").await;
        assert_eq!(kinds(&page), ["BOOKED", "CONFIRMED", "CANCELLING", "UPDATED"]);
        assert_eq!(page["nodes"][2]["appointment"]["id"], id);
    }
}

on_both_engines! {
    async fn a_deleted_appointment_takes_its_events_along_and_no_cursor_is_given_twice(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
        let newest = id_of(&app.book(&with_jane(2, ELEVEN)).await.json());
        let seen = end(&events(&app, "first: 100").await);
        let mut dashboard = Subscriber::after(&app, &seen, "").await;
        app.database.execute("DELETE FROM idempotency_key").await.unwrap();
        app.database.execute("DELETE FROM appointment WHERE starts_at > (SELECT min(starts_at) FROM appointment)").await.unwrap();
        let left = events(&app, "first: 100").await;
        assert_eq!(left["totalCount"], 2);
        assert!(!left.to_string().contains(&newest));
        // It is still a cursor of this log, and what comes next comes after it.
        assert_eq!(events(&app, &format!(r#"after: "{seen}""#)).await["nodes"], json!([]));
        assert_eq!(app.book(&with_jane(3, NOON)).await.status, 201);
        assert_eq!(kinds(&events(&app, &format!(r#"after: "{seen}""#)).await), ["BOOKED", "CONFIRMED"]);
        let told = dashboard.events(2).await;
        assert!(told[0]["cursor"].as_str().unwrap() > seen.as_str(), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_write_appointments_need_know_nothing_of_the_log() {
    if !TestDatabase::postgres_is_there().await {
        return;
    }
    let app = TestApp::spawn(Engine::Postgres).await;
    assert_eq!(app.book(&with_jane(1, TEN)).await.status, 201);
    // Roles belong to the whole server, so this one goes again.
    app.database
        .execute(
            "BEGIN; CREATE ROLE clinic_test_desk; GRANT USAGE ON SCHEMA public TO clinic_test_desk;
            GRANT SELECT, UPDATE ON appointment, provider TO clinic_test_desk;
            SET LOCAL ROLE clinic_test_desk; SET LOCAL search_path = '';
            UPDATE public.appointment SET ends_at = ends_at - interval '5 minutes';
            UPDATE public.provider SET name = name || ' II'; RESET ROLE;
            RESET search_path; REVOKE ALL ON SCHEMA public FROM clinic_test_desk;
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM clinic_test_desk;
            DROP ROLE clinic_test_desk; COMMIT",
        )
        .await
        .unwrap();
    assert_eq!(kinds(&events(&app, "last: 1").await), ["RESCHEDULED"]);
    assert_eq!(app.provider_id("Dr. Jane Doe II").await.len(), 30);
}
