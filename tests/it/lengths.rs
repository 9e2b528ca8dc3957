//! How long a visit is where nobody says.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{TestApp, on_both_engines};

/// The minutes of the first of these times.
fn minutes(slot: &Value) -> i64 {
    let slot = slot.get(0).unwrap_or(slot);
    let at = |name: &str| slot[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    at("endsAt").duration_since(at("startsAt")).as_mins()
}

on_both_engines! {
    async fn a_length_that_is_left_out_or_null_is_thirty_minutes(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let day = "from: \"2027-01-12T00:00:00Z\", to: \"2027-01-13T00:00:00Z\"";
        let after = "after: \"2027-01-12T00:00:00Z\"";
        for (argument, variables, expected) in [
            ("", json!({}), 30),
            (", durationMinutes: null", json!({}), 30),
            (", durationMinutes: $minutes", json!({}), 30),
            (", durationMinutes: $minutes", json!({ "minutes": null }), 30),
            (", durationMinutes: $minutes", json!({ "minutes": 45 }), 45),
            (", durationMinutes: 45", json!({}), 45),
        ] {
            // The variable is always used, as a document must.
            let query = format!(
                "query ($minutes: Int) {{
                    slots: availableSlots(providerId: \"{jane}\", {day}{argument}) {{ startsAt endsAt }}
                    first: firstAvailable({after}, state: \"CT\", insurance: \"Aetna\"{argument}) {{ startsAt endsAt }}
                    used: firstAvailable({after}, providerId: \"{jane}\", durationMinutes: $minutes) {{ startsAt }}
                    provider(id: \"{jane}\") {{
                        slots: availableSlots({day}{argument}) {{ startsAt endsAt }}
                        first: firstAvailable({after}{argument}) {{ startsAt endsAt }}
                    }}
                }}"
            );
            let answer = app.graphql(&query, variables.clone()).await;
            assert_eq!(answer.get("errors"), None, "{argument} {variables}: {answer}");
            let data = &answer["data"];
            for slot in [&data["slots"], &data["first"], &data["provider"]["slots"], &data["provider"]["first"]] {
                assert_eq!(minutes(slot), expected, "{argument} {variables}");
            }
        }
    }
}
