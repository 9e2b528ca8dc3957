//! The provider directory is kept in memory, and is nevertheless what the database says now.

use serde_json::json;

use crate::support::{Engine, TestApp, john, on_both_engines, patient};

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
        app.service.directory().await.unwrap();
        let (gone, name) = match engine {
            Engine::Sqlite => ("DROP TRIGGER provider_directory_update", "provider_directory_update"),
            Engine::Postgres => ("ALTER TABLE provider DISABLE TRIGGER provider_directory", "provider_directory"),
        };
        app.database.execute(gone).await.unwrap();
        app.database.execute("UPDATE provider SET name = 'Dr. Nobody'").await.unwrap();
        let answer = app.graphql("{ providers(first: 1) { nodes { name } } }", json!({})).await;
        assert_eq!(answer["data"]["providers"]["nodes"][0]["name"], "Dr. Jane Doe");
        let missing = clinic::db::integrity::check(app.service.db()).await.unwrap();
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
