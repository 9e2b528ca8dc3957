//! Lists of who waits, and following them.

use clinic::access::Role;

use super::*;
use crate::support::{caller, on_both_engines, stream};

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
    async fn a_clinician_finds_nobody_by_a_patient_of_somebody_else(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let clinician = caller(Role::Clinician, one.parse().ok());
        // Theirs, somebody else's, and theirs who waits for somebody else.
        for (number, with, waits_for) in [(1, &one, &one), (2, &two, &two), (3, &one, &two)] {
            book(&app, number, with, &format!("2027-01-{}T15:00:00Z", 18 + number)).await.unwrap();
            joined(&app, waits(number, waits_for, TEN)).await;
        }
        let patients = app.graphql("{ patients(first: 10) { nodes { id email } } }", json!({})).await;
        let patients = patients["data"]["patients"]["nodes"].as_array().unwrap().clone();
        let id_of = |number: usize| {
            let email = &patient(number, "CT", "Aetna")["email"];
            patients.iter().find(|node| &node["email"] == email).unwrap()["id"].clone()
        };
        let query = "query ($id: ID) { waitlistEntries(patientId: $id) { totalCount nodes { patient { email } } } }";
        for (number, count) in [(1, 1), (2, 0), (3, 0)] {
            let seen = app.ask_as(&clinician, query, json!({ "id": id_of(number) })).await;
            let list = &seen["data"]["waitlistEntries"];
            assert_eq!((&list["totalCount"], list["nodes"].as_array().map(Vec::len)), (&json!(count), Some(count)), "{seen}");
            let all = app.graphql(query, json!({ "id": id_of(number) })).await;
            assert_eq!(all["data"]["waitlistEntries"]["totalCount"], 1, "{all}");
        }
        // Whom the caller may not see they do not find by asking.
        let viewer = app.ask_as(&caller(Role::Viewer, None), query, json!({ "id": id_of(1) })).await;
        assert_eq!(viewer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{viewer}");
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
