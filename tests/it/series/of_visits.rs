//! The series that a visit was booked in.

use clinic::access::Role;

use super::booking::booked;
use super::*;
use crate::support::{caller, on_both_engines};

on_both_engines! {
    async fn a_visit_tells_its_series_and_those_of_a_page_are_read_at_once(engine) {
        let (app, jane) = jane(engine).await;
        let mut ids = Vec::new();
        for number in 0..4 {
            let start = format!("2027-03-01T{}:00:00Z", 15 + number);
            let series = booked(&app, by_rule(number, &jane, &start, "FREQ=DAILY;COUNT=3")).await;
            ids.push(series["id"].clone());
        }
        assert_eq!(book(&app, 9, &json!(jane), &json!("2027-03-01T19:00:00Z")).await, None);
        let page = async |first: usize| {
            let query = "query ($first: Int) { appointments(from: \"2027-03-01T00:00:00Z\", to: \"2027-04-01T00:00:00Z\", first: $first) {
                nodes { id provenance series { id version appointments { id series { id } } } } } }";
            let answer = app.graphql(query, json!({ "first": first })).await;
            assert_eq!(answer["errors"], Value::Null, "{answer}");
            answer["data"]["appointments"]["nodes"].as_array().unwrap().clone()
        };
        page(1).await;
        let (few, sent) = app.statements(page(2)).await;
        let (many, sent_for_many) = app.statements(page(13)).await;
        assert_eq!((few.len(), many.len()), (2, 13));
        assert_eq!(sent.sql.len(), sent_for_many.sql.len(), "{:?}", sent_for_many.sql);
        for node in &many {
            if node["provenance"] != "SERIES" {
                assert_eq!(node["series"], Value::Null, "{node}");
                continue;
            }
            let series = &node["series"];
            let visits = series["appointments"].as_array().unwrap();
            assert!(ids.contains(&series["id"]) && visits.len() == 3, "{node}");
            assert!(visits.iter().any(|visit| visit["id"] == node["id"]), "{node}");
            assert!(visits.iter().all(|visit| visit["series"]["id"] == series["id"]), "{node}");
        }
        assert_eq!(many.iter().filter(|node| node["series"].is_null()).count(), 1);
    }
}

on_both_engines! {
    async fn a_clinician_sees_of_the_series_of_a_visit_their_own_visits(engine) {
        let roster = RosterBuilder::alike(2);
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let (own, other) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        let series = booked(&app, by_rule(1, &own, "2027-01-18T15:00:00Z", "FREQ=WEEKLY;COUNT=3")).await;
        let given = json!({ "id": series["appointments"][1]["id"], "providerId": other });
        make(&app, "reassignAppointment", "appointment { id }", given).await;
        app.until_settled().await;
        let clinician = caller(Role::Clinician, own.parse().ok());
        let query = "query ($id: ID!) { node(id: $id) { ... on Appointment { series { id appointments { id } } } } }";
        let id = &series["appointments"][0]["id"];
        let seen = app.ask_as(&clinician, query, json!({ "id": id })).await["data"]["node"]["series"].clone();
        let visits: Vec<&Value> = seen["appointments"].as_array().unwrap().iter().map(|visit| &visit["id"]).collect();
        assert_eq!((&seen["id"], visits), (&series["id"], vec![id, &series["appointments"][2]["id"]]));
    }
}
