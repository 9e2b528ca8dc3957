//! Lists under many rows walk an index from where each page begins, however much is booked.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;

use crate::support::{Engine, RosterBuilder, TestApp, on_both_engines};

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
    let conn = app.database.connect().await;
    match app.database.engine {
        Engine::Sqlite => column(&conn, format!("EXPLAIN QUERY PLAN {sql}"), 3).await,
        Engine::Postgres => {
            let most = (1..100).rev().find(|n| sql.contains(&format!("${n}"))).unwrap();
            let nulls = vec!["NULL"; most].join(", ");
            for setup in
                ["SET plan_cache_mode = force_generic_plan", &format!("PREPARE asked AS {sql}")]
            {
                conn.execute_unprepared(setup).await.unwrap();
            }
            column(&conn, format!("EXPLAIN EXECUTE asked({nulls})"), 0).await
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
