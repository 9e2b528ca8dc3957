//! The lines of docs/rest.md do what they say.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, john, on_both_engines};

/// The address and the `Accept` of each line that calls `curl`.
fn lines(text: &str) -> Vec<(String, Option<String>)> {
    let lines = text.lines().filter(|line| line.starts_with("curl "));
    let quoted = |line: &str, before: &str| {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split_once('\'')?.0.to_owned())
    };
    lines
        .map(|line| {
            let path = quoted(line, "'http://127.0.0.1:8080");
            (path.unwrap_or_else(|| panic!("{line}")), quoted(line, "-H 'Accept: "))
        })
        .collect()
}

on_both_engines! {
    async fn every_line_of_the_page_about_lists_answers(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.book(&json!({ "patient": john(), "time": "2027-01-15T15:00:00Z" })).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let lines = lines(include_str!("../../docs/rest.md"));
        assert_eq!(lines.len(), 6, "{lines:?}");
        for (path, accept) in lines {
            let accept = accept.unwrap_or_else(|| "*/*".to_owned());
            let answer = TestApp::send(app.request(Method::GET, &path).header("accept", &accept)).await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            if accept == "text/csv" {
                assert!(answer.text.lines().count() > 1, "{path}: {answer:?}");
            } else {
                let list = answer.json();
                let (_, rows) = list.as_object().unwrap().iter().find(|(_, rows)| rows.is_array()).unwrap();
                assert!(!rows.as_array().unwrap().is_empty(), "{path}: {list}");
            }
        }
    }
}
