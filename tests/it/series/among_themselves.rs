//! What is in the way: others' visits, the patient's own, and the visits of the series for one another.

use super::*;
use crate::support::on_both_engines;

const FIRST: &str = "2027-01-18T15:00:00Z";
const SECOND: &str = "2027-01-25T15:00:00Z";

on_both_engines! {
    async fn what_is_taken_is_told_as_explain_time_tells_it_and_the_alternative_can_be_booked(engine) {
        let (app, jane) = jane(engine).await;
        assert_eq!(book(&app, 7, &json!(jane), &json!(SECOND)).await, None);
        let input = by_rule(1, &jane, FIRST, "FREQ=WEEKLY;COUNT=8");
        let found = occurrences(&app, input.clone()).await;
        let bookable: Vec<bool> = all(&found, "bookable").iter().map(|it| it.as_bool().unwrap()).collect();
        assert_eq!(bookable, [true, false, true, true, true, true, true, true]);
        let explain = "query ($providerId: ID!, $startsAt: DateTime!) { explainTime(providerId: $providerId, startsAt: $startsAt) {
            reasons { code message from until overrulable } } }";
        let explained = app.graphql(explain, json!({ "providerId": jane, "startsAt": SECOND })).await;
        assert_eq!(found[1]["reasons"], explained["data"]["explainTime"]["reasons"], "{explained}");
        assert_eq!(codes(&found[1]), ["SLOT_TAKEN"]);
        let alternative = &found[1]["alternative"];
        // As near as half past ten, and earlier.
        assert_eq!(alternative["localStartsAt"], "2027-01-25T09:30:00-05:00", "{alternative}");
        assert_eq!((&alternative["provider"]["id"], &alternative["endsAt"]), (&json!(jane), &json!("2027-01-25T15:00:00Z")));
        assert_eq!(alternative["patientLocalStartsAt"], "2027-01-25T09:30:00-05:00");
        for one in &found {
            let starts_at = if one["bookable"] == json!(true) { &one["startsAt"] } else { &alternative["startsAt"] };
            assert_eq!(book(&app, 1, &json!(jane), starts_at).await, None, "{one}");
        }
        // Now it is there itself, for the patient as well: who is known by name and address.
        let again = occurrences(&app, input).await;
        assert_eq!(codes(&again[0]), ["PATIENT_DOUBLE_BOOKED", "SLOT_TAKEN"], "{again:?}");
        let message = again[0]["reasons"][0]["message"].as_str().unwrap();
        assert_eq!(message, "The patient has another visit then, 10:00 to 10:30 EST on Monday, 2027-01-18");
    }
}

on_both_engines! {
    async fn edited_times_are_put_in_order_and_judged_one_after_the_other(engine) {
        let (app, jane) = jane(engine).await;
        let found = occurrences(&app, at(1, &jane, &["2027-01-18T15:15:00Z", "2027-01-20T10:00:00-05:00", FIRST])).await;
        assert_eq!(all(&found, "startsAt"), [FIRST, "2027-01-18T15:15:00Z", "2027-01-20T15:00:00Z"]);
        assert_eq!(codes(&found[1]), ["PATIENT_DOUBLE_BOOKED", "SLOT_TAKEN"]);
        let reason = &found[1]["reasons"][1];
        assert_eq!(reason["message"], "Another visit of this series is then, 10:00 to 10:30 EST on Monday, 2027-01-18");
        assert_eq!((&reason["from"], &reason["until"]), (&json!(FIRST), &json!("2027-01-18T15:30:00Z")));
        assert_eq!(found[1]["alternative"]["startsAt"], "2027-01-18T15:30:00Z");
        // That one is free once the first is booked, and only then are all three.
        for time in [FIRST, "2027-01-18T15:30:00Z", "2027-01-20T15:00:00Z"] {
            assert_eq!(book(&app, 1, &json!(jane), &json!(time)).await, None);
        }
    }
}

on_both_engines! {
    async fn buffers_and_the_daily_limit_count_the_visits_of_the_series(engine) {
        let (app, jane) = jane(engine).await;
        let buffers = json!({ "horizonDays": 730, "bufferAfterMinutes": 20 });
        set_rules(&app, &jane, buffers).await;
        let two = at(1, &jane, &[FIRST, "2027-01-18T15:40:00Z"]);
        let found = occurrences(&app, two.clone()).await;
        assert_eq!(codes(&found[1]), ["IN_BUFFER"], "{found:?}");
        assert_eq!(found[1]["reasons"][0]["until"], "2027-01-18T15:50:00Z");
        // The end of what is kept free is offered.
        assert_eq!(found[1]["alternative"]["startsAt"], "2027-01-18T15:50:00Z");
        set_rules(&app, &jane, json!({ "horizonDays": 730, "bufferAfterMinutes": 0, "maxAppointmentsPerDay": 1 })).await;
        let found = occurrences(&app, two).await;
        assert_eq!(codes(&found[1]), ["DAILY_LIMIT_REACHED"], "{found:?}");
        // Monday is full and nobody works on Sunday: Tuesday at nine is nearest.
        assert_eq!(found[1]["alternative"]["localStartsAt"], "2027-01-19T09:00:00-05:00");
        assert_eq!(book(&app, 1, &json!(jane), &json!(FIRST)).await, None);
        let later = json!("2027-01-18T15:40:00Z");
        assert_eq!(book(&app, 1, &json!(jane), &later).await.as_deref(), Some("DAILY_LIMIT_REACHED"));
        assert_eq!(book(&app, 1, &json!(jane), &found[1]["alternative"]["startsAt"]).await, None);
    }
}

on_both_engines! {
    async fn two_that_cannot_be_have_two_alternatives_that_are_apart(engine) {
        let (app, jane) = jane(engine).await;
        for time in [FIRST, "2027-01-18T15:30:00Z"] {
            assert_eq!(book(&app, 7, &json!(jane), &json!(time)).await, None);
        }
        let found = occurrences(&app, at(1, &jane, &[FIRST, "2027-01-18T15:30:00Z"])).await;
        let alternatives: Vec<&Value> = found.iter().map(|one| &one["alternative"]["startsAt"]).collect();
        assert_eq!(alternatives, ["2027-01-18T14:30:00Z", "2027-01-18T16:00:00Z"]);
        for time in alternatives {
            assert_eq!(book(&app, 1, &json!(jane), time).await, None);
        }
    }
}

on_both_engines! {
    async fn each_day_is_judged_by_its_own_licence_hours_and_horizon(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Jane Doe").licensed_between("CT", None, Some("2027-01-25")).takes("Aetna"))
            .with(provider("Dr. Who").licensed("CT").takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let found = occurrences(&app, by_rule(1, &jane, FIRST, "FREQ=WEEKLY;COUNT=13")).await;
        assert_eq!((codes(&found[0]), codes(&found[1])), (vec![], vec![]));
        assert_eq!(codes(&found[2]), ["PROVIDER_NOT_ELIGIBLE"]);
        let message = found[2]["reasons"][0]["message"].as_str().unwrap();
        assert!(message.ends_with("for Connecticut ended on 2027-01-25, seven days before the visit"), "{message}");
        // The nearest day with a licence.
        assert_eq!(found[2]["alternative"]["localStartsAt"], "2027-01-25T16:30:00-05:00");
        assert_eq!(codes(&found[12]), ["PROVIDER_NOT_ELIGIBLE", "BEYOND_HORIZON"]);
        assert_eq!(found[12]["alternative"], Value::Null, "nothing within two weeks");
        let weekend = occurrences(&app, by_rule(1, &jane, "2027-01-22T15:00:00Z", "FREQ=DAILY;COUNT=3")).await;
        assert_eq!([codes(&weekend[0]), codes(&weekend[1])], [vec![], vec!["OUTSIDE_WORKING_HOURS"]]);
        assert_eq!(weekend[1]["alternative"]["localStartsAt"], "2027-01-22T16:30:00-05:00");
        let past = occurrences(&app, by_rule(1, &jane, "2027-01-04T15:00:00Z", "FREQ=WEEKLY;COUNT=2")).await;
        assert_eq!([codes(&past[0]), codes(&past[1])], [vec!["TIME_IN_PAST"], vec![]]);
    }
}
