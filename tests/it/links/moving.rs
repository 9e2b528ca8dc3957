//! Moving a visit by its link.

use reqwest::Method;
use serde_json::json;

use super::{
    NINE, booked, booked_by, builder, clinic, get, history, led, path_to, post, send, visit,
};
use crate::support::on_both_engines;

/// The times that a page offers.
fn offered(page: &str) -> Vec<String> {
    let parts = page.split("name=\"time\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_visit_moves_to_a_time_that_is_offered(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        booked_by(&app, "Jane Roe", "CT", "2027-01-11T16:00:00Z").await;
        let path = path_to(&app, &id).await;
        let page = get(&app, &path).await.text;
        let times = offered(&page);
        assert!(times.len() > 20, "{times:?}");
        for taken in [NINE, "2027-01-11T16:00:00Z"] {
            assert!(!times.iter().any(|time| time == taken), "{taken}: {times:?}");
        }
        assert!(page.contains("There are more free times after these. Ask the clinic."), "{page}");
        assert!(page.contains("<summary>Monday, January 11, 2027</summary>") && page.contains("All times are Eastern Time (America/New_York)."), "{page}");
        let to = times.last().unwrap();
        let page = led(&app, &format!("{path}/move"), &format!("time={to}")).await;
        assert!(page.contains("Your visit has its new time."), "{page}");
        let moved = visit(&app, &id).await;
        assert_eq!((&moved["time"], &moved["status"]), (&json!(to), &json!("CONFIRMED")), "{moved}");
        assert!(history(&app, &id).await.iter().any(|(_, who)| who == "PATIENT_LINK"), "{:?}", history(&app, &id).await);
        // Pressed twice.
        led(&app, &format!("{path}/move"), &format!("time={to}")).await;
        assert_eq!(visit(&app, &id).await["version"], moved["version"]);
    }
}

on_both_engines! {
    async fn a_time_that_is_taken_meanwhile_is_told_with_those_that_are_free(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        booked_by(&app, "Jane Roe", "CT", "2027-01-11T16:00:00Z").await;
        let answer = post(&app, &format!("{path}/move"), "time=2027-01-11T16:00:00Z").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.text.contains("Somebody else has taken that time. Choose another one."), "{answer:?}");
        assert!(answer.text.contains("role=\"alert\"") && offered(&answer.text).len() > 20, "{answer:?}");
        for (fields, status) in [("", 422), ("time=tomorrow", 422), ("time=2027-01-10T16:00:00Z", 422), ("time=2027-01-12T03:00:00Z", 422), ("time=2027-01-12T15:07:00Z", 422)] {
            let answer = post(&app, &format!("{path}/move"), fields).await;
            assert_eq!(answer.status, status, "{fields} {answer:?}");
        }
        assert_eq!(visit(&app, &id).await["time"], NINE);
    }
}

on_both_engines! {
    async fn what_the_outside_refuses_leaves_the_visit_where_it_is(engine) {
        let app = clinic(engine).await;
        let id = booked(&app, NINE).await;
        let path = path_to(&app, &id).await;
        app.faults(&json!({ "refuse_rate": 1.0 })).await;
        let answer = post(&app, &format!("{path}/move"), "time=2027-01-11T17:00:00Z").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.text.contains("The clinic could not confirm that time.") && answer.text.contains("9:00 AM to 9:30 AM"), "{answer:?}");
        app.faults(&json!({})).await;
    }
}

on_both_engines! {
    async fn where_nothing_is_free_the_page_says_whom_to_ask(engine) {
        let app = builder(engine).setting("CLINIC_CONTACT", "+1 203 555 0100").spawn().await;
        let id = booked(&app, NINE).await;
        let provider = visit(&app, &id).await["provider_id"].clone();
        let hours = json!({ "providerId": provider, "workingHours": [] });
        let changed = app.administer("setWorkingHours", "provider { id }", hours).await;
        assert_eq!(changed["error"], json!(null), "{changed}");
        let page = get(&app, &path_to(&app, &id).await).await.text;
        assert!(page.contains("There is no other free time just now. Ask the clinic: +1 203 555 0100."), "{page}");
        assert_eq!(send(&app, Method::GET, &format!("/appointment/{id}"), &json!(null)).await.status, 200);
    }
}
