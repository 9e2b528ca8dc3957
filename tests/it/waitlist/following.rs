//! Lists of who waits, and following them.

use super::*;
use crate::support::{on_both_engines, stream};

on_both_engines! {
    async fn the_list_is_in_the_order_of_joining_and_narrowed_as_asked(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let mut ids = Vec::new();
        for (number, provider) in [(1, &one), (2, &one), (3, &two)] {
            ids.push(joined(&app, waits(number, provider, TEN)).await["id"].clone());
        }
        let listed = async |arguments: &str| {
            let query = format!("query {{ waitlistEntries({arguments}) {{ totalCount pageInfo {{ endCursor hasNextPage }} nodes {{ id status }} }} }}");
            let answer = app.graphql(&query, json!({})).await;
            assert_eq!(answer["errors"], Value::Null, "{answer}");
            answer["data"]["waitlistEntries"].clone()
        };
        let of = |list: &Value| list["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect::<Vec<_>>();
        assert_eq!(of(&listed("first: 10").await), ids);
        assert_eq!(of(&listed("status: [OFFERED]").await), [ids[0].clone(), ids[2].clone()]);
        assert_eq!(of(&listed(&format!("providerId: \"{two}\"")).await), ids[2..]);
        let page = listed("first: 2").await;
        assert_eq!((of(&page), &page["totalCount"], &page["pageInfo"]["hasNextPage"]), (ids[..2].to_vec(), &json!(3), &json!(true)));
        let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
        assert_eq!(of(&listed(&format!("first: 2, after: \"{cursor}\"")).await), ids[2..]);
        assert_eq!(of(&listed("last: 1").await), ids[2..]);
    }
}

on_both_engines! {
    async fn whoever_follows_is_told_each_change_and_what_was_missed(engine) {
        let (app, [one]) = clinic(engine).await;
        let first = joined(&app, waits(1, &one, TEN)).await;
        let query = "subscription { waitlistChanged(after: \"wlc_000000000000\") { id status cursor } }";
        let mut events = stream(&app, "text/event-stream", query).await;
        let mut text = String::new();
        let mut told = async |count: usize| {
            loop {
                let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
                let all: Vec<Value> = data.filter_map(|data| serde_json::from_str(data).ok()).collect();
                if all.len() >= count {
                    return all[count - 1]["data"]["waitlistChanged"].clone();
                }
                text.push_str(&String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap()));
            }
        };
        let missed = told(1).await;
        assert_eq!((&missed["id"], &missed["status"]), (&first["id"], &json!("OFFERED")));
        leave(&app, &first).await;
        assert_eq!(told(2).await["status"], "LEFT");
        // What is past the end is of another list.
        let query = "subscription { waitlistChanged(after: \"wlc_0000000000ff\") { id } }";
        let text = stream(&app, "text/event-stream", query).await.text().await.unwrap();
        assert!(text.contains("must be a cursor of an entry of this waitlist"), "{text}");
    }
}
