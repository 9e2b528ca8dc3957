//! What is wrong with a question, and who may ask.

use clinic::access::{Actor, Role};

use super::*;
use crate::support::{caller, on_both_engines, rows};

const START: &str = "2027-01-18T15:00:00Z";

on_both_engines! {
    async fn what_is_not_acceptable_is_named_with_what_is(engine) {
        let (app, jane) = jane(engine).await;
        let hundred: Vec<String> = (0..101).map(|at| format!("2027-03-01T{:02}:{:02}:00Z", at / 60, at % 60)).collect();
        let rule = |rule: &str| json!({ "startsAt": START, "rule": rule });
        let times = |times: &[&str]| json!({ "times": times });
        for (asked, field, told) in [
            (json!({}), "rule", "is required with startsAt, unless times are given"),
            (json!({ "rule": "FREQ=DAILY;COUNT=2" }), "startsAt", "is required"),
            (json!({ "startsAt": START }), "rule", "is required"),
            (json!({ "startsAt": START, "times": [START] }), "startsAt", "must not come together with times"),
            (json!({ "rule": "FREQ=DAILY;COUNT=2", "times": [START] }), "rule", "must not come together with times"),
            (json!({ "startsAt": "2027-01-18T15:00:30Z", "rule": "FREQ=DAILY;COUNT=2" }), "startsAt", "must be a whole minute"),
            (json!({ "startsAt": "9999-01-18T15:00:00Z", "rule": "FREQ=DAILY;COUNT=2" }), "startsAt", "must be from 1970 to the year 9000"),
            (rule("FREQ=DAILY"), "rule", "must end by either COUNT (1 to 100 visits) or UNTIL (the last day, such as 20270331)"),
            (rule("FREQ=DAILY;COUNT=3;UNTIL=20270201"), "rule", "must end by either COUNT"),
            (rule("FREQ=DAILY;COUNT=101"), "rule", "must have as COUNT a number from 1 to 100"),
            (rule("FREQ=DAILY;COUNT=0"), "rule", "must have as COUNT a number from 1 to 100"),
            (rule("FREQ=DAILY;UNTIL=20270601"), "rule", "must have at most 100 visits until its UNTIL"),
            (rule("FREQ=SECONDLY;COUNT=3"), "rule", "must have FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"),
            (rule("FREQ=HOURLY;COUNT=3"), "rule", "must have FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"),
            (rule("COUNT=3"), "rule", "must have FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"),
            (rule("FREQ=DAILY;BYHOUR=9;COUNT=3"), "rule", "must have no other parts than FREQ, INTERVAL"),
            (rule("FREQ=DAILY;X-A=9;COUNT=3"), "rule", "must have no other parts than FREQ, INTERVAL"),
            (rule("FREQ=DAILY;COUNT=3;COUNT=4"), "rule", "each at most once"),
            (rule("every week"), "rule", "must be parts such as FREQ=WEEKLY;COUNT=8"),
            (rule("RRULE:FREQ=DAILY;COUNT=3;"), "rule", "must"),
            (rule(""), "rule", "must be parts such as FREQ=WEEKLY;COUNT=8"),
            (rule(&"FREQ=DAILY;COUNT=3;".repeat(200)), "rule", "must be parts such as FREQ=WEEKLY;COUNT=8"),
            (rule("FREQ=DAILY;INTERVAL=0;COUNT=3"), "rule", "must have as INTERVAL a number from 1 to 366"),
            (rule("FREQ=DAILY;INTERVAL=65536;COUNT=3"), "rule", "must have as INTERVAL a number from 1 to 366"),
            (rule("FREQ=WEEKLY;BYDAY=1MO;COUNT=3"), "rule", "must have as BYDAY days of the week"),
            (rule("FREQ=MONTHLY;BYDAY=-5MO;COUNT=3"), "rule", "only where FREQ is MONTHLY (-4 to 5) or YEARLY"),
            (rule("FREQ=WEEKLY;BYDAY=XX;COUNT=3"), "rule", "must have as BYDAY days of the week"),
            (rule("FREQ=WEEKLY;BYDAY=É;COUNT=3"), "rule", "must have as BYDAY days of the week"),
            (rule("FREQ=WEEKLY;BYMONTHDAY=18;COUNT=3"), "rule", "must have as BYMONTHDAY days from 1 to 31"),
            (rule("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3"), "rule", "must have as BYMONTHDAY days from 1 to 31"),
            (rule("FREQ=MONTHLY;BYMONTH=13;COUNT=3"), "rule", "must have as BYMONTH months from 1 to 12"),
            (rule("FREQ=MONTHLY;BYSETPOS=1;COUNT=3"), "rule", "must have as BYSETPOS numbers from 1 to 31"),
            (rule("FREQ=WEEKLY;WKST=1;COUNT=3"), "rule", "must have as WKST one day of the week"),
            (rule("FREQ=WEEKLY;UNTIL=2027-03-01"), "rule", "must have as UNTIL a day such as 20270331"),
            (rule("FREQ=WEEKLY;UNTIL=20270230"), "rule", "must have as UNTIL a day such as 20270331"),
            (rule("FREQ=WEEKLY;UNTIL=20270117"), "rule", "must not end before the start"),
            (rule("FREQ=WEEKLY;UNTIL=20270118T145900Z"), "rule", "must not end before the start"),
            (rule("FREQ=WEEKLY;UNTIL=20990101"), "rule", "within ten years of the start"),
            (rule("FREQ=YEARLY;COUNT=12"), "rule", "within ten years of the start"),
            (rule("FREQ=WEEKLY;BYDAY=TU;COUNT=3"), "startsAt", "must be a start that the rule has, on the provider's clock"),
            (rule("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"), "startsAt", "must be a start that the rule has"),
            (times(&[]), "times", "must be 1 to 100 times"),
            (times(&hundred.iter().map(String::as_str).collect::<Vec<_>>()), "times", "must be 1 to 100 times"),
            (times(&[START, "2027-01-18T10:00:00-05:00"]), "times", "must not have the same time twice"),
            (times(&["2027-01-18T15:00:01Z"]), "times", "each must be a whole minute"),
            (json!({ "times": [START], "durationMinutes": 3 }), "durationMinutes", "must be 5 to 480 whole minutes"),
            (json!({ "times": [START], "state": "CT" }), "state", "goes with a patient's id"),
        ] {
            let mut input = json!({ "patient": patient(1, "CT", "Aetna"), "providerId": jane });
            input.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let (code, at, message) = error(&app, input).await;
            assert_eq!((code.as_str(), at.as_str()), ("INVALID_INPUT", field), "{asked}: {message}");
            assert!(message.contains(told), "{asked}: {message}");
        }
        let input = |field: &str, value: Value| {
            let mut input = by_rule(1, &jane, START, "FREQ=WEEKLY;COUNT=2");
            input[field] = value;
            input
        };
        let nobody = "pat_00000000000000000000000000";
        for (asked, code, field) in [
            (input("patient", Value::Null), "INVALID_INPUT", "patient"),
            (input("patientId", json!(nobody)), "INVALID_INPUT", "patientId"),
            (input("providerId", json!("nope")), "NOT_FOUND", "providerId"),
            (input("visitTypeId", json!("nope")), "NOT_FOUND", "visitTypeId"),
            (input("patient", patient(1, "Nope", "Aetna")), "UNKNOWN_STATE", "state"),
            (input("patient", patient(1, "CT", "Nope")), "UNKNOWN_INSURANCE", "insurance"),
        ] {
            let (told, at, message) = error(&app, asked).await;
            assert_eq!((told.as_str(), at.as_str()), (code, field), "{message}");
        }
        let known = json!({ "patientId": nobody, "times": [START] });
        assert_eq!(error(&app, known).await.0, "NOT_FOUND");
        // Written in any case, in any order.
        let found = occurrences(&app, by_rule(1, &jane, START, "count=2;freq=weekly;byday=mo")).await;
        assert_eq!(found.len(), 2);
    }
}

async fn ask(app: &TestApp, actor: &Actor, input: Value) -> Value {
    app.ask_as(actor, PREVIEW, json!({ "input": input })).await
}

on_both_engines! {
    async fn a_clinician_asks_of_themselves_and_of_their_patients(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        let (own, other) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        let elsewhere = json!("2027-01-25T15:00:00Z");
        // The first has a visit with each, the second with the other alone.
        for (number, provider, time) in [(1, &own, &json!("2027-01-12T15:00:00Z")), (1, &other, &elsewhere), (2, &other, &json!(START))] {
            assert_eq!(book(&app, number, &json!(provider), time).await, None);
        }
        let query = "{ patients(first: 10) { nodes { id email } } }";
        let known = app.graphql(query, json!({})).await["data"]["patients"]["nodes"].clone();
        let id = |number: usize| {
            let email = patient(number, "CT", "Aetna")["email"].clone();
            let one = known.as_array().unwrap().iter().find(|one| one["email"] == email);
            one.unwrap_or_else(|| panic!("{known}"))["id"].clone()
        };
        let clinician = caller(Role::Clinician, Some(own.parse().unwrap()));
        let of = |patient: Value, provider: Value| json!({ "patientId": patient, "providerId": provider, "startsAt": START, "rule": "FREQ=WEEKLY;COUNT=2" });
        let answer = ask(&app, &clinician, of(id(1), Value::Null)).await;
        let preview = &answer["data"]["previewSeries"];
        assert_eq!(preview["provider"]["id"], json!(own), "{answer}");
        // That the patient is elsewhere is told, when is not.
        let reason = &preview["occurrences"][1]["reasons"][0];
        assert_eq!(reason["message"], "The patient already has an appointment at this time", "{answer}");
        assert_eq!((&reason["from"], &reason["until"]), (&Value::Null, &Value::Null));
        let seen = previewed(&app, of(id(1), json!(own))).await["occurrences"][1]["reasons"][0].clone();
        assert_eq!(seen["from"], elsewhere, "{seen}");
        let code = |answer: Value| error_of(&answer).0;
        assert_eq!(code(ask(&app, &clinician, of(id(1), json!(other))).await), "FORBIDDEN");
        assert_eq!(code(ask(&app, &clinician, of(id(2), json!(own))).await), "NOT_FOUND");
        let viewer = caller(Role::Viewer, None);
        assert_eq!(code(ask(&app, &viewer, of(id(1), json!(own))).await), "FORBIDDEN");
        // Whoever sees free times alone may ask for somebody, and learns nothing of when they are busy.
        let described = |number: usize| by_rule(number, &own, START, "FREQ=WEEKLY;COUNT=2");
        let answer = ask(&app, &viewer, described(2)).await;
        assert_eq!(answer["data"]["previewSeries"]["occurrences"][0]["reasons"], json!([]), "{answer}");
        // Whoever books would be refused for it, and is told.
        let answer = ask(&app, &clinician, described(2)).await;
        let reasons = &answer["data"]["previewSeries"]["occurrences"][0]["reasons"];
        assert_eq!((&reasons[0]["code"], &reasons[0]["from"]), (&json!("PATIENT_DOUBLE_BOOKED"), &Value::Null), "{answer}");
    }
}

on_both_engines! {
    async fn whose_time_was_looked_at_stands_in_the_audit_trail(engine) {
        let (app, jane) = jane(engine).await;
        assert_eq!(book(&app, 1, &json!(jane), &json!(START)).await, None);
        let read = async || {
            let all = rows(&app.db).await;
            all.iter().filter(|row| row.entry.kind.as_str() == "READ" && !row.entry.patients.is_empty()).count()
        };
        let before = read().await;
        previewed(&app, by_rule(2, &jane, START, "FREQ=WEEKLY;COUNT=2")).await;
        assert_eq!(read().await, before, "nobody is known of that name");
        previewed(&app, by_rule(1, &jane, START, "FREQ=WEEKLY;COUNT=2")).await;
        assert_eq!(read().await, before + 1);
    }
}

on_both_engines! {
    async fn who_has_as_many_visits_as_one_may_have_can_have_no_series(engine) {
        let roster = RosterBuilder::default().with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).setting("MAX_OPEN_VISITS_PER_PATIENT", "1").spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let input = by_rule(1, &jane, START, "FREQ=WEEKLY;COUNT=3");
        // A series counts as one.
        let found = occurrences(&app, input.clone()).await;
        assert!(all(&found, "bookable").iter().all(|it| **it == json!(true)), "{found:?}");
        assert_eq!(book(&app, 1, &json!(jane), &json!("2027-01-12T15:00:00Z")).await, None);
        let found = occurrences(&app, input).await;
        assert!(found.iter().all(|one| codes(one) == ["RATE_LIMITED"] && one["alternative"].is_null()), "{found:?}");
    }
}
