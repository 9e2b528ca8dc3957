//! Booking a series: all of its times or none, whoever else books, and whatever the scheduling service says.

use clinic::access::Role;

use super::*;
use crate::support::{caller, comes_true, on_both_engines, stubbed};

/// 10:00 in New York, on a Monday.
const START: &str = "2027-01-18T15:00:00Z";
const WEEKLY: &str = "FREQ=WEEKLY;COUNT=4";

const SERIES: &str = "id version rule appointments { id status startsAt provenance provider { id } patient { email } }";

pub(super) fn book_document() -> String {
    format!(
        "mutation ($input: BookSeriesInput!) {{ bookSeries(input: $input) {{ series {{ {SERIES} }}
            error {{ __typename code message ... on SeriesConflict {{ occurrences {{ index startsAt bookable
                reasons {{ code }} alternative {{ startsAt }} }} }} }} }} }}"
    )
}

/// What `bookSeries` answers.
pub(super) async fn book_series(app: &TestApp, input: Value) -> Value {
    let answer = app.graphql(&book_document(), json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["bookSeries"].clone()
}

/// The series, which is not refused.
pub(super) async fn booked(app: &TestApp, input: Value) -> Value {
    let payload = book_series(app, input).await;
    assert_eq!(payload["error"], Value::Null, "{payload}");
    payload["series"].clone()
}

async fn cancel(app: &TestApp, input: Value) -> Value {
    let query = format!(
        "mutation ($input: CancelSeriesInput!) {{ cancelSeries(input: $input) {{ series {{ {SERIES} }} error {{ code }} }} }}"
    );
    let answer = app.graphql(&query, json!({ "input": input })).await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"]["cancelSeries"].clone()
}

pub(super) async fn fetched(app: &TestApp, id: &Value) -> Value {
    let query = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on AppointmentSeries {{ {SERIES} }} }} }}"
    );
    app.graphql(&query, json!({ "id": id })).await["data"]["node"].clone()
}

pub(super) fn values<'a>(series: &'a Value, field: &str) -> Vec<&'a str> {
    let visits = series["appointments"].as_array().unwrap_or_else(|| panic!("{series}"));
    visits.iter().map(|visit| visit[field].as_str().unwrap()).collect()
}

fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}

async fn visits(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment").await
}

on_both_engines! {
    async fn all_visits_are_booked_at_once_and_are_visits_as_any_other(engine) {
        let (app, jane) = jane(engine).await;
        // Over the change of the clock, too.
        let asked = by_rule(1, &jane, "2027-03-01T15:00:00Z", WEEKLY);
        let shown = occurrences(&app, asked.clone()).await;
        let series = booked(&app, asked).await;
        assert_eq!((&series["version"], &series["rule"]), (&json!(1), &json!(WEEKLY)));
        assert_eq!(values(&series, "status"), ["CONFIRMED"; 4]);
        assert_eq!(values(&series, "provenance"), ["SERIES"; 4]);
        let times = values(&series, "startsAt");
        assert_eq!(all(&shown, "startsAt"), times.iter().map(|time| json!(time)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        assert_eq!(times[2..], ["2027-03-15T14:00:00Z", "2027-03-22T14:00:00Z"]);
        assert_eq!(app.ledger().await.len(), 4);
        app.assert_agreement().await;
        assert_eq!(fetched(&app, &series["id"]).await, series);
        // Each has a history that begins with who booked it.
        let id = &series["appointments"][3]["id"];
        let query = "query ($id: ID!) { appointment(id: $id) { history { kind toStatus } } }";
        let told = app.graphql(query, json!({ "id": id })).await["data"]["appointment"]["history"].clone();
        assert_eq!(told[0]["toStatus"], "PENDING", "{told}");
        let changed = app.database.number("SELECT count(*) FROM audit_event WHERE operation = 'bookSeries' AND changed_appointment IS NOT NULL AND object_id LIKE 'ser_%'");
        assert_eq!(changed.await, 4);
        // One of them is moved by itself, and stays of the series.
        let moved = app.reschedule(id.as_str().unwrap(), "2027-03-22T15:00:00Z").await;
        assert_eq!(moved.status, 200);
        assert_eq!(values(&fetched(&app, &series["id"]).await, "startsAt")[3], "2027-03-22T15:00:00Z");
        // And times that follow no rule.
        let times = ["2027-04-01T14:00:00Z", "2027-04-05T16:30:00Z"];
        let series = booked(&app, at(2, &jane, &times)).await;
        assert_eq!((&series["rule"], values(&series, "startsAt")), (&Value::Null, times.to_vec()));
    }
}

on_both_engines! {
    async fn where_one_time_can_not_be_none_is_booked_and_the_clash_is_told_with_another_time(engine) {
        let (app, jane) = jane(engine).await;
        let second = json!("2027-01-25T15:00:00Z");
        assert_eq!(book(&app, 9, &json!(jane), &second).await, None);
        let payload = book_series(&app, by_rule(1, &jane, START, WEEKLY)).await;
        let error = &payload["error"];
        assert_eq!((&payload["series"], &error["__typename"], &error["code"]), (&Value::Null, &json!("SeriesConflict"), &json!("SERIES_CONFLICT")));
        assert_eq!(error["message"], "One visit of the series can't be as asked: nothing was done");
        let clash = json!({ "index": 1, "startsAt": second, "bookable": false, "reasons": [{ "code": "SLOT_TAKEN" }],
            "alternative": { "startsAt": "2027-01-25T14:30:00Z" } });
        assert_eq!(error["occurrences"], json!([clash]));
        assert_eq!(visits(&app).await, 1);
        assert_eq!(app.database.number("SELECT count(*) FROM series").await, 0);
        let refused = app.database.number("SELECT count(*) FROM audit_event WHERE operation = 'bookSeries' AND outcome = 'SERIES_CONFLICT'");
        assert_eq!(refused.await, 1);
        // With what was told it can be.
        let times = [START, "2027-01-25T14:30:00Z", "2027-02-01T15:00:00Z", "2027-02-08T15:00:00Z"];
        assert_eq!(values(&booked(&app, at(1, &jane, &times)).await, "startsAt"), times);
        // Whoever may not treat the patient is told as for one visit.
        let elsewhere = json!({ "patient": patient(1, "NY", "Aetna"), "providerId": jane, "startsAt": START });
        let one = book_it(&app, elsewhere.clone()).await;
        let refused = book_series(&app, with(elsewhere, "rule", json!(WEEKLY))).await;
        assert_eq!(refused["error"]["code"].as_str(), one.as_deref(), "{refused}");
    }
}

on_both_engines! {
    async fn of_many_who_want_some_of_the_same_times_each_has_all_or_nothing(engine) {
        let (app, jane) = jane(engine).await;
        // Each shares its times with the two beside it; single visits are after the same times.
        let days = ["2027-01-18", "2027-01-19", "2027-01-20", "2027-01-21", "2027-01-22"];
        let time = |number: usize| format!("{}T15:00:00Z", days[number % days.len()]);
        let series = (0..10).map(|number| {
            let input = json!({ "patient": patient(number, "CT", "Aetna"), "providerId": jane,
                "times": [time(number), time(number + 1), time(number + 2)] });
            let app = &app;
            async move { book_series(app, input).await }
        });
        let single = (10..15).map(|number| {
            let (app, jane, time) = (&app, json!(jane), json!(time(number)));
            async move { book(app, number, &jane, &time).await }
        });
        let (series, single) = futures_util::join!(futures_util::future::join_all(series), futures_util::future::join_all(single));
        let mut whole = 0;
        for payload in &series {
            match payload["error"]["code"].as_str() {
                None => whole += values(&payload["series"], "id").len(),
                Some(code) => assert_eq!(code, "SERIES_CONFLICT", "{payload}"),
            }
        }
        let alone = single.iter().filter(|refused| refused.is_none()).count();
        assert!(single.iter().flatten().all(|code| code == "SLOT_TAKEN"), "{single:?}");
        assert!(whole + alone >= 1 && whole % 3 == 0);
        assert_eq!(visits(&app).await, i64::try_from(whole + alone).unwrap());
        app.until_settled().await;
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn what_the_scheduling_service_refuses_undoes_the_whole_series_unless_a_part_is_accepted(engine) {
        for accepts_part in [false, true] {
            let (stub, app) = stubbed(engine).await;
            let jane = app.provider_id("Dr. Jane Doe").await;
            stub.once("POST", 409);
            let asked = with(by_rule(1, &jane, START, WEEKLY), "acceptPartial", json!(accepts_part));
            let payload = book_series(&app, with(asked.clone(), "idempotencyKey", json!("a-course"))).await;
            app.until_settled().await;
            let series = fetched(&app, &payload["series"]["id"]).await;
            let mut statuses = values(&series, "status");
            statuses.sort_unstable();
            if accepts_part {
                assert_eq!(payload["error"], Value::Null, "{payload}");
                assert_eq!(statuses, ["CONFIRMED", "CONFIRMED", "CONFIRMED", "FAILED"]);
                assert_eq!(series["version"], 1);
            } else {
                assert_eq!(payload["error"]["code"], "SCHEDULING_REFUSED", "{payload}");
                assert_eq!(statuses, ["CANCELLED", "CANCELLED", "CANCELLED", "FAILED"]);
                assert_eq!(series["version"], 2);
                let why = "SELECT count(*) FROM appointment WHERE cancel_reason = 'The scheduling service refused another visit of the series'";
                assert_eq!(app.database.number(why).await, 3);
                // Asked again it is told again; and its times are free.
                let again = book_series(&app, with(asked.clone(), "idempotencyKey", json!("a-course"))).await;
                assert_eq!((&again["error"]["code"], &again["series"]["id"]), (&json!("SCHEDULING_REFUSED"), &series["id"]));
                assert_eq!(values(&booked(&app, asked).await, "status"), ["CONFIRMED"; 4]);
            }
            assert_eq!(stub.book(|outside| outside.len()), if accepts_part { 3 } else { 4 });
        }
    }
}

on_both_engines! {
    async fn during_an_outage_a_series_waits_and_is_settled_or_ends_as_a_whole(engine) {
        let (app, jane) = jane(engine).await;
        app.faults(&json!({ "down": true })).await;
        let waits = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        assert_eq!(values(&waits, "status"), ["PENDING"; 4]);
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        assert_eq!(values(&fetched(&app, &waits["id"]).await, "status"), ["CONFIRMED"; 4]);
        app.assert_agreement().await;
        // The first of another one comes while nobody answers: it ends, and with it those that are weeks away.
        app.faults(&json!({ "down": true })).await;
        let asked = with(at(2, &jane, &["2027-01-11T16:00:00Z", "2027-02-01T16:00:00Z"]), "idempotencyKey", json!("k"));
        let ends = booked(&app, asked.clone()).await;
        app.clock.set("2027-01-11T16:00:00Z");
        let is_over = async || {
            let statuses = fetched(&app, &ends["id"]).await;
            !values(&statuses, "status").contains(&"PENDING")
        };
        assert!(comes_true(is_over).await);
        app.faults(&json!({})).await;
        app.let_time_settle().await;
        let ended = fetched(&app, &ends["id"]).await;
        let mut statuses = values(&ended, "status");
        statuses.sort_unstable();
        assert!(statuses.iter().all(|status| ["CANCELLED", "EXPIRED"].contains(status)) && statuses.contains(&"EXPIRED"), "{ended}");
        assert_eq!(book_series(&app, asked).await["error"]["code"], "SCHEDULING_REFUSED");
        app.assert_agreement().await;
    }
}

on_both_engines! {
    async fn a_repeat_answers_the_same_series_and_another_request_has_another_key(engine) {
        let (app, jane) = jane(engine).await;
        let asked = with(by_rule(1, &jane, START, WEEKLY), "idempotencyKey", json!("k"));
        let both = futures_util::join!(book_series(&app, asked.clone()), book_series(&app, asked.clone()));
        assert_eq!(both.0["series"]["id"], both.1["series"]["id"], "{both:?}");
        assert_eq!(booked(&app, asked.clone()).await["id"], both.0["series"]["id"]);
        assert_eq!(visits(&app).await, 4);
        let other = with(asked, "rule", json!("FREQ=WEEKLY;COUNT=5"));
        assert_eq!(book_series(&app, other).await["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
        // Under the key of a series nothing else is done either.
        let id = &both.0["series"]["id"];
        let reused = cancel(&app, json!({ "id": id, "idempotencyKey": "k" })).await;
        assert_eq!(reused["error"]["code"], "IDEMPOTENCY_KEY_REUSED");
    }
}

on_both_engines! {
    async fn a_series_counts_as_one_of_the_visits_that_a_patient_may_have(engine) {
        let roster = RosterBuilder::default().with(provider("Dr. Jane Doe").licensed("CT").takes("Aetna"));
        let app = TestApp::builder(engine).roster(roster).setting("MAX_OPEN_VISITS_PER_PATIENT", "2").spawn().await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        assert_eq!(book(&app, 1, &json!(jane), &json!("2027-01-19T15:00:00Z")).await, None);
        assert_eq!(book(&app, 1, &json!(jane), &json!("2027-01-20T15:00:00Z")).await.as_deref(), Some("RATE_LIMITED"));
        let more = book_series(&app, by_rule(1, &jane, "2027-01-20T15:00:00Z", WEEKLY)).await;
        assert_eq!(more["error"]["code"], "RATE_LIMITED", "{more}");
        assert_eq!(visits(&app).await, 5);
    }
}

on_both_engines! {
    async fn this_and_following_are_cancelled_and_those_before_stay(engine) {
        let (app, jane) = jane(engine).await;
        let series = booked(&app, by_rule(1, &jane, START, WEEKLY)).await;
        let id = &series["id"];
        let stale = cancel(&app, json!({ "id": id, "expectedVersion": 2 })).await;
        assert_eq!(stale["error"]["code"], "VERSION_CONFLICT");
        let third = values(&series, "startsAt")[2];
        let input = json!({ "id": id, "from": third, "reason": "Has recovered", "expectedVersion": 1, "idempotencyKey": "c" });
        let cancelled = cancel(&app, input.clone()).await;
        assert_eq!(values(&cancelled["series"], "status"), ["CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"], "{cancelled}");
        assert_eq!(cancelled["series"]["version"], 2);
        // Asked again it is so already, also under its key and its version of before.
        assert_eq!(cancel(&app, input).await, cancelled);
        assert_eq!(cancel(&app, json!({ "id": id, "from": third })).await, cancelled);
        // What has begun stays; all that follows goes.
        app.clock.set("2027-01-18T15:10:00Z");
        let rest = cancel(&app, json!({ "id": id })).await;
        assert_eq!(values(&rest["series"], "status"), ["CONFIRMED", "CANCELLED", "CANCELLED", "CANCELLED"]);
        app.assert_agreement().await;
        for unknown in ["ser_00000000000000000000000000", "nope"] {
            assert_eq!(cancel(&app, json!({ "id": unknown })).await["error"]["code"], "NOT_FOUND");
        }
    }
}

on_both_engines! {
    async fn a_series_that_is_over_is_refused_at_once_whoever_could_have_had_it(engine) {
        // Nobody's book is read for all time, into memory least of all.
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(3)).spawn().await;
        let past = json!({ "patient": patient(1, "CT", "Aetna"), "times": ["2020-01-06T15:00:00Z", "2020-01-07T15:00:00Z"] });
        let payload = book_series(&app, past.clone()).await;
        assert_eq!(payload["error"]["code"], "SERIES_CONFLICT", "{payload}");
        assert_eq!(all(payload["error"]["occurrences"].as_array().unwrap(), "reasons"), [&json!([{ "code": "TIME_IN_PAST" }]); 2]);
    }
}

on_both_engines! {
    async fn where_a_part_is_accepted_and_all_is_refused_that_is_told(engine) {
        let (stub, app) = stubbed(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        for _visit in 0..2 {
            stub.once("POST", 409);
        }
        let asked = by_rule(1, &jane, START, "FREQ=WEEKLY;COUNT=2");
        let payload = book_series(&app, with(asked, "acceptPartial", json!(true))).await;
        assert_eq!(payload["error"]["code"], "SCHEDULING_REFUSED", "{payload}");
        assert_eq!(values(&payload["series"], "status"), ["FAILED"; 2]);
    }
}

on_both_engines! {
    async fn a_clinician_books_with_themselves_and_sees_and_cancels_their_own(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(2)).spawn().await;
        let (own, other) = (app.provider_id("Dr. 000").await, app.provider_id("Dr. 001").await);
        let clinician = caller(Role::Clinician, own.parse().ok());
        let theirs = booked(&app, by_rule(1, &other, START, WEEKLY)).await;
        let input = |provider: &Value| with(by_rule(2, &own, START, WEEKLY), "providerId", provider.clone());
        let as_clinician = async |query: &str, input: Value| app.ask_as(&clinician, query, json!({ "input": input })).await;
        let refused = as_clinician(&book_document(), input(&json!(other))).await;
        assert_eq!(refused["data"]["bookSeries"]["error"]["code"], "FORBIDDEN", "{refused}");
        let mine = as_clinician(&book_document(), input(&Value::Null)).await["data"]["bookSeries"]["series"].clone();
        assert!(mine["appointments"].as_array().unwrap().iter().all(|visit| visit["provider"]["id"] == json!(own)), "{mine}");
        let query = "mutation ($input: CancelSeriesInput!) { cancelSeries(input: $input) { series { version } error { code } } }";
        let not_theirs = as_clinician(query, json!({ "id": theirs["id"] })).await;
        assert_eq!(not_theirs["data"]["cancelSeries"]["error"]["code"], "NOT_FOUND");
        let node = "query ($id: ID!) { node(id: $id) { id } }";
        for (id, found) in [(&theirs["id"], false), (&mine["id"], true)] {
            let answer = app.ask_as(&clinician, node, json!({ "id": id })).await;
            assert_eq!(answer["data"]["node"].is_object(), found, "{answer}");
        }
        let cancelled = as_clinician(query, json!({ "id": mine["id"] })).await;
        assert_eq!(cancelled["data"]["cancelSeries"]["series"]["version"], 2);
        let viewer = caller(Role::Viewer, None);
        let answer = app.ask_as(&viewer, &book_document(), json!({ "input": input(&json!(own)) })).await;
        assert_eq!(answer["data"]["bookSeries"]["error"]["code"], "FORBIDDEN", "{answer}");
    }
}
