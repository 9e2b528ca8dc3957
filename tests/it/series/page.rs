//! docs/series.md shows what is so.

use super::*;
use crate::support::on_both_engines;

const PAGE: &str = include_str!("../../../docs/series.md");

fn block(kind: &str) -> &str {
    let (_, rest) = PAGE.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

on_both_engines! {
    async fn the_page_about_series_shows_what_is_answered(engine) {
        let (app, jane) = jane(engine).await;
        assert_eq!(book(&app, 7, &json!(jane), &json!("2027-01-25T15:00:00Z")).await, None);
        let variables: Value = serde_json::from_str(block("json variables")).unwrap();
        let answer = app.graphql(block("graphql"), variables).await;
        let shown: Value = serde_json::from_str(block("json")).unwrap();
        let occurrences = answer["data"]["previewSeries"]["occurrences"].as_array().unwrap();
        assert_eq!(occurrences.len(), 8, "{answer}");
        assert_eq!(occurrences[1], shown);
        let gap = by_rule(1, &jane, "2027-03-07T02:30:00-05:00", "FREQ=WEEKLY;COUNT=2");
        let gap = super::occurrences(&app, gap).await;
        assert!(PAGE.contains(&format!("> {}\n", gap[1]["note"].as_str().unwrap())), "{gap:?}");
    }
}
