//! Refusals that only the REST door can say: `application/problem+json` whatever goes wrong.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, john, on_both_engines, patient};

/// A body as it is, with that media type or none.
async fn post_text(app: &TestApp, path: &str, media_type: Option<&str>, text: &str) -> Answer {
    let mut request = app.request(Method::POST, path).body(text.to_owned());
    if let Some(media_type) = media_type {
        request = request.header("Content-Type", media_type);
    }
    TestApp::send(request).await
}

/// The pointers of a problem, in order, after its status and code were looked at.
fn pointers(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{answer:?}");
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors
        .iter()
        .map(|error| {
            assert!(!error["detail"].as_str().unwrap().is_empty());
            error["pointer"].as_str().unwrap().to_owned()
        })
        .collect()
}

async fn booked(app: &TestApp, number: usize) -> String {
    let answer = app.book(&json!({ "patient": patient(number, "CT", "Aetna") })).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["appointment_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_not_a_json_object_is_a_bad_request() {
    let app = TestApp::spawn(crate::support::Engine::Sqlite).await;
    for text in ["{", "[]", "\"text\"", "null", "{\"patient\": }", ""] {
        let answer = post_text(&app, "/appointment", Some("application/json"), text).await;
        assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()), "{text}");
    }
    for path in ["/appointment/x/cancel", "/appointment/x/reschedule"] {
        let answer = post_text(&app, path, Some("application/json"), "{").await;
        assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json_and_is_told_how() {
    let app = TestApp::spawn(crate::support::Engine::Sqlite).await;
    let body = json!({ "patient": john() }).to_string();
    for media_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data"),
    ] {
        for path in
            ["/appointment", "/appointment/x/cancel", "/appointment/x/reschedule", "/graphql"]
        {
            let answer = post_text(&app, path, media_type, &body).await;
            assert_eq!(answer.problem(), (415, "UNSUPPORTED_MEDIA_TYPE".to_owned()), "{path}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("-H 'Content-Type: application/json'"), "{detail}");
        }
    }
    assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
    let json =
        post_text(&app, "/appointment", Some("Application/JSON; charset=utf-8"), &body).await;
    assert_eq!(json.status, 201, "{json:?}");
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let app = TestApp::spawn(crate::support::Engine::Sqlite).await;
    let large = json!({ "patient": john(), "reason": "x".repeat(70_000) });
    for path in ["/appointment", "/graphql"] {
        let answer = app.post(path, &large).await;
        assert_eq!(answer.problem(), (413, "PAYLOAD_TOO_LARGE".to_owned()), "{path}");
    }
}

on_both_engines! {
    async fn missing_unknown_and_mistyped_fields_are_named_by_json_pointers(engine) {
        let app = TestApp::spawn(engine).await;
        let patient = |extra: Value| {
            let mut patient = john();
            patient.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            json!({ "patient": patient })
        };
        for (body, expected) in [
            (json!({}), vec!["/patient", "/patient/name", "/patient/email", "/patient/state", "/patient/insurance"]),
            (json!({ "patient": "John" }), vec!["/patient", "/patient/name", "/patient/email", "/patient/state", "/patient/insurance"]),
            (json!({ "patient": { "name": "John", "state": null } }), vec!["/patient/email", "/patient/state", "/patient/insurance"]),
            (patient(json!({ "name": 7, "state": ["CT"] })), vec!["/patient/name", "/patient/state"]),
            (patient(json!({ "phone": "1" })), vec!["/patient/phone"]),
            (json!({ "patient": john(), "a/b": 1, "c~d": 2 }), vec!["/a~1b", "/c~0d"]),
            (json!({ "patient": john(), "provider_id": 1, "time": 2, "duration_minutes": "30", "reason": 3 }),
                vec!["/provider_id", "/time", "/duration_minutes", "/reason"]),
            (json!({ "patient": john(), "duration_minutes": 30.5, "after": "tomorrow" }), vec!["/after", "/duration_minutes"]),
            (json!({ "patient": john(), "time": "2027-01-11T15:00:00" }), vec!["/time"]),
        ] {
            assert_eq!(pointers(&app.book(&body).await), expected, "{body}");
        }
        let headed = app.post_with_key("/appointment", "with a space", &json!({ "patient": john() })).await;
        assert_eq!(pointers(&headed), ["Idempotency-Key"]);
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 0);
    }
}

on_both_engines! {
    async fn changes_name_their_own_fields(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app, 1).await;
        for (change, body, expected) in [
            ("reschedule", json!({}), vec!["/time"]),
            ("reschedule", json!({ "time": 1, "duration_minutes": 4, "when": 1 }), vec!["/time", "/when", "/duration_minutes"]),
            ("reschedule", json!({ "time": "2027-01-11T15:00:01Z" }), vec!["/time"]),
            ("cancel", json!({ "reason": 1, "why": 2 }), vec!["/reason", "/why"]),
        ] {
            let answer = app.post(&format!("/appointment/{id}/{change}"), &body).await;
            assert_eq!(pointers(&answer), expected, "{body}");
        }
        assert_eq!(app.get(&format!("/appointment/{id}")).await.json()["status"], "CONFIRMED");
    }
}

on_both_engines! {
    async fn query_parameters_are_named_all_at_once(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let window = "from=2027-01-11T00:00:00Z&to=2027-01-12T00:00:00Z";
        for (path, expected) in [
            ("/appointments".to_owned(), vec!["from", "to"]),
            (format!("/appointments?provider_id={jane}&from=now&to=then&limit=many&cursor=x&status=GONE&page=2"),
                vec!["from", "to", "status", "limit", "cursor", "page"]),
            (format!("/appointments?provider_id={jane}&{window}&limit=0"), vec!["limit"]),
            (format!("/appointments?provider_id={jane}&{window}&limit=201"), vec!["limit"]),
            (format!("/appointments?provider_id={jane}&from=2027-01-12T00:00:00Z&to=2027-01-12T00:00:00Z&limit=0"), vec!["to", "limit"]),
            (format!("/appointments?provider_id={jane}&{window}&limit=1&limit=2"), vec!["limit"]),
            // The order of the contract: what is not acceptable before what is not there.
            ("/appointments?provider_id=prv_x&from=2027-01-12T00:00:00Z&to=2027-01-11T00:00:00Z".to_owned(), vec!["to"]),
            ("/appointments/first-available".to_owned(), vec!["state"]),
            ("/appointments/first-available?insurance=Aetna".to_owned(), vec!["state"]),
            ("/appointments/first-available?state=CT&duration_minutes=4&after=soon&day=1".to_owned(),
                vec!["after", "day", "duration_minutes", "insurance"]),
        ] {
            assert_eq!(pointers(&app.get(&path).await), expected, "{path}");
        }
        for malformed in ["provider_id=%FF", "%C3%28=1", "provider_id=100%", "provider_id=%zz"] {
            for route in ["/appointments", "/appointments/first-available", "/graphql"] {
                let answer = app.get(&format!("{route}?{malformed}")).await;
                assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()), "{route}?{malformed}");
            }
        }
    }
}

on_both_engines! {
    async fn searches_refuse_in_the_words_of_bookings(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let day = "from=2027-01-11T00:00:00Z&to=2027-01-12T00:00:00Z";
        for (path, status, code) in [
            (format!("/appointments?provider_id=prv_x&{day}"), 404, "NOT_FOUND"),
            (format!("/appointments?provider_id={}&{day}", jane.replace("prv", "pat")), 404, "NOT_FOUND"),
            ("/appointments/first-available?state=Nowhere&insurance=Nothing".to_owned(), 422, "UNKNOWN_STATE"),
            ("/appointments/first-available?state=CT&insurance=Nothing&provider_id=prv_x".to_owned(), 422, "UNKNOWN_INSURANCE"),
            ("/appointments/first-available?state=CT&insurance=Aetna&provider_id=prv_x".to_owned(), 404, "NOT_FOUND"),
            ("/appointments/first-available?state=CT&insurance=Humana".to_owned(), 404, "NO_MATCHING_PROVIDER"),
            (format!("/appointments/first-available?state=NY&insurance=Aetna&provider_id={jane}"), 422, "PROVIDER_NOT_ELIGIBLE"),
        ] {
            assert_eq!(app.get(&path).await.problem(), (status, code.to_owned()), "{path}");
        }
    }
}

on_both_engines! {
    async fn an_id_of_nothing_is_not_found_whatever_it_looks_like(engine) {
        let app = TestApp::spawn(engine).await;
        let id = booked(&app, 1).await;
        let unknown = "apt_00000000000000000000000000";
        for id in [unknown, "apt_x", "1", &id.to_uppercase(), &id.replace("apt", "prv"), "%FF", "%00", "a%2Fb"] {
            let path = format!("/appointment/{id}");
            let moved = json!({ "time": "2027-01-12T15:00:00Z" });
            for answer in [
                app.get(&path).await,
                app.post(&format!("{path}/cancel"), &json!({})).await,
                app.post(&format!("{path}/reschedule"), &moved).await,
            ] {
                assert_eq!(answer.problem(), (404, "NOT_FOUND".to_owned()), "{id}");
            }
        }
    }
}

on_both_engines! {
    async fn what_has_ended_can_not_be_moved_and_what_failed_can_not_be_cancelled(engine) {
        let app = TestApp::spawn(engine).await;
        let cancelled = booked(&app, 1).await;
        assert_eq!(app.post(&format!("/appointment/{cancelled}/cancel"), &json!({})).await.status, 200);
        let moved = app.post(&format!("/appointment/{cancelled}/reschedule"), &json!({ "time": "2027-01-12T15:00:00Z" })).await;
        assert_eq!(moved.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
        assert_eq!((&moved.json()["allowed"], &moved.json()["appointment_id"]), (&json!([]), &json!(cancelled)));
        app.faults(&json!({ "refuse_rate": 1 })).await;
        let failed = app.book(&json!({ "patient": john() })).await.json()["appointment_id"].as_str().unwrap().to_owned();
        let answer = app.post(&format!("/appointment/{failed}/cancel"), &json!({})).await;
        assert_eq!(answer.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
        // What is not settled yet names where it can go.
        app.faults(&json!({ "down": true })).await;
        let pending = app.book(&json!({ "patient": john() })).await;
        assert_eq!(pending.status, 202, "{pending:?}");
        let id = pending.json()["appointment_id"].as_str().unwrap().to_owned();
        let moved = app.post(&format!("/appointment/{id}/reschedule"), &json!({ "time": "2027-01-12T15:00:00Z" })).await;
        assert_eq!(moved.problem(), (409, "ILLEGAL_TRANSITION".to_owned()));
        assert_eq!(moved.json()["allowed"], json!(["CONFIRMED", "FAILED", "CANCELLING", "EXPIRED"]));
        let mutation = "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) {
            appointment { id status } error { code ... on IllegalTransition { allowed } } } }";
        let input = json!({ "id": id, "startsAt": "2027-01-12T15:00:00Z" });
        let payload = app.graphql(mutation, json!({ "input": input })).await["data"]["rescheduleAppointment"].clone();
        assert_eq!(payload, json!({ "appointment": { "id": id, "status": "PENDING" },
            "error": { "code": "ILLEGAL_TRANSITION", "allowed": moved.json()["allowed"] } }));
    }
}

on_both_engines! {
    async fn a_move_is_refused_in_the_order_of_bookings(engine) {
        let app = TestApp::spawn(engine).await;
        let (id, _other) = (booked(&app, 1).await, booked(&app, 2).await);
        for (time, minutes, status, code) in [
            ("2027-01-10T04:00:00Z", 30, 422, "TIME_IN_PAST"),
            ("2027-06-01T04:00:00Z", 30, 422, "BEYOND_HORIZON"),
            ("2027-01-12T04:00:00Z", 30, 422, "OUTSIDE_WORKING_HOURS"),
            ("2027-01-11T14:30:00Z", 480, 422, "OUTSIDE_WORKING_HOURS"),
            ("2027-01-11T14:30:00Z", 30, 409, "SLOT_TAKEN"),
        ] {
            let body = json!({ "time": time, "duration_minutes": minutes });
            let answer = app.post(&format!("/appointment/{id}/reschedule"), &body).await;
            assert_eq!(answer.problem(), (status, code.to_owned()), "{time}");
            let mutation = "mutation ($input: RescheduleAppointmentInput!) { rescheduleAppointment(input: $input) { error { code message } } }";
            let input = json!({ "id": id, "startsAt": time, "durationMinutes": minutes });
            let error = app.graphql(mutation, json!({ "input": input })).await["data"]["rescheduleAppointment"]["error"].clone();
            assert_eq!(error, json!({ "code": code, "message": answer.json()["detail"] }));
        }
    }
}
