//! Lists under many rows are read together, and hold what each would hold if read alone.

use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, on_both_engines};

const ALL: &str = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
const FIELDS: &str = "{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id startsAt status } } }";

on_both_engines! {
    async fn a_page_under_many_rows_is_the_page_of_each_alone(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(6)).spawn().await;
        app.a_patient_for_each_provider().await;
        app.a_few_for_each().await;
        // Not all alike: one has fewer, some are cancelled, one has none.
        for sql in [
            "DELETE FROM appointment WHERE provider_id IN (SELECT id FROM provider WHERE name = 'Dr. 003')",
            "DELETE FROM appointment WHERE starts_at > '2027-01-12T00:00:00+00:00'
                AND provider_id IN (SELECT id FROM provider WHERE name = 'Dr. 001')",
            "UPDATE appointment SET status = 'CANCELLED' WHERE starts_at = '2027-01-12T15:00:00+00:00'",
        ] {
            app.database.execute(sql).await.unwrap();
        }
        let (middle, late) = (cursor(&app, 7).await, cursor(&app, 30).await);
        let pages = [
            String::new(),
            "first: 4".to_owned(),
            "first: 0".to_owned(),
            "last: 3".to_owned(),
            format!("first: 3, after: {middle}"),
            format!("last: 3, before: {late}"),
            format!("last: 2, after: {middle}, before: {late}"),
            "status: [CANCELLED]".to_owned(),
            "status: [CONFIRMED, CANCELLED], first: 5".to_owned(),
            "status: []".to_owned(),
        ];
        let mut seen = 0;
        for page in pages {
            for (list, one, window) in
                [("providers", "providerId", ALL), ("patients", "patientId", ALL), ("patients", "patientId", "")]
            {
                let query = format!("{{ {list} {{ nodes {{ id appointments({window} {page} ) {FIELDS} }} }} }}")
                    .replace("( )", "").replace("(  )", "");
                let answer = app.graphql(&query, json!({})).await;
                let nodes = answer["data"][list]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
                assert_eq!(nodes.len(), 6);
                for node in nodes {
                    let alone = format!("{{ appointments({ALL} {one}: {} {page}) {FIELDS} }}", node["id"]);
                    let alone = app.graphql(&alone, json!({})).await;
                    assert_eq!(node["appointments"], alone["data"]["appointments"], "{list} {page}");
                    seen += node["appointments"]["edges"].as_array().unwrap().len();
                }
            }
        }
        assert!(seen > 300, "{seen}: the pages should not be empty");
    }
}

/// The cursor of the n-th appointment of all.
async fn cursor(app: &TestApp, n: usize) -> Value {
    let answer = app
        .graphql(
            &format!("{{ appointments({ALL} first: 50) {{ edges {{ cursor }} }} }}"),
            json!({}),
        )
        .await;
    answer["data"]["appointments"]["edges"][n]["cursor"].clone()
}

on_both_engines! {
    async fn a_bad_argument_of_a_nested_list_spoils_no_other_field(engine) {
        let app = TestApp::spawn(engine).await;
        let query = format!(
            "{{ providers {{ nodes {{ name bad: appointments({ALL}, first: 101) {{ totalCount }}
                good: appointments({ALL}) {{ totalCount }} }} }} }}"
        );
        let answer = app.graphql(&query, json!({})).await;
        let nodes = answer["data"]["providers"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 3);
        for (n, node) in nodes.iter().enumerate() {
            assert_eq!(node["bad"], Value::Null);
            assert_eq!(node["good"]["totalCount"], 0);
            assert_eq!(answer["errors"][n]["extensions"]["code"], "INVALID_INPUT");
        }
    }
}
