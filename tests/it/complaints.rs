//! What users of other systems complain about, each a test that would fail if it could be written about us.
//!
//! | complaint | tests |
//! | --- | --- |
//! | a visit after the clocks change is shown an hour off, and then refused | here |
//! | notice that ends on the day of the change | here |
//! | times outside the window that was asked for; times that are refused when taken | here, `rules_first.rs`, the properties of `domain::judge` |
//! | a visit that can't be changed once its provider has moved to another zone | here |
//! | whoever is away is booked all the same, by "any provider" | here, `calendars.rs` |
//! | buffers that are passed by a direct request | `calendars.rs` |
//! | nobody can be searched for by the state of the licence | `booking.rs`, `lists.rs` |
//! | whose licence has ended is assigned the visit | here, `booking.rs` |
//! | licences can be edited by developers alone | `roster_edits/` |
//! | the state of the address counts, not where the patient is today | here |
//! | a payer is not found by another of its names | here, `roster_edits/clinic.rs` |
//! | a visit is given to whom no rule would have chosen | `reassign.rs` |
//! | staff can't pass their own rules | `overruling.rs` |
//! | an older visit that nothing accounts for any more | here |

use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, id_of, on_both_engines, patient, provider};

/// Dr. Jane Doe and Dr. John Roe, both for Connecticut and Aetna, 9 to 17 in New York.
async fn two(engine: Engine) -> TestApp {
    let alike = |name| provider(name).licensed("CT").licensed("NY").takes("Aetna");
    let roster = RosterBuilder::default().with(alike("Dr. Jane Doe")).with(alike("Dr. John Roe"));
    TestApp::builder(engine).roster(roster).spawn().await
}

async fn edit(app: &TestApp, operation: &str, input: Value) {
    let name = operation[..1].to_uppercase() + &operation[1..];
    let document = format!(
        "mutation ($input: {name}Input!) {{ {operation}(input: $input) {{ error {{ code message }} }} }}"
    );
    let answer = app.graphql(&document, json!({ "input": input })).await;
    assert_eq!(answer["data"][operation]["error"], Value::Null, "{answer}");
}

async fn slots(app: &TestApp, id: &str, from: &str, to: &str) -> Vec<String> {
    let query = "query ($id: ID!, $from: DateTime!, $to: DateTime!) {
        availableSlots(providerId: $id, from: $from, to: $to) { startsAt } }";
    let answer = app.graphql(query, json!({ "id": id, "from": from, "to": to })).await;
    let slots = answer["data"]["availableSlots"].as_array().unwrap_or_else(|| panic!("{answer}"));
    slots.iter().map(|slot| slot["startsAt"].as_str().unwrap().to_owned()).collect()
}

/// The status, and the provider with whom it is or the code.
async fn booked(app: &TestApp, number: usize, extra: Value) -> (u16, String) {
    let mut body = json!({ "patient": patient(number, "CT", "Aetna") });
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    let answer = app.book(&body).await;
    match answer.status.as_u16() {
        201 => (201, answer.json()["provider"].as_str().unwrap().to_owned()),
        _ => answer.problem(),
    }
}

on_both_engines! {
    async fn nine_stays_nine_after_the_clocks_change_and_is_booked_as_offered(engine) {
        let app = two(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        // Friday before 14 March 2027, and Monday after.
        for (day, nine) in [("2027-03-12", "2027-03-12T14:00:00Z"), ("2027-03-15", "2027-03-15T13:00:00Z")] {
            let (from, to) = (format!("{day}T00:00:00Z"), format!("{day}T23:00:00Z"));
            let offered = slots(&app, &id, &from, &to).await;
            assert_eq!(offered.first().unwrap(), nine);
            let booked = app.book(&json!({ "patient": patient(1, "CT", "Aetna"), "provider_id": id, "time": nine })).await;
            assert_eq!(booked.status, 201, "{booked:?}");
            assert!(booked.json()["local_time"].as_str().unwrap().starts_with(&format!("{day}T09:00:00")), "{booked:?}");
        }
        // An hour before it the provider does not work, in summer as in winter.
        assert_eq!(booked(&app, 2, json!({ "provider_id": id, "time": "2027-03-15T12:00:00Z" })).await, (422, "OUTSIDE_WORKING_HOURS".to_owned()));
    }
}

on_both_engines! {
    async fn notice_is_so_many_hours_also_where_it_ends_on_the_day_of_the_change(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna").works("SUNDAY", "00:00", "24:00"));
        // Saturday, 13 March 2027, 20:00 in New York; the night has no hour from 2 to 3.
        let app = TestApp::builder(engine).roster(roster).at("2027-03-14T01:00:00Z").spawn().await;
        let id = app.provider_id("Dr. Jane Doe").await;
        edit(&app, "setRules", json!({ "providerId": id, "rules": { "noticeMinutes": 480 } })).await;
        let offered = slots(&app, &id, "2027-03-14T00:00:00Z", "2027-03-15T00:00:00Z").await;
        // Eight hours later the clock shows 5:00.
        assert_eq!(offered.first().unwrap(), "2027-03-14T09:00:00Z");
        assert_eq!(booked(&app, 1, json!({ "provider_id": id, "time": "2027-03-14T08:59:00Z" })).await, (422, "NOTICE_TOO_SHORT".to_owned()));
        assert_eq!(booked(&app, 1, json!({ "provider_id": id, "time": "2027-03-14T09:00:00Z" })).await.0, 201);
    }
}

on_both_engines! {
    async fn what_is_offered_lies_in_the_window_and_each_of_it_is_booked_when_asked_for(engine) {
        let app = two(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        edit(&app, "setRules", json!({ "providerId": id, "rules": { "gridMinutes": 20, "bufferAfterMinutes": 10 } })).await;
        let (from, to) = ("2027-01-12T15:07:00Z", "2027-01-12T18:01:00Z");
        let mut number = 0;
        loop {
            let offered = slots(&app, &id, from, to).await;
            assert!(offered.iter().all(|at| at.as_str() >= from && at.as_str() < to), "{offered:?}");
            let Some(last) = offered.last() else { break };
            number += 1;
            assert_eq!(booked(&app, number, json!({ "provider_id": id, "time": last })).await.0, 201, "{last}");
        }
        assert!(number >= 3, "{number}");
    }
}

on_both_engines! {
    async fn a_visit_is_moved_and_cancelled_after_its_provider_went_to_another_zone(engine) {
        let app = two(engine).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let visit = app.book(&json!({ "patient": patient(1, "CT", "Aetna"), "provider_id": id, "time": "2027-01-12T15:00:00Z" })).await;
        let visit = id_of(&visit.json());
        edit(&app, "updateProvider", json!({ "id": id, "timeZone": "America/Los_Angeles" })).await;
        let stays = app.get(&format!("/appointment/{visit}")).await.json();
        // The moment stays; the provider's clock shows 7:00 by now.
        assert_eq!(stays["time"], "2027-01-12T15:00:00Z");
        assert!(stays["local_time"].as_str().unwrap().starts_with("2027-01-12T07:00:00"), "{stays}");
        assert_eq!(app.reschedule(&visit, "2027-01-12T17:00:00Z").await.status, 200);
        assert_eq!(app.cancel(&visit).await.status, 200);
    }
}

on_both_engines! {
    async fn whoever_is_away_is_not_found_by_asking_for_anybody(engine) {
        let app = two(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        edit(&app, "addTimeOff", json!({ "providerId": jane, "startsAt": "2027-01-12T05:00:00Z", "endsAt": "2027-01-13T05:00:00Z" })).await;
        for (number, time) in [(1, "2027-01-12T15:00:00Z"), (2, "2027-01-12T16:00:00Z")] {
            assert_eq!(booked(&app, number, json!({ "time": time })).await, (201, "Dr. John Roe".to_owned()));
        }
        // Nobody else is free then: it is not Jane.
        assert_eq!(booked(&app, 3, json!({ "time": "2027-01-12T15:00:00Z" })).await, (409, "SLOT_TAKEN".to_owned()));
        assert_eq!(booked(&app, 3, json!({ "after": "2027-01-12T16:00:00Z" })).await, (201, "Dr. John Roe".to_owned()));
    }
}

on_both_engines! {
    async fn nobody_is_booked_past_the_last_day_of_a_licence_from_the_edit_on(engine) {
        let app = two(engine).await;
        let (jane, john) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Dr. John Roe").await);
        let until = |number: &str| json!([{ "state": "CT", "number": number, "validUntil": "2027-01-12" }]);
        edit(&app, "setLicences", json!({ "providerId": jane, "licences": until("CT-1") })).await;
        // Its last day is a day of it, where the provider is.
        assert_eq!(booked(&app, 1, json!({ "provider_id": jane, "time": "2027-01-12T21:00:00Z" })).await.0, 201);
        let later = "2027-01-13T15:00:00Z";
        assert_eq!(booked(&app, 2, json!({ "provider_id": jane, "time": later })).await, (422, "PROVIDER_NOT_ELIGIBLE".to_owned()));
        assert_eq!(booked(&app, 2, json!({ "time": later })).await, (201, "Dr. John Roe".to_owned()));
        edit(&app, "setLicences", json!({ "providerId": john, "licences": until("CT-2") })).await;
        assert_eq!(booked(&app, 3, json!({ "time": "2027-01-13T16:00:00Z" })).await, (404, "NO_MATCHING_PROVIDER".to_owned()));
    }
}

on_both_engines! {
    async fn the_state_where_the_patient_is_this_time_counts(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"))
            .with(provider("Dr. John Roe").licensed("NY").takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        for (state, with, time) in [("CT", "Dr. Jane Doe", "2027-01-12T15:00:00Z"), ("NY", "Dr. John Roe", "2027-01-12T16:00:00Z"), ("CT", "Dr. Jane Doe", "2027-01-12T17:00:00Z")] {
            let answer = app.book(&json!({ "patient": patient(1, state, "Aetna"), "time": time })).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["provider"]), (201, &json!(with)), "{answer:?}");
        }
        let all = app.graphql("{ appointments(from: \"2027-01-12T00:00:00Z\", to: \"2027-01-13T00:00:00Z\") { nodes { state patient { id } } } }", json!({})).await;
        let visits = all["data"]["appointments"]["nodes"].as_array().unwrap();
        let states: Vec<&str> = visits.iter().map(|visit| visit["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["CT", "NY", "CT"]);
        // One patient, who was in another state once.
        assert!(visits.iter().all(|visit| visit["patient"] == visits[0]["patient"]), "{all}");
    }
}

on_both_engines! {
    async fn a_payer_is_known_by_each_name_that_the_clinic_has_learnt(engine) {
        let app = two(engine).await;
        let with = |name: &str| json!({ "patient": patient(1, "CT", name), "time": "2027-01-12T15:00:00Z" });
        let unknown = app.book(&with("AETNA LIFE INS CO")).await;
        assert_eq!(unknown.problem(), (422, "UNKNOWN_INSURANCE".to_owned()));
        let list = app.graphql("{ insurances(search: \"aetna\") { nodes { id name aliases } } }", json!({})).await;
        let aetna = &list["data"]["insurances"]["nodes"][0];
        let mut aliases = aetna["aliases"].as_array().unwrap().clone();
        aliases.push(json!("Aetna Life Ins. Co."));
        edit(&app, "updateInsurance", json!({ "id": aetna["id"], "aliases": aliases })).await;
        let known = app.book(&with("AETNA LIFE INS CO")).await;
        assert_eq!(known.status, 201, "{known:?}");
        let query = format!("{{ appointment(id: \"{}\") {{ insurance }} }}", id_of(&known.json()));
        assert_eq!(app.graphql(&query, json!({})).await["data"]["appointment"]["insurance"], "Aetna");
    }
}

on_both_engines! {
    async fn no_edit_makes_a_visit_vanish(engine) {
        let app = two(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let visit = app.book(&json!({ "patient": patient(1, "CT", "Aetna"), "provider_id": jane, "time": "2027-01-12T15:00:00Z" })).await;
        let visit = id_of(&visit.json());
        for (operation, input) in [
            ("setWorkingHours", json!({ "providerId": jane, "workingHours": [] })),
            ("setLicences", json!({ "providerId": jane, "licences": [] })),
            ("setInsurances", json!({ "providerId": jane, "insurances": [] })),
            ("addTimeOff", json!({ "providerId": jane, "startsAt": "2027-01-11T05:00:00Z", "endsAt": "2027-02-11T05:00:00Z" })),
            ("setClosedDay", json!({ "date": "2027-01-12", "name": "Snow" })),
            ("updateProvider", json!({ "id": jane, "active": false })),
        ] {
            edit(&app, operation, input).await;
            let stays = app.get(&format!("/appointment/{visit}")).await.json();
            assert_eq!((&stays["status"], &stays["provider"]), (&json!("CONFIRMED"), &json!("Dr. Jane Doe")), "{operation}: {stays}");
        }
        let list = app.get(&format!("/appointments?provider_id={jane}&from=2027-01-12T00:00:00Z&to=2027-01-13T00:00:00Z")).await;
        assert_eq!(list.json()["appointments"].as_array().unwrap().len(), 1, "{list:?}");
    }
}
