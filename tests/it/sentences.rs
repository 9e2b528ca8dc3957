//! What people read of a refusal tells the whole of it: each field by the name that the door has for
//! it, in a sentence that is never too long to read.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{TestApp, book_by_graphql, john, on_both_engines};

/// What comes before the fields.
const BEGINNING: &str = "The request is not acceptable: ";

async fn problem(app: &TestApp, method: Method, path: &str, body: Option<Value>) -> Value {
    let mut request = app.request(method, path);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = TestApp::send(request).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT".to_owned()), "{path}: {answer:?}");
    answer.json()
}

on_both_engines! {
    async fn the_detail_of_a_problem_names_every_field_as_rest_spells_it(engine) {
        let app = TestApp::spawn(engine).await;
        let post = |body: Value| (Method::POST, "/appointment", Some(body));
        for ((method, path, body), said) in [
            (post(json!({})), "patient is required; patient.name is required; patient.email is required; patient.state is required; patient.insurance is required"),
            (post(json!({ "patient": {} })), "patient.name is required; patient.email is required; patient.state is required; patient.insurance is required"),
            (
                post(json!({ "patient": john(), "duration_minutes": 4, "time": "tomorrow", "nick/name": 1 })),
                "time must be an RFC 3339 instant such as 2027-01-15T14:30:00Z; \"nick/name\" is not a known field; duration_minutes must be 5 to 480 whole minutes",
            ),
            (
                (Method::GET, "/appointments?provider_id=x&form=1", None),
                "from is required; to is required; form is not a parameter of this route",
            ),
            (
                (Method::GET, "/appointments/first-available?state=CT&duration_minutes=1", None),
                "duration_minutes must be 5 to 480 whole minutes; insurance goes together with state",
            ),
            ((Method::POST, "/appointment/apt_1/reschedule", Some(json!({}))), "time is required"),
        ] {
            let told = problem(&app, method, path, body).await;
            assert_eq!(told["detail"], format!("{BEGINNING}{said}"), "{path}");
            for error in told["errors"].as_array().unwrap() {
                let why = error["detail"].as_str().unwrap();
                assert!(told["detail"].as_str().unwrap().contains(why), "{told}");
            }
        }
    }
}

on_both_engines! {
    async fn the_message_of_an_error_names_every_field_as_graphql_spells_it(engine) {
        let app = TestApp::spawn(engine).await;
        let mut nobody = john();
        for (name, value) in [("name", " "), ("email", "nobody"), ("insurance", "")] {
            nobody[name] = json!(value);
        }
        let input = json!({ "patient": nobody, "durationMinutes": 4, "startsAt": "2027-01-11T15:00:30Z" });
        let error = book_by_graphql(&app, input).await["error"].clone();
        let said = "patient.name must not be empty; patient.email must be an e-mail address such as john@example.com; patient.insurance must not be empty; durationMinutes must be 5 to 480 whole minutes; startsAt must be a whole minute";
        assert_eq!(error["message"], format!("{BEGINNING}{said}"));
        for (query, said) in [
            ("{ firstAvailable(after: \"2027-01-11T15:00:00Z\", state: \"CT\", durationMinutes: 4) { startsAt } }",
             "durationMinutes must be 5 to 480 whole minutes; insurance goes together with state"),
            ("{ appointments(from: \"2027-01-11T15:00:00Z\", to: \"2027-01-11T15:00:00Z\") { totalCount } }", "to must be after from"),
            ("{ providers(first: 1, last: 1) { totalCount } }", "last must not come together with first"),
        ] {
            let answer = app.graphql(query, json!({})).await;
            assert_eq!(answer["errors"][0]["message"], format!("{BEGINNING}{said}"), "{query}");
        }
    }
}

on_both_engines! {
    async fn a_sentence_stays_one_however_much_is_wrong(engine) {
        let app = TestApp::spawn(engine).await;
        let mut body: Map<String, Value> =
            (0..300).map(|number| (format!("{number}{}", "x".repeat(100)), json!(1))).collect();
        body.insert("patient".to_owned(), john());
        let told = problem(&app, Method::POST, "/appointment", Some(Value::Object(body))).await;
        let sentence = told["detail"].as_str().unwrap();
        assert!(sentence.len() < 1000 && sentence.ends_with("; and 292 more"), "{sentence}");
        assert_eq!(told["errors"].as_array().unwrap().len(), 300);
    }
}
