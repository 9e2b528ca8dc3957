//! Moving a series: all of its visits or none, and what the scheduling service would not move keeps its time.

use super::booking::{booked, fetched, values};
use super::*;
use crate::support::{on_both_engines, stubbed};

/// 10:00 in New York, on a Monday; the clock goes forward between the second and the third.
pub(super) const START: &str = "2027-03-01T15:00:00Z";
pub(super) const WEEKLY: &str = "FREQ=WEEKLY;COUNT=4";

const RESCHEDULE: &str = "mutation ($input: RescheduleSeriesInput!) { rescheduleSeries(input: $input) {
    series { id version rule appointments { id status startsAt pendingStartsAt localStartsAt } }
    error { code message ... on InvalidInput { violations { field message } }
        ... on IllegalTransition { appointmentId }
        ... on SeriesConflict { occurrences { index startsAt localStartsAt note reasons { code message } alternative { startsAt } } } } } }";

pub(super) async fn reschedule(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(RESCHEDULE, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["rescheduleSeries"].clone()
}

pub(super) async fn moved(app: &TestApp, input: Value) -> Value {
    let payload = reschedule(app, input).await;
    assert_eq!(payload["error"], Value::Null, "{payload}");
    payload["series"].clone()
}

on_both_engines! {
    async fn this_and_following_move_to_another_time_of_day_and_another_day_of_their_week(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        let second = values(&series, "startsAt")[1];
        let input = json!({ "id": series["id"], "from": second, "localTime": "11:30", "expectedVersion": 1, "idempotencyKey": "m" });
        let later = moved(&app, input.clone()).await;
        assert_eq!(later["version"], 2);
        let local = ["2027-03-01T10:00:00-05:00", "2027-03-08T11:30:00-05:00", "2027-03-15T11:30:00-04:00", "2027-03-22T11:30:00-04:00"];
        assert_eq!(values(&later, "localStartsAt"), local);
        app.assert_agreement().await;
        // Again, by the same key and without: it is so already.
        assert_eq!(moved(&app, input).await, later);
        assert_eq!(moved(&app, json!({ "id": series["id"], "from": second, "localTime": "11:30" })).await, later);
        let other_day = moved(&app, json!({ "id": series["id"], "weekday": "FRIDAY" })).await;
        let local = ["2027-03-05T10:00:00-05:00", "2027-03-12T11:30:00-05:00", "2027-03-19T11:30:00-04:00", "2027-03-26T11:30:00-04:00"];
        assert_eq!(values(&other_day, "localStartsAt"), local);
        // Half an hour on, where each is in the way of nothing but itself.
        let half = moved(&app, json!({ "id": series["id"], "localTime": "10:15" })).await;
        assert!(values(&half, "localStartsAt").iter().all(|time| time.contains("T10:15:00")), "{half}");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn where_one_new_time_can_not_be_none_moves(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        assert_eq!(book(&app, 9, &json!(jane), &json!("2027-03-15T15:00:00Z")).await, None);
        let refused = reschedule(&app, json!({ "id": series["id"], "localTime": "11:00" })).await;
        let error = &refused["error"];
        assert_eq!((&refused["series"], &error["code"]), (&Value::Null, &json!("SERIES_CONFLICT")), "{refused}");
        let clash = json!({ "index": 2, "startsAt": "2027-03-15T15:00:00Z", "localStartsAt": "2027-03-15T11:00:00-04:00",
            "note": null, "reasons": [{ "code": "SLOT_TAKEN", "message": error["occurrences"][0]["reasons"][0]["message"] }],
            "alternative": { "startsAt": "2027-03-15T15:30:00Z" } });
        assert_eq!(error["occurrences"], json!([clash]));
        assert_eq!(fetched(&app, &series["id"]).await, series);
        // Outside of the hours all of them clash; and the past is no time either.
        let night = reschedule(&app, json!({ "id": series["id"], "localTime": "23:00" })).await;
        assert_eq!(night["error"]["occurrences"].as_array().unwrap().len(), 4);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn what_the_scheduling_service_will_not_move_keeps_its_time_and_is_named(engine) {
        let (stub, app) = stubbed(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let series = booked(&app, by_rule(1, &jane, "2027-01-18T15:00:00Z", "FREQ=WEEKLY;COUNT=3")).await;
        stub.once("PUT", 409);
        let input = json!({ "id": series["id"], "localTime": "11:00", "idempotencyKey": "m" });
        let payload = reschedule(&app, input.clone()).await;
        let error = &payload["error"];
        assert_eq!(error["code"], "SCHEDULING_REFUSED", "{payload}");
        let named = error["occurrences"].as_array().unwrap();
        assert_eq!((named.len(), &named[0]["reasons"][0]["code"]), (1, &json!("SCHEDULING_REFUSED")), "{payload}");
        let index = usize::try_from(named[0]["index"].as_u64().unwrap()).unwrap();
        for (place, time) in values(&payload["series"], "localStartsAt").into_iter().enumerate() {
            assert_eq!(time.contains("T10:00"), place == index, "{payload}");
        }
        app.until_settled().await;
        assert_eq!(reschedule(&app, input.clone()).await, payload);
        // Now that it would.
        let all = moved(&app, json!({ "id": series["id"], "localTime": "11:00" })).await;
        assert!(values(&all, "localStartsAt").iter().all(|time| time.contains("T11:00")), "{all}");
        // The first was refused all the same, and tells the same of it; also once the visit is no more.
        let again = reschedule(&app, input.clone()).await;
        assert_eq!((&again["error"], &again["series"]["appointments"]), (error, &all["appointments"]));
        let visit = series["appointments"][index]["id"].as_str().unwrap();
        assert_eq!(app.cancel(visit).await.status, 200);
        assert_eq!(&reschedule(&app, input).await["error"], error);
    }
}

on_both_engines! {
    async fn a_repeat_tells_of_its_own_move_whatever_has_changed_since(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        let first = json!({ "id": series["id"], "localTime": "11:30", "idempotencyKey": "first" });
        moved(&app, first.clone()).await;
        moved(&app, json!({ "id": series["id"], "localTime": "14:00", "idempotencyKey": "second" })).await;
        let one = values(&series, "id")[3].to_owned();
        assert_eq!(app.reschedule(&one, "2027-03-22T13:00:00Z").await.status, 200);
        // Nothing of it was refused.
        let again = moved(&app, first).await;
        assert_eq!(again["appointments"], fetched_times(&app, &series["id"]).await["appointments"]);
    }
}

async fn fetched_times(app: &TestApp, id: &Value) -> Value {
    let query = "query ($id: ID!) { node(id: $id) { ... on AppointmentSeries {
        appointments { id status startsAt pendingStartsAt localStartsAt } } } }";
    app.graphql(query, json!({ "id": id })).await["data"]["node"].clone()
}

on_both_engines! {
    async fn visits_of_one_series_are_not_moved_into_each_other_s_way(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, at(1, &jane, &["2027-03-01T15:00:00Z", "2027-03-01T16:00:00Z"])).await;
        let refused = reschedule(&app, json!({ "id": series["id"], "localTime": "14:00" })).await;
        assert_eq!(refused["error"]["code"], "SERIES_CONFLICT", "{refused}");
        assert_eq!(refused["error"]["occurrences"][0]["index"], 1);
        let reason = &refused["error"]["occurrences"][0]["reasons"][0];
        assert_eq!(reason["code"], "SLOT_TAKEN");
        assert!(reason["message"].as_str().unwrap().starts_with("Another visit of this series is to be then"), "{reason}");
        assert_eq!(fetched(&app, &series["id"]).await, series);
        // Other times are told for both, and these are two.
        let night = reschedule(&app, json!({ "id": series["id"], "localTime": "03:30" })).await;
        let told = night["error"]["occurrences"].as_array().unwrap();
        assert_eq!(told.len(), 2, "{night}");
        assert_ne!(told[0]["alternative"], told[1]["alternative"]);
    }
}

on_both_engines! {
    async fn each_visit_moves_on_the_clock_of_whoever_it_is_with(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. East").licensed("CT").takes("Aetna"))
            .with(provider("Dr. West").licensed("CT").takes("Aetna").zone("America/Los_Angeles"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let (east, west) = (app.provider_id("Dr. East").await, app.provider_id("Dr. West").await);
        let series = booked(&app, by_rule(1, &east, "2027-01-18T18:00:00Z", "FREQ=WEEKLY;COUNT=2")).await;
        let query = "mutation ($input: ReassignAppointmentInput!) { reassignAppointment(input: $input) { error { code } } }";
        let input = json!({ "id": series["appointments"][1]["id"], "providerId": west });
        let given = app.graphql(query, json!({ "input": input })).await;
        assert_eq!(given["data"]["reassignAppointment"]["error"], Value::Null, "{given}");
        let night = reschedule(&app, json!({ "id": series["id"], "localTime": "03:00" })).await;
        let told = night["error"]["occurrences"].as_array().unwrap();
        let local = ["2027-01-18T03:00:00-05:00", "2027-01-25T03:00:00-08:00"];
        assert_eq!(all(told, "localStartsAt"), [&json!(local[0]), &json!(local[1])], "{night}");
        let at_two = moved(&app, json!({ "id": series["id"], "localTime": "14:00" })).await;
        assert_eq!(values(&at_two, "localStartsAt"), ["2027-01-18T14:00:00-05:00", "2027-01-25T14:00:00-08:00"]);
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn what_is_not_acceptable_is_named_and_what_can_not_be_moved_is_refused(engine) {
        let (app, jane) = jane(engine).await;
        let daily = booked(&app, by_rule(1, &jane, START, "FREQ=DAILY;COUNT=3")).await;
        let listed = booked(&app, at(2, &jane, &["2027-03-01T16:00:00Z", "2027-03-08T16:00:00Z"])).await;
        let monthly = booked(&app, by_rule(4, &jane, "2027-03-01T17:00:00Z", "FREQ=MONTHLY;COUNT=2")).await;
        let two_days = booked(&app, by_rule(5, &jane, "2027-03-01T18:00:00Z", "FREQ=WEEKLY;BYDAY=MO,TU;COUNT=3")).await;
        for (input, field) in [
            (json!({ "id": daily["id"] }), "localTime"),
            (json!({ "id": daily["id"], "localTime": "24:00" }), "localTime"),
            (json!({ "id": daily["id"], "localTime": "9 am" }), "localTime"),
            (json!({ "id": daily["id"], "weekday": "FRIDAY" }), "weekday"),
            (json!({ "id": listed["id"], "weekday": "FRIDAY" }), "weekday"),
            (json!({ "id": monthly["id"], "weekday": "FRIDAY" }), "weekday"),
            (json!({ "id": two_days["id"], "weekday": "FRIDAY" }), "weekday"),
            (json!({ "id": listed["id"], "localTime": "11:30", "expectedVersion": 0 }), "expectedVersion"),
        ] {
            let refused = reschedule(&app, input.clone()).await;
            assert_eq!(refused["error"]["code"], "INVALID_INPUT", "{input}: {refused}");
            assert_eq!(refused["error"]["violations"][0]["field"], field, "{refused}");
        }
        let stale = reschedule(&app, json!({ "id": daily["id"], "localTime": "11:30", "expectedVersion": 7 })).await;
        assert_eq!(stale["error"]["code"], "VERSION_CONFLICT");
        let nobody = reschedule(&app, json!({ "id": "ser_00000000000000000000000000", "localTime": "11:30" })).await;
        assert_eq!(nobody["error"]["code"], "NOT_FOUND");
        // One that waits for the service can't be moved, and so none is.
        app.faults(&json!({ "down": true })).await;
        let waits = booked(&app, by_rule(3, &jane, "2027-04-05T15:00:00Z", WEEKLY)).await;
        let refused = reschedule(&app, json!({ "id": waits["id"], "localTime": "11:30" })).await;
        assert_eq!(refused["error"]["code"], "ILLEGAL_TRANSITION", "{refused}");
        assert_eq!(refused["error"]["appointmentId"], waits["appointments"][0]["id"]);
        app.faults(&json!({})).await;
    }
}
