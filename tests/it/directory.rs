//! The provider directory is kept in memory, and is nevertheless what the database says now.

use clinic::access::Actor;
use serde_json::json;

use crate::support::{Engine, TestApp, comes_true, id_of, john, on_both_engines, patient};

on_both_engines! {
    async fn what_another_program_changes_counts_for_the_very_next_request(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        let booking = json!({ "patient": patient(1, "CT", "Aetna") });
        for (change, refused) in [
            ("UPDATE provider_state SET valid_until = '2020-01-01' WHERE state = 'CT'", (404, "NO_MATCHING_PROVIDER")),
            ("UPDATE provider_state SET valid_until = NULL WHERE state = 'CT'", (201, "")),
            ("DELETE FROM provider_insurance WHERE provider_id IN (SELECT id FROM provider WHERE name = 'Dr. Jane Doe')", (404, "NO_MATCHING_PROVIDER")),
            ("DELETE FROM insurance_alias WHERE key = 'aetna'", (422, "UNKNOWN_INSURANCE")),
        ] {
            app.database.execute(change).await.unwrap();
            let answer = app.book(&booking).await;
            assert_eq!(answer.status, refused.0, "{change}: {answer:?}");
            if !refused.1.is_empty() {
                assert_eq!(answer.problem().1, refused.1, "{change}");
            }
        }
        let hours = "{ providers(first: 1) { nodes { name workingHours { opensAt } } } }";
        let change = "UPDATE working_hours SET opens_at = '10:00'";
        app.database.execute(change).await.unwrap();
        let answer = app.graphql(hours, json!({})).await;
        assert_eq!(answer["data"]["providers"]["nodes"][0]["workingHours"][0]["opensAt"], "10:00");
        app.database.execute("UPDATE provider SET name = 'Dr. Jane Roe' WHERE name = 'Dr. Jane Doe'").await.unwrap();
        let answer = app.graphql(hours, json!({})).await;
        assert_eq!(answer["data"]["providers"]["nodes"][0]["name"], "Dr. Jane Roe");
    }
}

on_both_engines! {
    async fn without_the_trigger_that_counts_a_change_it_would_not_be_seen(engine) {
        // What shows that the test above can fail, and why a server refuses to start like this.
        let app = TestApp::spawn(engine).await;
        app.services.records.directory(&Actor::operator()).await.unwrap();
        let (gone, name) = match engine {
            Engine::Sqlite => ("DROP TRIGGER provider_directory_update", "provider_directory_update"),
            Engine::Postgres => ("ALTER TABLE provider DISABLE TRIGGER provider_directory", "provider_directory"),
        };
        app.database.execute(gone).await.unwrap();
        app.database.execute("UPDATE provider SET name = 'Dr. Nobody'").await.unwrap();
        let answer = app.graphql("{ providers(first: 1) { nodes { name } } }", json!({})).await;
        assert_eq!(answer["data"]["providers"]["nodes"][0]["name"], "Dr. Jane Doe");
        let missing = clinic::db::integrity::check(&app.db).await.unwrap();
        assert!(matches!(&missing[..], [what] if what.contains(name)), "{missing:?}");
    }
}

on_both_engines! {
    async fn a_provider_who_cannot_be_scheduled_keeps_nobody_else_from_it(engine) {
        let app = TestApp::spawn(engine).await;
        let change = "UPDATE provider SET time_zone = 'America/Nowhere' WHERE name = 'Doctor Who'";
        app.database.execute(change).await.unwrap();
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        let answer = app.graphql("{ providers { totalCount } }", json!({})).await;
        assert_eq!(answer, json!({ "data": { "providers": { "totalCount": 2 } } }));
    }
}

on_both_engines! {
    async fn a_directory_that_changes_all_the_time_is_served_all_the_same(engine) {
        let app = TestApp::spawn(engine).await;
        let database = std::sync::Arc::clone(&app.database);
        let changing = tokio::spawn(async move {
            let conn = database.connect().await;
            for number in 0.. {
                let sql = format!("UPDATE provider SET credentials = 'MD{number}'");
                // On SQLite somebody else may be writing.
                drop(sea_orm::ConnectionTrait::execute_unprepared(&conn, &sql).await);
            }
        });
        for _request in 0..20 {
            let answer = app.graphql("{ providers { totalCount } }", json!({})).await;
            assert_eq!(answer["data"]["providers"]["totalCount"], 3, "{answer}");
        }
        changing.abort();
    }
}

on_both_engines! {
    async fn visits_of_a_provider_who_cannot_be_scheduled_are_shown_and_told_outside_by_name(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "300").spawn().await;
        app.faults(&json!({ "down": true })).await;
        let held = app.book(&json!({ "patient": john() })).await;
        assert_eq!(held.status, 202, "{held:?}");
        let (id, provider) = (id_of(&held.json()), held.json()["provider"].clone());
        let change = format!("UPDATE provider SET time_zone = 'America/Nowhere' WHERE name = {}",
            provider.to_string().replace('"', "'"));
        assert_eq!(app.database.execute(&change).await, Ok(1));
        app.faults(&json!({})).await;
        app.settle_everything().await;
        let shown = app.get(&format!("/appointment/{id}")).await.json();
        assert_eq!((&shown["status"], &shown["provider"]), (&json!("CONFIRMED"), &provider));
        let query = format!("{{ appointment(id: \"{id}\") {{ provider {{ name }} localStartsAt }} }}");
        let answer = app.graphql(&query, json!({})).await;
        assert_eq!(answer["data"]["appointment"]["provider"]["name"], provider, "{answer}");
        assert_eq!(answer["data"]["appointment"]["localStartsAt"], shown["local_time"]);
        let told = std::fs::read_to_string(app.file("ledger.jsonl")).unwrap();
        assert!(told.contains(&format!("\"provider\":{provider}")), "{told}");
    }
}

on_both_engines! {
    async fn nobody_is_told_outside_without_a_name(engine) {
        let app = TestApp::builder(engine).setting("ANSWER_WITHIN_MS", "300").spawn().await;
        for (table, name) in [("provider", "Dr. Jane Doe"), ("patient", "John Doe")] {
            let rename = |from: &str, to: &str| format!("UPDATE {table} SET name = '{to}' WHERE name = '{from}'");
            app.faults(&json!({ "down": true })).await;
            let held = app.book(&json!({ "patient": john(), "after": "2027-01-12T15:00:00Z" })).await;
            assert_eq!(held.status, 202, "{held:?}");
            let id = id_of(&held.json());
            assert_eq!(app.database.execute(&rename(name, " ")).await, Ok(1));
            app.faults(&json!({})).await;
            let why = format!("SELECT count(*) FROM outbox WHERE last_error LIKE '%no name of the {table}%'");
            let told = comes_true(async || {
                app.clock.advance(jiff::SignedDuration::from_secs(20));
                app.settling.settle_due().await.unwrap();
                app.database.number(&why).await == 1
            });
            assert!(told.await, "{table}");
            assert_eq!(app.status_of(&id).await, "PENDING");
            assert!(app.live_outside(&id).await.is_empty());
            // As soon as there is one again, it goes on.
            assert_eq!(app.database.execute(&rename(" ", name)).await, Ok(1));
            app.settle_everything().await;
            assert_eq!(app.status_of(&id).await, "CONFIRMED");
            assert_eq!(app.cancel(&id).await.status, 200);
        }
    }
}
