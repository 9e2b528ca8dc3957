//! What is known of a patient besides name and address: given with a booking, kept, and shown.

use serde_json::{Value, json};

use crate::support::{TestApp, book_by_graphql, input_of, john, on_both_engines};

const PATIENTS: &str = "{ patients { nodes { name phone birthDate version createdAt } } }";

/// John Doe with more of him known.
fn known(more: &Value) -> Value {
    let mut patient = john();
    patient.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    patient
}

async fn only_patient(app: &TestApp) -> Value {
    let answer = app.graphql(PATIENTS, json!({})).await;
    let nodes = answer["data"]["patients"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 1, "{nodes:?}");
    nodes[0].clone()
}

on_both_engines! {
    async fn what_a_booking_says_of_the_patient_is_kept_and_what_it_leaves_out_stays(engine) {
        let app = TestApp::spawn(engine).await;
        let told = json!({ "phone": " +1 (203) 555-0142 ", "birth_date": "1980-02-29",
            "time_zone": "america/new_york" });
        let answer = app.book(&json!({ "patient": known(&told) })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let first = json!({ "name": "John Doe", "phone": "+1 (203) 555-0142", "birthDate": "1980-02-29",
            "version": 1, "createdAt": "2027-01-11T12:00:00Z" });
        assert_eq!(only_patient(&app).await, first);
        assert_eq!(app.database.number(
            "SELECT count(*) FROM patient WHERE time_zone = 'America/New_York'").await, 1);
        // Nothing new: nothing is changed.
        assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
        assert_eq!(only_patient(&app).await, first);
        let moved = json!({ "phone": "203 555 0199" });
        let payload = book_by_graphql(&app, input_of(&json!({ "patient": known(&moved) }))).await;
        assert_eq!(payload["error"], Value::Null, "{payload}");
        let patient = only_patient(&app).await;
        assert_eq!((&patient["phone"], &patient["birthDate"], &patient["version"]),
            (&json!("203 555 0199"), &json!("1980-02-29"), &json!(2)));
    }
}

on_both_engines! {
    async fn what_is_no_telephone_no_birth_date_or_no_zone_is_named(engine) {
        let app = TestApp::spawn(engine).await;
        for (field, in_graphql, wrong) in [
            ("phone", "phone", "call me"),
            ("birth_date", "birthDate", "1899-12-31"),
            ("birth_date", "birthDate", "2027-01-13"),
            ("time_zone", "timeZone", "Eastern"),
        ] {
            let answer = app.book(&json!({ "patient": known(&json!({ field: wrong })) })).await;
            assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{field}");
            let errors = answer.json()["errors"].clone();
            assert_eq!(errors[0]["pointer"], format!("/patient/{field}"), "{errors}");
            let input = json!({ "patient": known(&json!({ in_graphql: wrong })) });
            let error = book_by_graphql(&app, input).await["error"].clone();
            assert_eq!(error["violations"][0]["field"], format!("patient.{in_graphql}"), "{error}");
        }
        // No day at all.
        for wrong in ["1981-02-29", "17.5.1980", "1980-05-17T00:00:00Z", ""] {
            let answer = app.book(&json!({ "patient": known(&json!({ "birth_date": wrong })) })).await;
            assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{wrong}");
        }
        assert_eq!(app.database.number("SELECT count(*) FROM patient").await, 0);
    }
}

on_both_engines! {
    async fn another_telephone_number_is_another_request_under_one_key(engine) {
        let app = TestApp::spawn(engine).await;
        let with = |phone| json!({ "patient": known(&json!({ "phone": phone })) });
        let first = app.post_with_key("/appointment", "once", &with("203 555 0142")).await;
        assert_eq!(first.status, 201, "{first:?}");
        let repeat = app.post_with_key("/appointment", "once", &with("203 555 0142")).await;
        assert_eq!((repeat.status, repeat.header("idempotency-replayed")), (first.status, "true"));
        let other = app.post_with_key("/appointment", "once", &with("203 555 0199")).await;
        assert_eq!(other.problem(), (422, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    }
}
