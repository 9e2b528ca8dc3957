//! The GraphQL schema is a contract: it changes only on purpose.

use serde_json::{Value, json};

use crate::support::{Engine, TestApp};

#[test]
fn schema_graphql_is_what_the_program_serves() {
    let stored = include_str!("../../schema.graphql");
    assert!(
        clinic::graphql::sdl() == stored,
        "the schema has changed: run `cargo run -- schema > schema.graphql` and look at the difference"
    );
}

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let query = "{ __schema { types { name description
        fields(includeDeprecated: true) { name description args { name description } }
        inputFields { name description } enumValues { name description } } } }";
    let schema = app.graphql(query, json!({})).await["data"]["__schema"].clone();
    let mut bare = Vec::new();
    for kind in schema["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        if name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name) {
            continue;
        }
        bare.extend(undescribed(name, kind));
        for members in ["fields", "inputFields", "enumValues"] {
            for member in kind[members].as_array().into_iter().flatten() {
                let path = format!("{name}.{}", member["name"].as_str().unwrap());
                bare.extend(undescribed(&path, member));
                for argument in member["args"].as_array().into_iter().flatten() {
                    let path = format!("{path}({})", argument["name"].as_str().unwrap());
                    bare.extend(undescribed(&path, argument));
                }
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {}", bare.join(", "));
}

fn undescribed(path: &str, thing: &Value) -> Option<String> {
    thing["description"].as_str().unwrap_or_default().is_empty().then(|| path.to_owned())
}
