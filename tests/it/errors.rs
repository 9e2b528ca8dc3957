//! Refusals: the same words at both doors, each with what helps to do better.

use serde_json::{Value, json};

use crate::support::{
    Engine, RosterBuilder, TestApp, book_by_graphql, input_of, john, on_both_engines, patient,
    provider,
};

/// What both doors say to the same request, which neither of them carries out.
struct Refusal {
    problem: Value,
    error: Value,
}

/// Sends a booking to both doors, which have to refuse it in the same words.
async fn refused(app: &TestApp, body: &Value, status: u16, code: &str) -> Refusal {
    let answer = app.book(body).await;
    assert_eq!(answer.problem(), (status, code.to_owned()), "{body}: {answer:?}");
    let problem = answer.json();
    assert_eq!(problem["type"], format!("urn:clinic:error:{code}"));
    assert_eq!(problem["status"], status);
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
    let error = book_by_graphql(app, input_of(body)).await["error"].clone();
    assert_eq!(error["code"], problem["code"], "{body}");
    if code == "INVALID_INPUT" {
        assert_eq!(problem["detail"], sentence(&problem["errors"], "pointer", "detail"));
        assert_eq!(error["message"], sentence(&error["violations"], "field", "message"));
    } else {
        assert_eq!(error["message"], problem["detail"], "{body}");
    }
    Refusal { problem, error }
}

/// What is said of fields that are not acceptable: each by its name, as the door spells it.
fn sentence(list: &Value, field: &str, message: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap().trim_start_matches('/').replace('/', ".");
    let each = list.as_array().unwrap().iter();
    let told: Vec<String> = each
        .map(|one| format!("{} {}", text(&one[field]), one[message].as_str().unwrap()))
        .collect();
    format!("The request is not acceptable: {}", told.join("; "))
}

/// A booking of John's, with more fields.
fn johns(mut more: Value) -> Value {
    more["patient"] = john();
    more
}

/// A booking for John, described in another way.
fn john_with(field: &str, value: &str) -> Value {
    let mut body = json!({ "patient": john() });
    body["patient"][field] = json!(value);
    body
}

async fn appointments(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment").await
}

on_both_engines! {
    async fn everything_that_is_not_acceptable_is_named_at_once_as_each_door_spells_it(engine) {
        let app = TestApp::spawn(engine).await;
        let body = json!({
            "patient": { "name": " ", "email": "nobody", "state": "", "insurance": "" },
            "time": "2027-01-11T15:00:30Z", "duration_minutes": 4, "reason": "x".repeat(1001),
        });
        let refusal = refused(&app, &body, 422, "INVALID_INPUT").await;
        let said = |list: &Value, field: &str, message: &str| -> Vec<(String, String)> {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            list.as_array().unwrap().iter().map(|one| (text(&one[field]), text(&one[message]))).collect()
        };
        let rest = said(&refusal.problem["errors"], "pointer", "detail");
        let graphql = said(&refusal.error["violations"], "field", "message");
        let spelt = [
            ("/patient/name", "patient.name", "must not be empty"),
            ("/patient/email", "patient.email", "must be an e-mail address such as john@example.com"),
            ("/patient/state", "patient.state", "must not be empty"),
            ("/patient/insurance", "patient.insurance", "must not be empty"),
            ("/duration_minutes", "durationMinutes", "must be 5 to 480 whole minutes"),
            ("/reason", "reason", "must be at most 1000 characters, none of them invisible"),
            ("/time", "startsAt", "must be a whole minute"),
        ];
        assert_eq!(rest, spelt.map(|(pointer, _, why)| (pointer.to_owned(), why.to_owned())));
        assert_eq!(graphql, spelt.map(|(_, field, why)| (field.to_owned(), why.to_owned())));
        let both = johns(json!({ "time": "2027-01-11T15:00:00Z", "after": "2027-01-11T15:00:00Z" }));
        let refusal = refused(&app, &both, 422, "INVALID_INPUT").await;
        assert_eq!(refusal.problem["errors"][0]["pointer"], "/after");
        assert_eq!(appointments(&app).await, 0);
    }
}

on_both_engines! {
    async fn a_name_that_is_not_known_comes_with_the_nearest_ones(engine) {
        let app = TestApp::spawn(engine).await;
        for (field, value, code, nearest) in [
            ("state", "Conecticut", "UNKNOWN_STATE", "Connecticut (CT)"),
            ("insurance", "Aetena", "UNKNOWN_INSURANCE", "Aetna"),
        ] {
            let refusal = refused(&app, &john_with(field, value), 422, code).await;
            assert_eq!(refusal.problem["suggestions"][0], nearest);
            assert_eq!(refusal.error["suggestions"], refusal.problem["suggestions"]);
            // What was sent is not repeated.
            assert!(!refusal.problem.to_string().contains(value), "{}", refusal.problem);
        }
    }
}

on_both_engines! {
    async fn whom_nobody_may_treat_is_told_so_and_why(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let who = app.provider_id("Doctor Who").await;
        refused(&app, &john_with("insurance", "Humana"), 404, "NO_MATCHING_PROVIDER").await;
        refused(&app, &john_with("state", "Guam"), 404, "NO_MATCHING_PROVIDER").await;
        for id in ["prv_00000000000000000000000000", "prv_!", "nobody", "", &jane.replace("prv", "apt")] {
            let refusal = refused(&app, &johns(json!({ "provider_id": id })), 404, "NOT_FOUND").await;
            assert_eq!(refusal.problem["detail"], "There is no provider with this id");
        }
        for (provider_id, state, insurance, reason) in [
            (&jane, "NY", "Aetna", "NOT_LICENSED"),
            (&who, "NY", "Aetna", "INSURANCE_NOT_ACCEPTED"),
        ] {
            let body = json!({ "patient": patient(1, state, insurance), "provider_id": provider_id });
            let refusal = refused(&app, &body, 422, "PROVIDER_NOT_ELIGIBLE").await;
            assert_eq!((&refusal.problem["reason"], &refusal.error["reason"]), (&json!(reason), &json!(reason)));
        }
        assert_eq!(appointments(&app).await, 0);
    }
}

on_both_engines! {
    async fn a_licence_that_is_not_valid_then_is_a_reason_of_its_own(engine) {
        let roster = RosterBuilder::default()
            .with(provider("Dr. Late").takes("Aetna").licensed_between("CT", Some("2027-01-13"), None))
            .with(provider("Dr. Other").takes("Aetna").licensed("CT"));
        let app = TestApp::builder(engine).roster(roster).spawn().await;
        let late = app.provider_id("Dr. Late").await;
        let body = johns(json!({ "provider_id": late, "time": "2027-01-12T15:00:00Z" }));
        let refusal = refused(&app, &body, 422, "PROVIDER_NOT_ELIGIBLE").await;
        assert_eq!(refusal.problem["reason"], "LICENCE_NOT_VALID_THEN");
        assert_eq!(refusal.error["reason"], "LICENCE_NOT_VALID_THEN");
    }
}

on_both_engines! {
    async fn a_time_that_can_not_be_is_refused_for_what_is_wrong_with_it(engine) {
        let app = TestApp::spawn(engine).await;
        let at = |time: &str| johns(json!({ "time": time }));
        refused(&app, &at("2027-01-11T11:59:00Z"), 422, "TIME_IN_PAST").await;
        refused(&app, &at("1850-01-01T00:00:00Z"), 422, "TIME_IN_PAST").await;
        for body in [at("2027-04-12T14:00:00Z"), at("9999-12-30T00:00:00Z"), johns(json!({ "after": "2027-04-12T14:00:00Z" }))] {
            let refusal = refused(&app, &body, 422, "BEYOND_HORIZON").await;
            assert_eq!(refusal.problem["until"], "2027-04-11T12:00:00Z");
            assert_eq!(refusal.error["horizonEndsAt"], "2027-04-11T12:00:00Z");
            assert!(refusal.problem["detail"].as_str().unwrap().contains("2027-04-11T12:00:00Z"));
        }
        // Before opening, over closing, at the weekend.
        for time in ["2027-01-11T13:59:00Z", "2027-01-11T21:31:00Z", "2027-01-16T15:00:00Z"] {
            refused(&app, &at(time), 422, "OUTSIDE_WORKING_HOURS").await;
        }
        assert_eq!(appointments(&app).await, 0);
    }
}

on_both_engines! {
    async fn nothing_free_says_how_far_it_was_looked(engine) {
        let app = TestApp::spawn(engine).await;
        // Nobody works nine hours in a row, and eight begin at opening only.
        let body = johns(json!({ "after": "2027-04-09T13:01:00Z", "duration_minutes": 480 }));
        let refusal = refused(&app, &body, 409, "NO_AVAILABILITY").await;
        assert_eq!(refusal.problem["until"], "2027-04-11T12:00:00Z");
        assert_eq!(refusal.error["searchedUntil"], "2027-04-11T12:00:00Z");
        let path = "/appointments/first-available?state=CT&insurance=Aetna&duration_minutes=480&after=2027-04-09T13:01:00Z";
        let found = app.get(path).await;
        assert_eq!(found.problem(), (409, "NO_AVAILABILITY".to_owned()));
        assert_eq!(found.json()["until"], "2027-04-11T12:00:00Z");
        // A query of GraphQL answers nothing instead.
        let query = "{ firstAvailable(after: \"2027-04-09T13:01:00Z\", durationMinutes: 480, state: \"CT\", insurance: \"Aetna\") { startsAt } }";
        assert_eq!(app.graphql(query, json!({})).await, json!({ "data": { "firstAvailable": null } }));
    }
}

on_both_engines! {
    async fn a_time_that_is_taken_comes_with_three_others(engine) {
        let app = TestApp::spawn(engine).await;
        let (jane, time) = (app.provider_id("Dr. Jane Doe").await, "2027-01-11T15:00:00Z");
        assert_eq!(app.book(&johns(json!({ "time": time }))).await.status, 201);
        for more in [json!({ "time": time }), json!({ "time": "2027-01-11T14:59:00Z", "provider_id": jane })] {
            let mut body = more;
            body["patient"] = patient(1, "CT", "Aetna");
            let refusal = refused(&app, &body, 409, "SLOT_TAKEN").await;
            let times: Vec<&Value> = refusal.problem["alternatives"].as_array().unwrap().iter()
                .map(|one| {
                    assert_eq!((&one["provider_id"], &one["provider"]), (&json!(jane), &json!("Dr. Jane Doe")));
                    &one["time"]
                }).collect();
            assert_eq!(times, ["2027-01-11T15:30:00Z", "2027-01-11T15:45:00Z", "2027-01-11T16:00:00Z"]);
            let others: Vec<&Value> = refusal.error["alternatives"].as_array().unwrap().iter()
                .map(|one| &one["startsAt"]).collect();
            assert_eq!(others, times);
            // What is offered instead can be booked.
            body["time"] = times[0].clone();
            body["patient"] = patient(2, "CT", "Aetna");
            let booked = app.book(&body).await;
            assert_eq!(booked.status, 201, "{booked:?}");
            let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
            app.post(&format!("/appointment/{id}/cancel"), &json!({})).await;
        }
    }
}

on_both_engines! {
    async fn a_patient_is_at_one_place_at_a_time(engine) {
        let app = TestApp::spawn(engine).await;
        let first = johns(json!({ "time": "2027-01-11T15:00:00Z" }));
        assert_eq!(app.book(&first).await.status, 201);
        // With the same provider, where the time is taken as well, and with another one.
        refused(&app, &first, 409, "PATIENT_DOUBLE_BOOKED").await;
        let mut elsewhere = john_with("state", "NY");
        elsewhere["time"] = json!("2027-01-11T15:15:00Z");
        refused(&app, &elsewhere, 409, "PATIENT_DOUBLE_BOOKED").await;
        assert_eq!(appointments(&app).await, 1);
    }
}

on_both_engines! {
    async fn what_the_scheduling_service_refuses_has_an_id_all_the_same(engine) {
        let app = TestApp::spawn(engine).await;
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let body = johns(json!({}));
        let refusal = refused(&app, &body, 409, "SCHEDULING_REFUSED").await;
        let id = refusal.problem["appointment_id"].as_str().unwrap();
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["status"], "FAILED");
        let payload = book_by_graphql(&app, input_of(&body)).await;
        assert_eq!(payload["error"]["code"], "SCHEDULING_REFUSED");
        assert_eq!(payload["appointment"]["status"], "FAILED");
    }
}

on_both_engines! {
    async fn of_several_reasons_the_first_of_the_order_is_said(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let (busy, past, far, night) =
            ("2027-01-11T15:00:00Z", "2027-01-10T04:00:00Z", "2027-06-01T04:00:00Z", "2027-01-12T04:00:00Z");
        assert_eq!(app.book(&johns(json!({ "time": busy }))).await.status, 201);
        let of = |name: &str, state: &str, insurance: &str, more: Value| {
            let mut body = johns(more);
            body["patient"] = json!({ "name": name, "email": "john@example.com", "state": state, "insurance": insurance });
            body
        };
        let nobody = "prv_nobody";
        for (body, status, code) in [
            (of("", "Nowhere", "Nothing", json!({ "provider_id": nobody })), 422, "INVALID_INPUT"),
            (of("John Doe", "Nowhere", "Nothing", json!({ "provider_id": nobody })), 422, "UNKNOWN_STATE"),
            (of("John Doe", "CT", "Nothing", json!({ "provider_id": nobody })), 422, "UNKNOWN_INSURANCE"),
            (of("John Doe", "TX", "Humana", json!({ "provider_id": nobody })), 404, "NOT_FOUND"),
            (of("John Doe", "TX", "Humana", json!({ "provider_id": jane })), 404, "NO_MATCHING_PROVIDER"),
            (of("John Doe", "TX", "Humana", json!({ "time": past })), 404, "NO_MATCHING_PROVIDER"),
            (of("John Doe", "NY", "Aetna", json!({ "provider_id": jane, "time": past })), 422, "PROVIDER_NOT_ELIGIBLE"),
            (of("John Doe", "NY", "Aetna", json!({ "provider_id": jane, "time": busy })), 422, "PROVIDER_NOT_ELIGIBLE"),
            (of("John Doe", "CT", "Aetna", json!({ "time": past })), 422, "TIME_IN_PAST"),
            (of("John Doe", "CT", "Aetna", json!({ "time": far })), 422, "BEYOND_HORIZON"),
            (of("John Doe", "CT", "Aetna", json!({ "time": night })), 422, "OUTSIDE_WORKING_HOURS"),
            // Over closing time: taken as well, and John is busy then.
            (of("John Doe", "CT", "Aetna", json!({ "time": busy, "duration_minutes": 480 })), 422, "OUTSIDE_WORKING_HOURS"),
            (of("John Doe", "CT", "Aetna", json!({ "time": busy })), 409, "PATIENT_DOUBLE_BOOKED"),
            (of("Jim Doe", "CT", "Aetna", json!({ "time": busy })), 409, "SLOT_TAKEN"),
        ] {
            refused(&app, &body, status, code).await;
        }
    }
}

on_both_engines! {
    async fn a_time_is_taken_rather_than_outside_hours_if_anybody_works_then(engine) {
        let app = TestApp::spawn(engine).await;
        // At 8:00 in New York only Doctor Who works; at 7:00 nobody does.
        let at = |number: usize, time: &str| json!({ "patient": patient(number, "NY", "Cigna"), "time": time });
        assert_eq!(app.book(&at(1, "2027-01-11T13:00:00Z")).await.status, 201);
        refused(&app, &at(2, "2027-01-11T13:00:00Z"), 409, "SLOT_TAKEN").await;
        refused(&app, &at(2, "2027-01-11T12:00:00Z"), 422, "OUTSIDE_WORKING_HOURS").await;
    }
}

/// Takes what a booking needs from another connection, and keeps it until it is closed.
async fn seize(app: &TestApp, engine: Engine) -> sea_orm::DatabaseConnection {
    use sea_orm::ConnectionTrait as _;
    let other = app.database.connect().await;
    let sql = match engine {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE",
    };
    other.execute_unprepared(sql).await.unwrap();
    other
}

on_both_engines! {
    async fn a_database_that_does_not_answer_is_unavailable_and_says_when_to_come_again(engine) {
        let app = TestApp::spawn(engine).await;
        let other = seize(&app, engine).await;
        let body = johns(json!({}));
        let (rest, payload) = tokio::join!(app.book(&body), book_by_graphql(&app, input_of(&body)));
        assert_eq!(rest.problem(), (503, "UNAVAILABLE".to_owned()));
        assert_eq!(rest.header("retry-after"), "1");
        assert_eq!(payload["error"]["code"], "UNAVAILABLE");
        assert_eq!(payload["error"]["message"], rest.json()["detail"]);
        for word in ["sql", "lock", "database", "postgres", "timeout", "55P03", "pool"] {
            assert!(!rest.text.to_lowercase().contains(word), "{word}: {}", rest.text);
        }
        other.close().await.unwrap();
        // Nothing of it has stayed.
        assert_eq!(appointments(&app).await, 0);
        assert_eq!(app.book(&body).await.status, 201);
    }
}
