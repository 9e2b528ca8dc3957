//! Many who change the roster at once, and who book meanwhile.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{TEN, edit};
use crate::support::{ROSTER_BEGINNING, TestApp, on_both_engines, with_jane};

on_both_engines! {
    async fn edits_at_once_are_one_after_the_other_and_their_events_have_no_gap(engine) {
        const EDITS: usize = 12;
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let edits = (0..EDITS).map(|n| {
            let input = json!({ "providerId": id, "startsAt": format!("2027-02-{:02}T00:00:00Z", n + 1), "endsAt": "2027-03-01T00:00:00Z" });
            edit(&app, "addTimeOff", input)
        });
        let mut versions: Vec<i64> = join_all(edits).await.iter().map(|payload| {
            payload["provider"]["version"].as_i64().unwrap_or_else(|| panic!("{payload}"))
        }).collect();
        versions.sort_unstable();
        assert_eq!(versions, (2..=13).collect::<Vec<_>>());
        let query = format!("{{ rosterEvents(after: \"{ROSTER_BEGINNING}\", first: 100) {{ nodes {{ cursor kind }} }} }}");
        let told = app.graphql(&query, json!({})).await["data"]["rosterEvents"]["nodes"].clone();
        let cursors: Vec<_> = told.as_array().unwrap().iter().map(|event| event["cursor"].as_str().unwrap().to_owned()).collect();
        let expected: Vec<_> = (1..=6 + EDITS).map(|position| format!("rst_{position:012x}")).collect();
        assert_eq!(cursors, expected);
    }
}

on_both_engines! {
    async fn one_version_is_changed_once(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let edits = (0..8).map(|n| edit(&app, "updateProvider", json!({ "id": id, "name": format!("Dr. {n}"), "expectedVersion": 1 })));
        let asked = join_all(edits).await;
        let done = asked.iter().filter(|payload| payload["error"] == Value::Null).count();
        assert_eq!(done, 1, "{asked:?}");
        assert!(asked.iter().all(|payload| payload["error"] == Value::Null || payload["error"]["code"] == "VERSION_CONFLICT"), "{asked:?}");
    }
}

on_both_engines! {
    async fn what_is_booked_while_somebody_goes_on_leave_is_either_refused_or_told_as_stranded(engine) {
        let app = TestApp::spawn(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        for round in 0..6 {
            let day = 11 + round;
            if [16, 17].contains(&day) {
                continue;
            }
            let at = TEN.replace("-11T", &format!("-{day}T"));
            let leave = json!({ "providerId": id, "date": format!("2027-01-{day}"), "hours": [] });
            let booking = with_jane(round, &at);
            let (booked, left) = tokio::join!(app.book(&booking), edit(&app, "setDateOverride", leave));
            let stranded = left["affectedAppointments"].as_array().unwrap_or_else(|| panic!("{left}"));
            match booked.status.as_u16() {
                // Of what was committed before the leave the leave says so; after it nothing is.
                201 => assert_eq!(stranded.len(), 1, "{round}: {booked:?}"),
                422 | 409 => assert!(stranded.is_empty(), "{round}: {booked:?}"),
                status => panic!("{status}: {booked:?}"),
            }
        }
    }
}
