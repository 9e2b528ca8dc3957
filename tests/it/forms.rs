//! The lists that forms choose from.

use serde_json::{Value, json};

use crate::support::{RosterBuilder, TestApp, on_both_engines};

/// The names on a page of insurances, and its last cursor.
async fn page(app: &TestApp, arguments: &str) -> (Vec<Value>, Value, i64) {
    let query = format!(
        "{{ insurances({arguments}) {{ totalCount pageInfo {{ endCursor }} nodes {{ name }} }} }}"
    );
    let answer = app.graphql(&query, json!({})).await;
    let list = answer["data"]["insurances"].clone();
    assert!(list.is_object(), "{answer}");
    let names = list["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone());
    let total = list["totalCount"].as_i64().unwrap();
    (names.collect(), list["pageInfo"]["endCursor"].clone(), total)
}

on_both_engines! {
    async fn insurances_are_listed_by_name_and_found_by_any_of_their_names(engine) {
        let roster = RosterBuilder::usual().self_pay("Self-pay").payer("Blue Cross of Ohio", &["BCBS OH"]);
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let (names, _, total) = page(&app, "first: 100").await;
        assert_eq!(names, ["Aetna", "Blue Cross of Ohio", "Cigna", "Humana", "Self-pay"]);
        assert_eq!(total, 5);
        let (names, cursor, total) = page(&app, "first: 2").await;
        assert_eq!((names.len(), total), (2, 5));
        let (names, ..) = page(&app, &format!("first: 2, after: {cursor}")).await;
        assert_eq!(names, ["Cigna", "Humana"]);
        let (names, ..) = page(&app, &format!("last: 1, before: {cursor}")).await;
        assert_eq!(names, ["Aetna"]);
        let (names, _, total) = page(&app, "search: \"oh bcbs\"").await;
        assert_eq!((names, total), (vec![json!("Blue Cross of Ohio")], 1));
        assert_eq!(page(&app, "search: \"HEALTH\"").await.0, ["Aetna", "Cigna"]);
        assert_eq!(page(&app, "search: \"nobody\"").await, (Vec::new(), Value::Null, 0));

        let query = "{ insurances(search: \"self\") { nodes { id name aliases selfPay } } }";
        let answer = app.graphql(query, json!({})).await;
        let one = answer["data"]["insurances"]["nodes"][0].clone();
        assert_eq!((&one["selfPay"], &one["aliases"]), (&json!(true), &json!([])), "{answer}");
        let query = "query ($id: ID!) { node(id: $id) { ... on Insurance { id name aliases selfPay } } }";
        assert_eq!(app.graphql(query, json!({ "id": one["id"] })).await["data"]["node"], one);
        let nothing = json!({ "id": "ins_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(app.graphql(query, nothing).await["data"]["node"], Value::Null);
        for bad in ["after: \"x\"", "after: \"ins_01h455vb4pex5vsknk084sn02q\""] {
            let answer = app.graphql(&format!("{{ insurances({bad}) {{ totalCount }} }}"), json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["field"], "after", "{answer}");
        }
    }
}

on_both_engines! {
    async fn every_state_and_territory_is_listed_with_its_name(engine) {
        let app = TestApp::spawn(engine).await;
        let answer = app.graphql("{ usStates { code name } }", json!({})).await;
        let states = answer["data"]["usStates"].as_array().unwrap();
        assert_eq!(states.len(), 56);
        assert_eq!(states[0], json!({ "code": "AL", "name": "Alabama" }));
        assert!(states.contains(&json!({ "code": "PR", "name": "Puerto Rico" })), "{answer}");
    }
}
