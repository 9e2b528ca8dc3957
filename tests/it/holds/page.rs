//! The lines of docs/holds.md do what they say, one after the other.

use reqwest::Method;
use serde_json::{Value, json};

use super::*;
use crate::support::{Answer, on_both_engines};

/// What a line of the page sends: its method, path and body.
fn sent(line: &str, token: &str) -> (Method, String, Value) {
    let line = line.replace("clh_…", token);
    let (_, rest) = line.split_once("'http://127.0.0.1:8080").unwrap();
    let (path, rest) = rest.split_once('\'').unwrap();
    let body = rest.split_once("-d '").map_or(Value::Null, |(_, body)| {
        serde_json::from_str(body.trim_end_matches('\'')).unwrap()
    });
    let method = if line.contains("-X DELETE") { Method::DELETE } else { Method::POST };
    (method, path.to_owned(), body)
}

async fn run(app: &TestApp, line: &str, token: &str) -> Answer {
    let (method, path, body) = sent(line, token);
    let request = app.request(method, &path);
    TestApp::send(if body.is_null() { request } else { request.json(&body) }).await
}

on_both_engines! {
    async fn every_line_of_the_page_about_holds_does_what_it_says(engine) {
        let app = TestApp::spawn(engine).await;
        let page = include_str!("../../../docs/holds.md");
        let lines: Vec<&str> = page.lines().filter(|line| line.starts_with("curl ")).collect();
        let [first, book, last] = lines[..] else { panic!("{lines:?}") };
        let held = run(&app, first, "").await;
        assert_eq!((held.status.as_u16(), &held.json()["expires_at"]), (201, &json!("2027-01-11T12:10:00Z")), "{held:?}");
        let token = held.json()["token"].as_str().unwrap().to_owned();
        let booked = run(&app, book, &token).await;
        assert_eq!((booked.status.as_u16(), &booked.json()["time"]), (201, &held.json()["time"]), "{booked:?}");
        assert_eq!(run(&app, last, &token).await.problem(), (409, "HOLD_EXPIRED".to_owned()));
        let block = |kind: &str, nth: usize| {
            let (_, rest) = page.match_indices(&format!("```{kind}\n")).nth(nth).map(|(at, fence)| page.split_at(at + fence.len())).unwrap();
            rest.split_once("\n```").unwrap().0.to_owned()
        };
        let ask = async |nth: usize, token: &str| {
            let variables = block("json variables", nth).replace("clh_…", token);
            app.graphql(&block("graphql", nth), serde_json::from_str(&variables).unwrap()).await["data"].clone()
        };
        let held = ask(0, "").await["holdSlot"].clone();
        assert_eq!(held["error"], Value::Null, "{held}");
        let booked = ask(1, held["hold"]["token"].as_str().unwrap()).await["bookAppointment"].clone();
        assert_eq!(booked["error"], Value::Null, "{booked}");
        assert_eq!(booked["appointment"]["startsAt"], held["hold"]["slot"]["startsAt"]);
    }
}
