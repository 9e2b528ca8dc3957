//! Booking what is held: it is never refused for its time, and what else is against it leaves the hold as it is.

use serde_json::{Value, json};

use super::*;
use crate::support::{book_by_graphql, id_of, on_both_engines};

on_both_engines! {
    async fn who_may_not_have_the_visit_leaves_the_hold_to_who_may(engine) {
        let (app, [one, two]) = clinic(engine).await;
        assert_eq!(app.book(&visit(2, &two, "2027-01-11T15:15:00Z")).await.status, 201);
        let token = held(&app, &one, TEN).await;
        for (patient, code) in [
            (patient(1, "TX", "Aetna"), "NO_MATCHING_PROVIDER"),
            (patient(1, "CT", "Humana"), "NO_MATCHING_PROVIDER"),
            (patient(1, "CT", "Nope"), "UNKNOWN_INSURANCE"),
            (patient(2, "CT", "Aetna"), "PATIENT_DOUBLE_BOOKED"),
        ] {
            let refused = book_by_graphql(&app, json!({ "patient": patient, "holdToken": token })).await;
            assert_eq!(refused["error"]["code"], code, "{refused}");
        }
        let nobody = json!({ "patientId": "pat_00000000000000000000000000", "holdToken": token });
        assert_eq!(book_by_graphql(&app, nobody).await["error"]["code"], "NOT_FOUND");
        assert_eq!(app.book(&visit(3, &one, TEN)).await.problem(), (409, "SLOT_HELD".to_owned()));
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 1);
        assert_eq!(redeem(&app, 1, &token).await["appointment"]["status"], "CONFIRMED");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn whatever_has_become_of_the_hours_since_it_is_booked(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        let set = "mutation ($id: ID!) {
            setRules(input: { providerId: $id, rules: { noticeMinutes: 2880, horizonDays: 1, maxAppointmentsPerDay: 1 } }) { error { code } }
            setWorkingHours(input: { providerId: $id, workingHours: [] }) { error { code } }
            addTimeOff(input: { providerId: $id, startsAt: \"2027-01-11T14:00:00Z\", endsAt: \"2027-01-11T18:00:00Z\" }) { error { code } } }";
        let answer = app.graphql(set, json!({ "id": one })).await;
        let nothing = json!({ "error": null });
        assert_eq!(answer["data"], json!({ "setRules": nothing, "setWorkingHours": nothing, "addTimeOff": nothing }));
        let booked = redeem(&app, 1, &token).await;
        assert_eq!((&booked["error"], &booked["appointment"]["status"]), (&Value::Null, &json!("CONFIRMED")));
    }
}

on_both_engines! {
    async fn what_is_said_otherwise_than_it_is_held_is_named(engine) {
        let (app, [one, two]) = clinic(engine).await;
        let make = "mutation { createVisitType(input: { name: \"Long talk\", durationMinutes: 50 }) { visitType { id } } }";
        let kind = app.graphql(make, json!({})).await["data"]["createVisitType"]["visitType"]["id"].clone();
        let payload = hold(&app, json!({ "providerId": one, "startsAt": TEN, "visitTypeId": kind })).await;
        assert_eq!(payload["hold"]["slot"]["endsAt"], "2027-01-11T15:50:00Z", "{payload}");
        let of_kind = payload["hold"]["token"].clone();
        let of_none = held(&app, &one, ELEVEN).await;
        for (token, field, value) in [
            (&of_kind, "providerId", json!(two)),
            (&of_kind, "startsAt", json!(ELEVEN)),
            (&of_kind, "durationMinutes", json!(30)),
            (&of_kind, "after", json!(TEN)),
            (&json!(of_none), "visitTypeId", kind.clone()),
        ] {
            let mut input = json!({ "patient": patient(1, "CT", "Aetna"), "holdToken": token });
            input[field] = value;
            let refused = book_by_graphql(&app, input).await;
            assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{field}: {refused}");
            let named = refused["error"]["violations"][0]["field"].as_str().unwrap();
            assert!(field.starts_with(named), "{field}: {refused}");
        }
        // The same once more is no contradiction.
        let input = json!({ "patient": patient(1, "CT", "Aetna"), "holdToken": of_kind, "providerId": one,
            "startsAt": TEN, "durationMinutes": 50, "visitTypeId": kind, "reason": "a talk" });
        let booked = book_by_graphql(&app, input).await;
        assert_eq!(booked["error"], Value::Null, "{booked}");
        let query = "query ($id: ID!) { appointment(id: $id) { startsAt durationMinutes reason provider { id } visitType { id } provenance version } }";
        let told = app.graphql(query, json!({ "id": booked["appointment"]["id"] })).await["data"]["appointment"].clone();
        assert_eq!(told, json!({ "startsAt": TEN, "durationMinutes": 50, "reason": "a talk", "provider": { "id": one },
            "visitType": { "id": kind }, "provenance": "GRAPHQL", "version": 2 }));
    }
}

on_both_engines! {
    async fn what_is_booked_is_told_as_any_booking(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        app.clock.set("2027-01-11T12:02:00Z");
        let id = redeem(&app, 1, &token).await["appointment"]["id"].clone();
        let query = "query ($id: ID!) { events(first: 9) { nodes { kind appointmentId } }
            appointment(id: $id) { createdAt history { kind fromStatus toStatus fromStartsAt toStartsAt fromProvider { id } } } }";
        let told = app.graphql(query, json!({ "id": id })).await["data"].clone();
        let event = |kind: &str| json!({ "kind": kind, "appointmentId": id });
        assert_eq!(told["events"]["nodes"], json!([event("BOOKED"), event("CONFIRMED")]));
        assert_eq!(told["appointment"], json!({ "createdAt": "2027-01-11T12:02:00Z", "history": [
            { "kind": "BOOKED", "fromStatus": null, "toStatus": "PENDING", "fromStartsAt": null, "toStartsAt": TEN, "fromProvider": null },
            { "kind": "CONFIRMED", "fromStatus": "PENDING", "toStatus": "CONFIRMED", "fromStartsAt": TEN, "toStartsAt": TEN, "fromProvider": { "id": one } },
        ] }));
    }
}

on_both_engines! {
    async fn once_it_is_committed_the_hold_is_spent_whatever_the_outside_says(engine) {
        let (app, [one, _two]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let refused = redeem(&app, 1, &token).await;
        assert_eq!((&refused["error"]["code"], &refused["appointment"]["status"]), (&json!("SCHEDULING_REFUSED"), &json!("FAILED")));
        app.faults(&json!({})).await;
        assert_eq!(redeem(&app, 1, &token).await["error"]["code"], "HOLD_EXPIRED");
        assert_eq!(rows(&app).await, (0, 0));
        // And where it does not answer, the time is the visit's.
        let token = held(&app, &one, ELEVEN).await;
        app.faults(&json!({ "down": true })).await;
        assert_eq!(redeem(&app, 2, &token).await["appointment"]["status"], "PENDING");
        app.clock.set(LAPSES);
        assert_eq!(app.book(&visit(3, &one, ELEVEN)).await.problem(), (409, "SLOT_TAKEN".to_owned()));
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_repeat_of_the_booking_answers_the_visit(engine) {
        let (app, [one]) = clinic(engine).await;
        let token = held(&app, &one, TEN).await;
        let body = json!({ "patient": patient(1, "CT", "Aetna"), "hold_token": token });
        let booked = app.post_with_key("/appointment", "k", &body).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        let again = app.post_with_key("/appointment", "k", &body).await;
        assert_eq!((again.status.as_u16(), id_of(&again.json())), (201, id_of(&booked.json())));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = json!({ "patient": patient(1, "CT", "Aetna"), "hold_token": "clh_other" });
        assert_eq!(app.post_with_key("/appointment", "k", &other).await.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    }
}

on_both_engines! {
    async fn without_a_scheduling_service_it_is_confirmed_at_once(engine) {
        let builder = TestApp::builder(engine).roster(RosterBuilder::alike(1));
        let app = builder.setting("SCHEDULER_URL", "none").spawn().await;
        let one = app.provider_id("Dr. 000").await;
        let token = held(&app, &one, TEN).await;
        assert_eq!(redeem(&app, 1, &token).await["appointment"]["status"], "CONFIRMED");
        assert_eq!((rows(&app).await, app.unsettled().await), ((0, 0), 0));
    }
}
