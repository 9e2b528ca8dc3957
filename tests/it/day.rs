//! The day of a desk, `web/desk/day.graphql`: all columns and their visits by one request.

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, on_both_engines};

const DAY: &str = include_str!("../../web/desk/day.graphql");

/// Wednesday, 2027-01-13, in New York.
fn wednesday() -> Value {
    json!({ "from": "2027-01-13T05:00:00Z", "to": "2027-01-14T05:00:00Z", "day": "2027-01-13" })
}

/// A clinic of so many providers, each with so many visits of a quarter of an hour from 9 on.
async fn clinic_of(engine: Engine, providers: usize, visits: u32) -> TestApp {
    let app = TestApp::builder(engine).roster(RosterBuilder::alike(providers)).spawn().await;
    app.a_patient_for_each_provider().await;
    // Minutes from Monday, midnight in UTC.
    let starts = "2 * 1440 + 840 + n * 15";
    app.appointments_for_each(visits, starts, &format!("{starts} + 15"), "TRUE").await;
    app
}

async fn day(app: &TestApp) -> Vec<Value> {
    let answer = app.graphql(DAY, wednesday()).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    assert_eq!(answer["data"]["providers"]["pageInfo"]["hasNextPage"], false, "{answer}");
    answer["data"]["providers"]["nodes"].as_array().unwrap().clone()
}

on_both_engines! {
    async fn the_day_of_fifty_providers_and_eight_hundred_visits_is_one_request(engine) {
        let app = clinic_of(engine, 50, 16).await;
        let columns = day(&app).await;
        assert_eq!(columns.len(), 50);
        let mut seen = 0;
        for column in &columns {
            assert_eq!(column["timeZone"], "America/New_York", "{column}");
            assert_eq!((&column["overrides"], &column["timeOff"]), (&json!([]), &json!([])));
            let wednesday = &column["workingHours"][2];
            assert_eq!(*wednesday, json!({ "weekday": "WEDNESDAY", "opensAt": "09:00", "closesAt": "17:00" }));
            assert_eq!(column["appointments"]["pageInfo"]["hasNextPage"], false);
            let visits = column["appointments"]["nodes"].as_array().unwrap();
            for (place, visit) in visits.iter().enumerate() {
                let minutes = i64::try_from(place).unwrap() * 15;
                let starts_at = "2027-01-13T14:00:00Z".parse::<jiff::Timestamp>().unwrap()
                    + jiff::SignedDuration::from_mins(minutes);
                let ends_at = starts_at + jiff::SignedDuration::from_mins(15);
                assert_eq!(visit["startsAt"], starts_at.to_string(), "{visit}");
                assert_eq!(visit["endsAt"], ends_at.to_string(), "{visit}");
                let name = format!("Patient of {}", column["name"].as_str().unwrap());
                assert_eq!(visit["patient"]["name"], name, "{visit}");
                let rest = json!([visit["version"], visit["status"], visit["state"], visit["visitType"], visit["pendingStartsAt"]]);
                assert_eq!(rest, json!([1, "CONFIRMED", "CT", null, null]), "{visit}");
            }
            seen += visits.len();
        }
        assert_eq!(seen, 800);
    }
}

on_both_engines! {
    async fn the_day_costs_three_statements_however_many_providers_and_visits_it_has(engine) {
        for (providers, visits) in [(3, 2), (50, 16)] {
            let app = clinic_of(engine, providers, visits).await;
            let (columns, sent) = app.statements(day(&app)).await;
            assert_eq!(columns.len(), providers);
            // The directory's version; the visits of all; their patients.
            assert_eq!(sent.sql.len(), 3, "{:#?}", sent.sql);
            assert_eq!(sent.transactions, 0);
        }
    }
}

on_both_engines! {
    async fn a_day_with_more_visits_than_a_column_holds_says_so(engine) {
        let app = clinic_of(engine, 2, 37).await;
        for column in day(&app).await {
            assert_eq!(column["appointments"]["nodes"].as_array().unwrap().len(), 36);
            assert_eq!(column["appointments"]["pageInfo"]["hasNextPage"], true, "{column}");
        }
    }
}
