//! Waiting with a visit that is to move.

use super::*;
use crate::support::{on_both_engines, provider};

on_both_engines! {
    async fn a_visit_waits_for_an_earlier_time_that_is_not_its_own(engine) {
        let (app, [one]) = clinic(engine).await;
        let visit = book(&app, 1, &one, ELEVEN).await.unwrap();
        // Free are all times of the day; the first is offered that does not overlap where it is.
        let from = |start: &str| json!({ "insteadOf": visit, "providerId": one, "earliest": start });
        let mut near = from("2027-01-11T15:45:00Z");
        near["latest"] = json!("2027-01-11T18:00:00Z");
        let near = joined(&app, near).await;
        assert_eq!(near["offers"][0]["slot"]["startsAt"], "2027-01-11T16:30:00Z", "{near}");
        leave(&app, &near).await;
        // Unless it is said until when, it is an earlier one.
        let earlier = joined(&app, from(TEN)).await;
        assert_eq!((&earlier["latest"], &earlier["offers"][0]["slot"]["startsAt"]), (&json!("2027-01-11T15:59:00Z"), &json!(TEN)), "{earlier}");
        // Whom it is for, and what kind of visit, is the visit's.
        for (field, value) in [("state", json!("CT")), ("insurance", json!("Aetna")), ("visitTypeId", json!("vtp_00000000000000000000000000"))] {
            let mut input = from(TEN);
            input[field] = value;
            let error = join(&app, input).await["error"].clone();
            assert_eq!((&error["code"], &error["violations"][0]["field"]), (&json!("INVALID_INPUT"), &json!(field)), "{error}");
        }
        let far = json!({ "patient": patient(2, "CT", "Aetna"), "earliest": "2030-06-03T16:00:00Z" });
        assert_eq!(join(&app, far).await["error"]["violations"][0]["field"], "latest");
    }
}

on_both_engines! {
    async fn a_visit_that_is_cancelled_ends_the_wait_and_frees_what_was_offered(engine) {
        let (app, [one]) = clinic(engine).await;
        let visit = book(&app, 1, &one, "2027-01-14T15:00:00Z").await.unwrap();
        let entry = joined(&app, json!({ "insteadOf": visit, "earliest": TEN, "latest": TEN })).await;
        assert_eq!(entry["status"], "OFFERED");
        let next = joined(&app, waits(2, &one, TEN)).await;
        assert_eq!((&next["status"], app.cancel(&visit).await.status.as_u16()), (&json!("WAITING"), 200));
        becomes(&app, &entry, "LEFT").await;
        becomes(&app, &next, "OFFERED").await;
    }
}

on_both_engines! {
    async fn a_visit_that_is_on_its_way_somewhere_waits_on(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let visit = book(&app, 1, &one, "2027-01-14T15:00:00Z").await.unwrap();
        let hold = change(&app, "holdSlot", "hold { token }", json!({ "providerId": two, "startsAt": TEN })).await;
        let entry = joined(&app, json!({ "insteadOf": visit, "providerId": two, "earliest": TEN, "latest": TEN })).await;
        app.faults(&json!({ "down": true })).await;
        let moved = app.reschedule(&visit, "2027-01-14T16:00:00Z").await;
        assert_eq!(moved.status, 202, "{moved:?}");
        let token = json!({ "token": hold["hold"]["token"] });
        assert_eq!(change(&app, "releaseHold", "__typename", token).await["error"], Value::Null);
        // Somebody who comes after them is served at once, so it was looked for them as well.
        becomes(&app, &joined(&app, waits(2, &one, ELEVEN)).await, "OFFERED").await;
        assert_eq!(now(&app, &entry).await["status"], "WAITING");
        app.faults(&json!({})).await;
        app.settle_everything().await;
        becomes(&app, &entry, "OFFERED").await;
    }
}

on_both_engines! {
    async fn a_patient_who_lives_by_another_clock_is_offered_times_by_that(engine) {
        for by_booking in [true, false] {
            lives_by_another_clock(engine, by_booking).await;
        }
    }
}

async fn lives_by_another_clock(engine: Engine, by_booking: bool) {
    let texas = crate::support::provider("Dr. Texas").licensed("TX").takes("Aetna");
    let app = TestApp::builder(engine).roster(RosterBuilder::default().with(texas)).spawn().await;
    let one = app.provider_id("Dr. Texas").await;
    let mut person = patient(1, "TX", "Aetna");
    person["timeZone"] = json!("America/Chicago");
    // A time that is none on the clock of Chicago before the hours of the provider begin.
    let wish = json!({ "patient": person.clone(), "providerId": one, "localFrom": "07:00", "localUntil": "07:30", "weekdays": ["MONDAY"] });
    let entry = joined(&app, wish).await;
    let patients = app.graphql("query { patients { nodes { id } } }", json!({})).await;
    let id = &patients["data"]["patients"]["nodes"][0]["id"];
    assert_eq!(entry["status"], "WAITING", "{entry}");
    if by_booking {
        person["timeZone"] = json!("America/Denver");
        let visit =
            json!({ "patient": person, "providerId": one, "startsAt": "2027-01-13T18:00:00Z" });
        assert_eq!(
            change(&app, "bookAppointment", "appointment { id }", visit).await["error"],
            Value::Null
        );
    } else {
        let zone = json!({ "id": id, "timeZone": "America/Denver" });
        assert_eq!(
            change(&app, "updatePatient", "patient { timeZone }", zone).await["error"],
            Value::Null
        );
    }
    let offered = becomes(&app, &entry, "OFFERED").await;
    let local = offered["offers"][0]["slot"]["patientLocalStartsAt"].as_str().unwrap();
    assert!(local.contains("T07:00"), "{offered}");
}

on_both_engines! {
    async fn an_offer_for_a_visit_is_judged_by_the_insurance_of_that_visit(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Both").licensed("CT").takes("Aetna").takes("Cigna"))
            .with(provider("Dr. Aetna").licensed("CT").takes("Aetna"))
            .with(provider("Dr. Cigna").licensed("CT").takes("Cigna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let both = app.provider_id("Dr. Both").await;
        let visit = book(&app, 1, &both, "2027-01-14T15:00:00Z").await.unwrap();
        // The patient has another insurance by now.
        let other = json!({ "patient": patient(1, "CT", "Cigna"), "providerId": both, "startsAt": "2027-01-15T15:00:00Z" });
        assert_eq!(change(&app, "bookAppointment", "__typename", other).await["error"], Value::Null);
        let taken = [("Dr. Both", "Aetna"), ("Dr. Aetna", "Aetna")];
        let mut in_the_way = Vec::new();
        for (number, (name, payer)) in taken.into_iter().enumerate() {
            let input = json!({ "patient": patient(7 + number, "CT", payer), "providerId": app.provider_id(name).await, "startsAt": TEN });
            let made = change(&app, "bookAppointment", "appointment { id }", input).await;
            in_the_way.push(made["appointment"]["id"].as_str().unwrap().to_owned());
        }
        // With whom TEN is free does not take what the visit is under.
        let entry = joined(&app, json!({ "insteadOf": visit, "earliest": TEN, "latest": TEN })).await;
        assert_eq!(entry["status"], "WAITING", "{entry}");
        assert_eq!(app.cancel(&in_the_way[1]).await.status, 200);
        let offered = becomes(&app, &entry, "OFFERED").await;
        let with = app.provider_id("Dr. Aetna").await;
        assert_eq!(offered["offers"][0]["slot"]["provider"]["id"], with);
        let accepted = accept(&app, &entry).await;
        assert_eq!((&accepted["error"], &accepted["appointment"]["provider"]["id"]), (&Value::Null, &json!(with)), "{accepted}");
    }
}
