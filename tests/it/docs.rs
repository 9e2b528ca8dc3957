//! The recipes of docs/graphql.md do what they say: each is run, in order, as one client would.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{TestApp, on_both_engines};

/// An operation, the variables it is shown with, and the answer that is promised.
#[derive(Default)]
struct Recipe {
    operation: String,
    variables: Value,
    answer: Option<Value>,
}

on_both_engines! {
    async fn every_recipe_for_clients_answers_what_it_promises(engine) {
        let recipes = recipes(include_str!("../../docs/graphql.md"));
        assert!(recipes.len() > 12, "only {} recipes were found", recipes.len());
        let app = TestApp::spawn(engine).await;
        let mut seen = json!({ "data": null });
        let mut known = Known::default();
        for Recipe { operation, mut variables, answer } in recipes {
            known.fill_in(&mut variables, "");
            let actual = if operation.starts_with("subscription") {
                first_event(&app, &operation, &variables).await
            } else {
                app.graphql(&operation, variables.clone()).await
            };
            if let Some(promised) = answer {
                let fits = fits(&promised, &actual);
                assert!(fits, "{operation}\n{variables}\npromised {promised}\nanswered {actual:#}");
            } else {
                assert!(actual.get("errors").is_none(), "{operation}\n{variables}\n{actual:#}");
                let text = actual.to_string();
                assert!(!text.contains(r#""error":{"#), "{operation}\n{variables}\n{text}");
            }
            known.learn(&actual);
            seen = actual;
        }
        assert_eq!(seen["data"]["cancelAppointment"]["appointment"]["status"], "CANCELLED");
    }
}

/// The first answer of a subscription, as server-sent events tell it.
async fn first_event(app: &TestApp, operation: &str, variables: &Value) -> Value {
    let mut stream = app
        .request(Method::POST, "/graphql")
        .header("accept", "text/event-stream")
        .json(&json!({ "query": operation, "variables": variables }))
        .send()
        .await
        .unwrap();
    let mut text = String::new();
    while !text.contains("\n\n") {
        let chunk = timeout(Duration::from_secs(10), stream.chunk()).await;
        let chunk =
            chunk.unwrap_or_else(|_silence| panic!("{operation}\n{variables}\ntells nothing"));
        text.push_str(str::from_utf8(&chunk.unwrap().expect("an event")).unwrap());
    }
    let (event, _) = text.split_once("\n\n").unwrap();
    let data = event.strip_prefix("event: next\ndata: ").unwrap_or_else(|| panic!("{event}"));
    serde_json::from_str(data).unwrap()
}

/// The fenced blocks: `graphql`, and after it `json variables` and `json answer`; and what is sent
/// to `/graphql` by `curl`.
fn recipes(text: &str) -> Vec<Recipe> {
    let mut recipes: Vec<Recipe> = Vec::new();
    for (index, part) in text.split("\n```").enumerate() {
        // Every second part is inside a fence.
        if index % 2 == 0 {
            continue;
        }
        let (kind, body) = part.split_once('\n').unwrap();
        let json = || serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
        match kind {
            "graphql" => {
                recipes.push(Recipe { operation: body.to_owned(), ..Recipe::default() });
            }
            "json variables" => recipes.last_mut().unwrap().variables = json(),
            "json answer" => recipes.last_mut().unwrap().answer = Some(json()),
            "sh" => {
                let (_, sent) = body.split_once("-d '").unwrap();
                let (sent, _) = sent.split_once('\'').unwrap();
                let mut sent: Value = serde_json::from_str(sent).unwrap();
                let operation = sent["query"].as_str().unwrap().to_owned();
                recipes.push(Recipe {
                    operation,
                    variables: sent["variables"].take(),
                    answer: None,
                });
            }
            "js" | "text" => {}
            other => panic!("nobody checks a block of {other:?}"),
        }
    }
    recipes
}

/// What a reader would copy from the answers so far.
#[derive(Default)]
struct Known {
    ids: Vec<String>,
    start_cursor: String,
    end_cursor: String,
}

impl Known {
    /// Puts what is known in the place of `prv_…`, of `…` for `after` and of `…` for `before`.
    fn fill_in(&self, variables: &mut Value, name: &str) {
        match variables {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.fill_in(value, name);
                }
            }
            Value::String(text) if text == "…" => {
                let cursor = if name == "after" { &self.end_cursor } else { &self.start_cursor };
                text.clone_from(cursor);
            }
            Value::String(text) if text.ends_with("_…") => {
                let kind = text.trim_end_matches('…');
                let id = self.ids.iter().rfind(|id| id.starts_with(kind));
                *text = id.unwrap_or_else(|| panic!("no {kind} in an answer before")).clone();
            }
            _ => {}
        }
    }

    fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let place = match name.as_str() {
                        "startCursor" => Some(&mut self.start_cursor),
                        "endCursor" => Some(&mut self.end_cursor),
                        _ => None,
                    };
                    match (place, value) {
                        (Some(place), Value::String(cursor)) => place.clone_from(cursor),
                        (None, Value::String(id)) if name == "id" => self.ids.push(id.clone()),
                        _ => self.learn(value),
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.learn(item);
                }
            }
            _ => {}
        }
    }
}

/// Whether an answer is the one promised: `…` stands for the rest of a text, and `locations` of
/// errors are left out.
fn fits(promised: &Value, actual: &Value) -> bool {
    match (promised, actual) {
        (Value::Object(promised), Value::Object(actual)) => {
            actual.keys().all(|name| name == "locations" || promised.contains_key(name))
                && promised
                    .iter()
                    .all(|(name, value)| actual.get(name).is_some_and(|found| fits(value, found)))
        }
        (Value::Array(promised), Value::Array(actual)) => {
            promised.len() == actual.len()
                && promised.iter().zip(actual).all(|(promised, actual)| fits(promised, actual))
        }
        (Value::String(promised), Value::String(actual)) => match promised.strip_suffix('…') {
            Some(beginning) => actual.len() > beginning.len() && actual.starts_with(beginning),
            None => promised == actual,
        },
        _ => promised == actual,
    }
}
