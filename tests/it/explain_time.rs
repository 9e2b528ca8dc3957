//! Why a time can't be booked: every reason, in the order of refusals, the first as booking gives it.

use clinic::access::{Actor, Role};
use serde_json::{Value, json};

use crate::support::{
    Engine, RosterBuilder, TestApp, caller, id_of, on_both_engines, patient, provider,
};

/// Tuesday, 10:00 in New York.
const TEN: &str = "2027-01-12T15:00:00Z";
const ELEVEN: &str = "2027-01-12T16:00:00Z";

const EXPLAIN: &str = "query ($providerId: ID!, $startsAt: DateTime!, $durationMinutes: Int, $visitTypeId: ID,
        $patientId: ID, $state: String, $insurance: String, $insteadOf: ID) {
    explainTime(providerId: $providerId, startsAt: $startsAt, durationMinutes: $durationMinutes,
        visitTypeId: $visitTypeId, patientId: $patientId, state: $state, insurance: $insurance,
        insteadOf: $insteadOf) { bookable offered reasons { code message from until overrulable } } }";

/// Dr. Jane Doe, in Connecticut and with Aetna, and another who takes Cigna in New York.
async fn two(engine: Engine) -> TestApp {
    let roster = RosterBuilder::default()
        .with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"))
        .with(provider("Dr. Who").licensed("NY").licensed("CT").takes("Cigna").takes("Aetna"));
    TestApp::builder(engine).roster(roster).spawn().await
}

async fn ask(app: &TestApp, actor: &Actor, question: Value) -> Value {
    app.ask_as(actor, EXPLAIN, question).await
}

/// The explanation; nothing is wrong with the question.
async fn explained(app: &TestApp, question: Value) -> Value {
    let answer = app.graphql(EXPLAIN, question).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["explainTime"].clone()
}

fn codes(explained: &Value) -> Vec<String> {
    let reasons = explained["reasons"].as_array().unwrap_or_else(|| panic!("{explained}"));
    reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

async fn booked(app: &TestApp, number: usize, provider: &str, time: &str) -> (String, String) {
    let body =
        json!({ "patient": patient(number, "CT", "Aetna"), "provider_id": provider, "time": time });
    let answer = app.book(&body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = id_of(&answer.json());
    let query = "query ($id: ID!) { appointment(id: $id) { patient { id } } }";
    let answer = app.graphql(query, json!({ "id": id })).await;
    (id, answer["data"]["appointment"]["patient"]["id"].as_str().unwrap().to_owned())
}

async fn execute(app: &TestApp, sql: &str) {
    app.database.execute(sql).await.unwrap();
}

on_both_engines! {
    async fn what_is_free_is_bookable_and_on_the_grid_it_is_offered(engine) {
        let app = two(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let free = explained(&app, json!({ "providerId": jane, "startsAt": TEN, "state": "CT", "insurance": "Aetna" })).await;
        assert_eq!(free, json!({ "bookable": true, "offered": true, "reasons": [] }));
        let odd = explained(&app, json!({ "providerId": jane, "startsAt": "2027-01-12T15:07:00Z" })).await;
        assert_eq!(odd, json!({ "bookable": true, "offered": false, "reasons": [] }));
    }
}

on_both_engines! {
    async fn all_that_is_against_it_is_told_in_order_with_the_facts(engine) {
        let app = two(engine).await;
        let (jane, who) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Dr. Who").await);
        let (_, patient) = booked(&app, 1, &jane, TEN).await;
        execute(&app, "UPDATE provider SET notice_minutes = 2880, max_appointments_per_day = 1, buffer_after_minutes = 20").await;
        execute(&app, "UPDATE working_hours SET opens_at = '12:00'").await;
        let asked = json!({ "providerId": jane, "startsAt": TEN, "patientId": patient, "state": "NY", "insurance": "Cigna" });
        let told = explained(&app, asked).await;
        let expected = [
            "PROVIDER_NOT_ELIGIBLE", "PROVIDER_NOT_ELIGIBLE", "NOTICE_TOO_SHORT", "OUTSIDE_WORKING_HOURS",
            "DAILY_LIMIT_REACHED", "PATIENT_DOUBLE_BOOKED", "SLOT_TAKEN",
        ];
        assert_eq!(codes(&told), expected, "{told}");
        assert_eq!((&told["bookable"], &told["offered"]), (&json!(false), &json!(false)));
        let reason = |at: usize| {
            let reason = &told["reasons"][at];
            let text = |name: &str| reason[name].as_str().map(str::to_owned);
            (text("message").unwrap(), text("from"), text("until"), reason["overrulable"].as_bool().unwrap())
        };
        let some = |text: &str| Some(text.to_owned());
        let plain = |message: &str| (message.to_owned(), None, None, false);
        assert_eq!(reason(0), plain("Dr. Jane Doe holds no licence for New York"));
        assert_eq!(reason(1), plain("Dr. Jane Doe does not accept Cigna"));
        let soon = "Dr. Jane Doe is booked at least 2 days ahead, now from Wednesday, 2027-01-13, 07:00 EST on";
        assert_eq!(reason(2), (soon.to_owned(), None, some("2027-01-13T12:00:00Z"), true));
        let hours = "Dr. Jane Doe works from 12:00 to 17:00 EST on Tuesday, 2027-01-12";
        assert_eq!(reason(3), (hours.to_owned(), some("2027-01-11T22:00:00Z"), some("2027-01-12T17:00:00Z"), true));
        let full = "Dr. Jane Doe has 1 visit on Tuesday, 2027-01-12, as many as they may have".to_owned();
        assert_eq!(reason(4), (full, some("2027-01-12T05:00:00Z"), some("2027-01-13T05:00:00Z"), true));
        let busy = |whose: &str| format!("{whose} has another visit then, 10:00 to 10:30 EST on Tuesday, 2027-01-12");
        let (from, until) = (some(TEN), some("2027-01-12T15:30:00Z"));
        assert_eq!(reason(5), (busy("The patient"), from.clone(), until.clone(), false));
        assert_eq!(reason(6), (busy("Dr. Jane Doe"), from, until, false));
        let near = explained(&app, json!({ "providerId": jane, "startsAt": "2027-01-12T15:40:00Z" })).await;
        assert_eq!(codes(&near).last().unwrap(), "IN_BUFFER", "{near}");
        let last = near["reasons"].as_array().unwrap().last().unwrap();
        assert_eq!(last["until"], "2027-01-12T15:50:00Z", "{near}");
        // Nobody takes Cigna for Connecticut once Dr. Who is licensed elsewhere only.
        execute(&app, "DELETE FROM provider_state WHERE state = 'CT' AND provider_id = (SELECT id FROM provider WHERE name = 'Dr. Who')").await;
        let asked = json!({ "providerId": who, "startsAt": "2027-01-19T18:00:00Z", "state": "CT", "insurance": "Cigna" });
        let nobody = explained(&app, asked).await;
        assert_eq!(codes(&nobody), ["NO_MATCHING_PROVIDER", "PROVIDER_NOT_ELIGIBLE"], "{nobody}");
    }
}

on_both_engines! {
    async fn away_says_until_when_and_a_licence_since_when(engine) {
        let roster = RosterBuilder::default().with(
            provider("Dr. Jane Doe").licensed_between("CT", None, Some("2027-01-14")).takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let add = "mutation ($input: AddTimeOffInput!) { addTimeOff(input: $input) { error { message } } }";
        let off = json!({ "providerId": jane, "startsAt": "2027-01-12T13:00:00Z", "endsAt": "2027-01-13T18:00:00Z", "reason": "Secretword" });
        assert_eq!(app.graphql(add, json!({ "input": off })).await["data"]["addTimeOff"]["error"], Value::Null);
        let close = "mutation ($input: SetClosedDayInput!) { setClosedDay(input: $input) { error { message } } }";
        let day = json!({ "date": "2027-01-15", "name": "Founders' day" });
        assert_eq!(app.graphql(close, json!({ "input": day })).await["data"]["setClosedDay"]["error"], Value::Null);
        let override_it = "mutation ($input: SetDateOverrideInput!) { setDateOverride(input: $input) { error { message } } }";
        let day = json!({ "providerId": jane, "date": "2027-01-14", "hours": [] });
        assert_eq!(app.graphql(override_it, json!({ "input": day })).await["data"]["setDateOverride"]["error"], Value::Null);
        let away = explained(&app, json!({ "providerId": jane, "startsAt": TEN })).await;
        assert_eq!(away["reasons"], json!([{ "code": "PROVIDER_AWAY", "overrulable": true,
            "message": "Dr. Jane Doe has time off, back on Wednesday, 2027-01-13, 13:00 EST",
            "from": "2027-01-12T13:00:00Z", "until": "2027-01-13T18:00:00Z" }]));
        let off = explained(&app, json!({ "providerId": jane, "startsAt": "2027-01-14T15:00:00Z" })).await;
        assert_eq!(codes(&off), ["PROVIDER_AWAY"]);
        let asked = json!({ "providerId": jane, "startsAt": "2027-01-15T15:00:00Z", "state": "Connecticut", "insurance": "Aetna" });
        let closed = explained(&app, asked).await;
        assert_eq!(codes(&closed), ["NO_MATCHING_PROVIDER", "PROVIDER_NOT_ELIGIBLE", "PROVIDER_AWAY"], "{closed}");
        let message = |at: usize| closed["reasons"][at]["message"].as_str().unwrap().to_owned();
        assert!(message(1).ends_with("for Connecticut ended on 2027-01-14, one day before the visit"), "{closed}");
        assert_eq!(closed["reasons"][1]["from"], "2027-01-15T05:00:00Z");
        assert_eq!(message(2), "The clinic is closed on Friday, 2027-01-15 (Founders' day)");
        let sunday = explained(&app, json!({ "providerId": jane, "startsAt": "2027-01-17T15:00:00Z" })).await;
        assert_eq!(sunday["reasons"][0]["message"],
            "Dr. Jane Doe does not work on Sunday, 2027-01-17: work begins again on Monday, 2027-01-18, 09:00 EST");
    }
}

on_both_engines! {
    async fn what_is_wrong_with_the_question_is_an_error_of_the_field(engine) {
        let app = two(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let nobody = "pat_00000000000000000000000000";
        for (argument, value, code, field) in [
            ("providerId", json!("nope"), "NOT_FOUND", "providerId"),
            ("startsAt", json!("2027-01-12T15:00:30Z"), "INVALID_INPUT", "startsAt"),
            ("durationMinutes", json!(3), "INVALID_INPUT", "durationMinutes"),
            ("visitTypeId", json!("nope"), "NOT_FOUND", "visitTypeId"),
            ("patientId", json!(nobody), "NOT_FOUND", "patientId"),
            ("state", json!("CT"), "INVALID_INPUT", "insurance"),
            ("insurance", json!("Aetna"), "INVALID_INPUT", "state"),
            ("insteadOf", json!("nope"), "NOT_FOUND", "insteadOf"),
        ] {
            let mut question = json!({ "providerId": jane, "startsAt": TEN });
            question[argument] = value;
            let answer = app.graphql(EXPLAIN, question).await;
            assert_eq!(answer["data"]["explainTime"], Value::Null, "{argument}");
            let told = &answer["errors"][0]["extensions"];
            assert_eq!((&told["code"], &told["field"]), (&json!(code), &json!(field)), "{argument} {answer}");
        }
        let asked = json!({ "providerId": jane, "startsAt": TEN, "state": "Nope", "insurance": "Aetna" });
        assert_eq!(app.graphql(EXPLAIN, asked).await["errors"][0]["extensions"]["code"], "UNKNOWN_STATE");
        let asked = json!({ "providerId": jane, "startsAt": TEN, "state": "CT", "insurance": "Aetnaa" });
        let told = app.graphql(EXPLAIN, asked).await["errors"][0]["extensions"].clone();
        assert_eq!((&told["code"], &told["suggestions"]), (&json!("UNKNOWN_INSURANCE"), &json!(["Aetna"])));
    }
}

on_both_engines! {
    async fn a_visit_that_would_move_is_not_in_its_own_way_and_the_move_agrees(engine) {
        let app = two(engine).await;
        let (jane, who) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Dr. Who").await);
        let (id, _) = booked(&app, 1, &jane, TEN).await;
        booked(&app, 1, &who, ELEVEN).await;
        let at = |time: &str| json!({ "providerId": jane, "startsAt": time, "insteadOf": id });
        assert_eq!(codes(&explained(&app, json!({ "providerId": jane, "startsAt": "2027-01-12T15:15:00Z" })).await), ["SLOT_TAKEN"]);
        let moved = explained(&app, at("2027-01-12T15:15:00Z")).await;
        assert_eq!((&moved["bookable"], &moved["offered"]), (&json!(true), &json!(true)), "{moved}");
        // The patient has a visit with somebody else at eleven, and the visit would reach into it.
        for time in [ELEVEN, "2027-01-12T15:45:00Z"] {
            assert_eq!(codes(&explained(&app, at(time)).await), ["PATIENT_DOUBLE_BOOKED"]);
            assert_eq!(app.reschedule(&id, time).await.problem().1, "PATIENT_DOUBLE_BOOKED");
        }
        let window = "from: \"2027-01-12T14:30:00Z\", to: \"2027-01-12T17:00:00Z\"";
        let query = format!("{{
            plain: availableSlots(providerId: \"{jane}\", {window}) {{ startsAt }}
            instead: availableSlots(insteadOf: \"{id}\", {window}) {{ startsAt provider {{ id }} }}
            all: availableSlots(state: \"CT\", insurance: \"Aetna\", insteadOf: \"{id}\", {window}) {{ startsAt provider {{ id }} }}
            first: firstAvailable(after: \"2027-01-12T15:00:00Z\", insteadOf: \"{id}\") {{ startsAt provider {{ id }} }} }}");
        let answer = app.graphql(&query, json!({})).await;
        assert_eq!(answer["errors"], Value::Null, "{answer}");
        let starts = |list: &str, of: Option<&str>| -> Vec<String> {
            let slots = answer["data"][list].as_array().unwrap().iter();
            let slots = slots.filter(|slot| of.is_none_or(|of| slot["provider"]["id"] == of));
            slots.map(|slot| slot["startsAt"].as_str().unwrap()[11..16].to_owned()).collect()
        };
        assert_eq!(starts("plain", None), ["14:30", "15:30", "15:45", "16:00", "16:15", "16:30"]);
        let instead = ["14:30", "14:45", "15:00", "15:15", "15:30", "16:30"];
        assert_eq!(starts("instead", Some(&jane)), instead);
        assert_eq!(starts("all", Some(&jane)), instead);
        assert_eq!(starts("all", Some(&who)), instead);
        assert_eq!(answer["data"]["first"]["startsAt"], TEN);
        assert_eq!(app.reschedule(&id, "2027-01-12T15:15:00Z").await.status, 200);
    }
}

on_both_engines! {
    async fn whose_visit_it_is_nobody_learns_and_when_only_who_may_see_it(engine) {
        let app = two(engine).await;
        let (jane, who) = (app.provider_id("Dr. Jane Doe").await, app.provider_id("Dr. Who").await);
        let (visit, patient) = booked(&app, 1, &jane, TEN).await;
        let (elsewhere, _) = booked(&app, 1, &who, ELEVEN).await;
        let (_, stranger) = booked(&app, 2, &who, "2027-01-12T18:00:00Z").await;
        let clinician = caller(Role::Clinician, Some(jane.parse().unwrap()));
        let viewer = caller(Role::Viewer, None);
        let of = |provider: &str, time: &str| json!({ "providerId": provider, "startsAt": time });
        let told = |answer: &Value| answer["data"]["explainTime"]["reasons"][0].clone();
        // The viewer sees all visits without patients; the clinician their own.
        let seen = told(&ask(&app, &viewer, of(&who, ELEVEN)).await);
        assert_eq!((&seen["code"], &seen["from"]), (&json!("SLOT_TAKEN"), &json!(ELEVEN)), "{seen}");
        let hidden = told(&ask(&app, &clinician, of(&who, ELEVEN)).await);
        assert_eq!(hidden, json!({ "code": "SLOT_TAKEN", "message": "This time is taken", "from": null, "until": null, "overrulable": false }));
        let own = told(&ask(&app, &clinician, of(&jane, TEN)).await);
        assert_eq!(own["from"], TEN);
        // A patient of theirs: that they are elsewhere is told, when is not.
        let of_patient = |time: &str, id: &str| json!({ "providerId": jane, "startsAt": time, "patientId": id });
        let hidden = told(&ask(&app, &clinician, of_patient("2027-01-12T16:15:00Z", &patient)).await);
        assert_eq!((&hidden["code"], &hidden["from"], &hidden["until"]), (&json!("PATIENT_DOUBLE_BOOKED"), &Value::Null, &Value::Null));
        assert_eq!(hidden["message"], "The patient already has an appointment at this time");
        let seen = told(&ask(&app, &clinician, of_patient(TEN, &patient)).await);
        assert_eq!((&seen["code"], &seen["from"]), (&json!("PATIENT_DOUBLE_BOOKED"), &json!(TEN)));
        let error = |answer: &Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!(error(&ask(&app, &clinician, of_patient(TEN, &stranger)).await), "NOT_FOUND");
        assert_eq!(error(&ask(&app, &viewer, of_patient(TEN, &patient)).await), "FORBIDDEN");
        let instead = |id: &str| json!({ "providerId": jane, "startsAt": "2027-01-12T16:15:00Z", "insteadOf": id });
        assert_eq!(error(&ask(&app, &clinician, instead(&elsewhere)).await), "NOT_FOUND");
        // Whoever may see no patients is not told when one is busy, and a visit of theirs may still be asked for.
        let answer = ask(&app, &viewer, instead(&visit)).await;
        assert_eq!(answer["data"]["explainTime"]["reasons"], json!([]), "{answer}");
        let answer = ask(&app, &clinician, instead(&visit)).await;
        assert_eq!(told(&answer)["code"], "PATIENT_DOUBLE_BOOKED", "{answer}");
    }
}
