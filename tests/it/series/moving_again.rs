//! What a move of a series tells of each visit, what it takes where nothing is left to be done, and what it costs outside.

use super::booking::{booked, values};
use super::moving::{START, WEEKLY, moved, reschedule};
use super::*;
use crate::support::{comes_true, on_both_engines, stubbed};

on_both_engines! {
    async fn where_nothing_is_left_to_be_done_the_series_is_answered_as_it_is(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        let cancel = async |from: Value| {
            let made = "series { version appointments { status } }";
            make(&app, "cancelSeries", made, json!({ "id": series["id"], "from": from })).await["series"].clone()
        };
        let later = json!("2027-06-01T00:00:00Z");
        assert_eq!(cancel(later.clone()).await["version"], 1);
        for input in [
            json!({ "id": series["id"], "localTime": "10:00", "expectedVersion": 1 }),
            json!({ "id": series["id"], "weekday": "MONDAY", "idempotencyKey": "same" }),
            json!({ "id": series["id"], "from": later, "localTime": "11:30" }),
        ] {
            let same = moved(&app, input).await;
            assert_eq!((&same["version"], values(&same, "startsAt")), (&json!(1), values(&series, "startsAt")));
        }
        assert_eq!(cancel(Value::Null).await["version"], 2);
        assert_eq!(cancel(Value::Null).await["version"], 2);
        let gone = moved(&app, json!({ "id": series["id"], "localTime": "11:30" })).await;
        assert_eq!((&gone["version"], values(&gone, "startsAt")), (&json!(2), values(&series, "startsAt")));
        // What was done is not what was to be changed.
        let stale = reschedule(&app, json!({ "id": series["id"], "localTime": "11:30", "expectedVersion": 1 })).await;
        assert_eq!(stale["error"]["code"], "VERSION_CONFLICT");
    }
}

on_both_engines! {
    async fn a_series_of_one_day_of_the_week_moves_to_another_whatever_its_rule(engine) {
        let (app, jane) = jane(engine).await;
        for (number, (rule, local)) in [
            ("FREQ=MONTHLY;BYDAY=1MO;COUNT=2", ["2027-03-04", "2027-04-08"]),
            ("FREQ=DAILY;BYDAY=MO;COUNT=2", ["2027-03-04", "2027-03-11"]),
            ("FREQ=WEEKLY;INTERVAL=2;COUNT=2", ["2027-03-04", "2027-03-18"]),
        ].into_iter().enumerate() {
            let start = format!("2027-03-01T{}:00:00Z", 15 + number);
            let series = booked(&app, by_rule(number, &jane, &start, rule)).await;
            let other = moved(&app, json!({ "id": series["id"], "weekday": "THURSDAY" })).await;
            let days: Vec<&str> = values(&other, "localStartsAt").into_iter().map(|time| &time[..10]).collect();
            assert_eq!(days, local, "{rule}");
        }
    }
}

on_both_engines! {
    async fn what_stands_in_each_other_s_way_otherwise_is_told_of_each_as_well(engine) {
        let (app, jane) = jane(engine).await;
        let rules = json!({ "horizonDays": 730, "maxAppointmentsPerDay": 1 });
        set_rules(&app, &jane, rules).await;
        let series = booked(&app, by_rule(1, &jane, START, "FREQ=WEEKLY;COUNT=3")).await;
        // The others are in the week of the first by then.
        for (place, start) in [(1, "2027-03-02T19:00:00Z"), (2, "2027-03-03T20:00:00Z")] {
            let visit = series["appointments"][place]["id"].as_str().unwrap();
            assert_eq!(app.reschedule(visit, start).await.status, 200);
        }
        let refused = reschedule(&app, json!({ "id": series["id"], "weekday": "FRIDAY" })).await;
        assert_eq!(refused["error"]["code"], "SERIES_CONFLICT", "{refused}");
        let told = refused["error"]["occurrences"].as_array().unwrap();
        assert_eq!(all(told, "index"), [&json!(1), &json!(2)], "{refused}");
        for one in told {
            assert_eq!(codes(one), ["DAILY_LIMIT_REACHED"], "{refused}");
            assert_ne!((&one["reasons"][0]["message"], &one["alternative"]), (&json!(""), &Value::Null), "{refused}");
        }
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn each_call_for_a_visit_of_a_series_is_counted_once(engine) {
        let (stub, app) = stubbed(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let series = booked(&app, by_rule(1, &jane, "2027-01-18T15:00:00Z", "FREQ=WEEKLY;COUNT=3")).await;
        stub.always(Some(500));
        let under_way = moved(&app, json!({ "id": series["id"], "localTime": "11:00" })).await;
        assert_eq!(values(&under_way, "pendingStartsAt").len(), 3, "{under_way}");
        let are_counted = async || {
            let counted = app.database.number("SELECT coalesce(sum(attempts), 0) FROM outbox").await;
            let calls = stub.calls().iter().filter(|call| call.starts_with("PUT")).count();
            counted > 0 && usize::try_from(counted).unwrap() == calls
        };
        assert!(comes_true(are_counted).await, "{:?}", stub.calls());
        stub.always(None);
    }
}
