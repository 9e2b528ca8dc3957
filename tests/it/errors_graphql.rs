//! Errors of GraphQL: of the document, of a query's field, of a mutation.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, TestApp, book_by_graphql, john, on_both_engines, patient};

const RESPONSE_JSON: &str = "application/graphql-response+json";

/// `POST /graphql` of a body as it is, from a client that takes `accept`.
async fn send(app: &TestApp, accept: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, "/graphql").header("Accept", accept).json(body);
    TestApp::send(request).await
}

/// The only error of an answer: its code, its field, its suggestions and its path.
fn only_error(answer: &Value, path: &str) -> (String, Value, Value) {
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["path"]), (1, &json!([path])), "{answer}");
    let extensions = &errors[0]["extensions"];
    let code = extensions["code"].as_str().unwrap().to_owned();
    (code, extensions["field"].clone(), extensions["suggestions"].clone())
}

#[tokio::test]
async fn a_document_that_can_not_run_says_why_in_a_code_and_has_no_data() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let nested = |field: &str, times: usize| {
        format!(
            "{{ patients {{ nodes {} id {} }} }}",
            format!("{{ {field} {{ nodes ").repeat(times),
            "} }".repeat(times)
        )
    };
    let loops = nested("appointments", 12).replace("nodes  id", "nodes { id }");
    let wide = "p: providers(first: 100) { nodes { id name } } ".repeat(100);
    for (query, variables, code) in [
        ("{ providers {".to_owned(), json!({}), "GRAPHQL_PARSE_FAILED"),
        ("nonsense".to_owned(), json!({}), "GRAPHQL_PARSE_FAILED"),
        (String::new(), json!({}), "GRAPHQL_PARSE_FAILED"),
        ("{ doctors { id } }".to_owned(), json!({}), "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ providers(state: 7) { totalCount } }".to_owned(),
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        // A selection that never runs has to be valid too.
        (
            "{ node(id: \"?\") { ... on Provider { appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-12T00:00:00Z\", first: 2147483648) { totalCount } } } }".to_owned(),
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($first: Int) { providers(first: $first) { totalCount } }".to_owned(),
            json!({ "first": -2_147_483_649_i64 }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query ($id: ID!) { provider(id: $id) { id } }".to_owned(),
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query a { __typename } query b { __typename }".to_owned(),
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (loops, json!({}), "QUERY_TOO_COMPLEX"),
        (format!("{{ {wide} }}"), json!({}), "QUERY_TOO_COMPLEX"),
        (
            format!("{{ {} }}", "a { ".repeat(40) + "b" + &" }".repeat(40)),
            json!({}),
            "QUERY_TOO_COMPLEX",
        ),
        (format!("{{ a(x: {}) }}", "[".repeat(30_000)), json!({}), "QUERY_TOO_COMPLEX"),
    ] {
        let body = json!({ "query": query, "variables": variables });
        let newer = send(&app, RESPONSE_JSON, &body).await;
        let shown: String = query.chars().take(60).collect();
        assert_eq!(newer.status, 400, "{shown}: {newer:?}");
        assert!(newer.header("content-type").starts_with(RESPONSE_JSON));
        assert_eq!(newer.json()["errors"][0]["extensions"]["code"], code, "{shown}: {newer:?}");
        assert!(newer.json().get("data").is_none(), "{newer:?}");
        let older = send(&app, "application/json", &body).await;
        if code != "QUERY_TOO_COMPLEX" {
            assert_eq!(older.status, 200, "{shown}: {older:?}");
        }
        assert!(older.header("content-type").starts_with("application/json"));
        assert_eq!(older.json(), newer.json());
    }
}

#[tokio::test]
async fn a_request_that_is_not_graphql_over_http_is_a_bad_request_for_any_client() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for body in [
        json!([{ "query": "{ __typename }" }]),
        json!("{ __typename }"),
        json!({}),
        json!({ "query": 1 }),
        json!({ "query": "{ __typename }", "variables": [] }),
        json!({ "query": "{ __typename }", "operationName": 1 }),
        json!({ "query": "{ __typename }", "extensions": "x" }),
    ] {
        for accept in [RESPONSE_JSON, "application/json"] {
            let answer = send(&app, accept, &body).await;
            assert_eq!(answer.status, 400, "{body}: {answer:?}");
            assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{body}");
        }
    }
    let request = app.request(Method::POST, "/graphql").header("Content-Type", "application/json");
    let cut = TestApp::send(request.body("{\"query\":")).await;
    assert_eq!(cut.status, 400);
    assert_eq!(cut.json()["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

on_both_engines! {
    async fn a_bad_argument_blanks_its_own_field_only(engine) {
        let app = TestApp::spawn(engine).await;
        let window = "from: \"2027-01-11T00:00:00Z\", to: \"2027-01-12T00:00:00Z\"";
        let backwards = "from: \"2027-01-12T00:00:00Z\", to: \"2027-01-11T00:00:00Z\"";
        let jane = app.provider_id("Dr. Jane Doe").await;
        for (field, code, argument, suggestion) in [
            ("providers(state: \"Conecticut\") { totalCount }".to_owned(), "UNKNOWN_STATE", "state", json!("Connecticut (CT)")),
            ("providers(insurance: \"Aetena\") { totalCount }".to_owned(), "UNKNOWN_INSURANCE", "insurance", json!("Aetna")),
            ("providers(first: 101) { totalCount }".to_owned(), "INVALID_INPUT", "first", Value::Null),
            ("providers(last: -1) { totalCount }".to_owned(), "INVALID_INPUT", "last", Value::Null),
            ("providers(after: \"x\") { totalCount }".to_owned(), "INVALID_INPUT", "after", Value::Null),
            ("patients(first: 1, last: 1) { totalCount }".to_owned(), "INVALID_INPUT", "last", Value::Null),
            (format!("appointments({backwards}) {{ totalCount }}"), "INVALID_INPUT", "to", Value::Null),
            (format!("appointments({window}, state: \"Nw York\") {{ totalCount }}"), "UNKNOWN_STATE", "state", json!("New York (NY)")),
            (format!("appointments({window}, providerId: \"x\") {{ totalCount }}"), "NOT_FOUND", "providerId", Value::Null),
            (format!("appointments({window}, patientId: \"x\") {{ totalCount }}"), "NOT_FOUND", "patientId", Value::Null),
            // The order of the contract.
            (format!("appointments({backwards}, providerId: \"x\") {{ totalCount }}"), "INVALID_INPUT", "to", Value::Null),
            (format!("appointments({window}, providerId: \"x\", state: \"Nw York\") {{ totalCount }}"), "UNKNOWN_STATE", "state", json!("New York (NY)")),
            (format!("appointments({window}, providerId: \"x\", first: 500) {{ totalCount }}"), "INVALID_INPUT", "first", Value::Null),
            (format!("availableSlots(providerId: \"x\", {window}) {{ startsAt }}"), "NOT_FOUND", "providerId", Value::Null),
            (format!("availableSlots(providerId: \"{jane}\", {backwards}) {{ startsAt }}"), "INVALID_INPUT", "to", Value::Null),
            (format!("availableSlots(providerId: \"x\", {window}, durationMinutes: 4) {{ startsAt }}"), "INVALID_INPUT", "durationMinutes", Value::Null),
            ("firstAvailable(after: \"2027-01-11T00:00:00Z\") { startsAt }".to_owned(), "INVALID_INPUT", "state", Value::Null),
            ("firstAvailable(after: \"2027-01-11T00:00:00Z\", state: \"CT\") { startsAt }".to_owned(), "INVALID_INPUT", "insurance", Value::Null),
            ("firstAvailable(after: \"2027-01-11T00:00:00Z\", durationMinutes: 4, providerId: \"x\") { startsAt }".to_owned(), "INVALID_INPUT", "durationMinutes", Value::Null),
            ("firstAvailable(after: \"2027-01-11T00:00:00Z\", providerId: \"x\") { startsAt }".to_owned(), "NOT_FOUND", "providerId", Value::Null),
        ] {
            let answer = app.graphql(&format!("{{ bad: {field} good: providers {{ totalCount }} }}"), json!({})).await;
            assert_eq!(answer["data"], json!({ "bad": null, "good": { "totalCount": 3 } }), "{field}: {answer}");
            let (said, named, suggestions) = only_error(&answer, "bad");
            assert_eq!((said.as_str(), &named), (code, &json!(argument)), "{field}");
            assert_eq!(suggestions[0], suggestion, "{field}");
        }
    }
}

on_both_engines! {
    async fn a_search_for_whom_nobody_may_treat_says_so(engine) {
        let app = TestApp::spawn(engine).await;
        let jane = app.provider_id("Dr. Jane Doe").await;
        let after = "after: \"2027-01-11T00:00:00Z\"";
        for (arguments, code) in [
            ("state: \"CT\", insurance: \"Humana\"".to_owned(), "NO_MATCHING_PROVIDER"),
            (format!("state: \"NY\", insurance: \"Aetna\", providerId: \"{jane}\""), "PROVIDER_NOT_ELIGIBLE"),
        ] {
            let answer = app.graphql(&format!("{{ firstAvailable({after}, {arguments}) {{ startsAt }} }}"), json!({})).await;
            assert_eq!(answer["data"], json!({ "firstAvailable": null }));
            assert_eq!(only_error(&answer, "firstAvailable").0, code);
        }
    }
}

on_both_engines! {
    async fn an_id_of_nothing_is_null_and_no_error(engine) {
        let app = TestApp::spawn(engine).await;
        let query = "query ($id: ID!) { provider(id: $id) { id } appointment(id: $id) { id } patient(id: $id) { id } node(id: $id) { id } }";
        let unknown = "00000000000000000000000000";
        for id in ["", "x", "prv_", "apt_x", "7", &format!("prv_{unknown}"), &format!("apt_{unknown}"), &format!("pat_{unknown}")] {
            let answer = app.graphql(query, json!({ "id": id })).await;
            assert_eq!(answer, json!({ "data": { "provider": null, "appointment": null, "patient": null, "node": null } }), "{id}");
        }
    }
}

on_both_engines! {
    async fn what_is_asked_of_nothing_is_not_found(engine) {
        let app = TestApp::spawn(engine).await;
        let mutation = "mutation ($id: ID!) {
            cancelAppointment(input: { id: $id }) { appointment { id } error { code message } }
            rescheduleAppointment(input: { id: $id, startsAt: \"2027-01-12T15:00:00Z\" }) { appointment { id } error { code message } } }";
        let error = json!({ "code": "NOT_FOUND", "message": "There is no appointment with this id" });
        for id in ["apt_00000000000000000000000000", "apt_x", "7", ""] {
            let answer = app.graphql(mutation, json!({ "id": id })).await;
            let payload = json!({ "appointment": null, "error": error });
            assert_eq!(answer, json!({ "data": { "cancelAppointment": payload, "rescheduleAppointment": payload } }));
        }
    }
}

on_both_engines! {
    async fn an_input_of_the_wrong_shape_books_nothing(engine) {
        let app = TestApp::spawn(engine).await;
        let mutation = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { appointment { id } } }";
        let mut unknown = john();
        unknown["telephone"] = json!("555");
        for input in [
            json!({ "patient": 5 }),
            json!({ "patient": { "name": "John" } }),
            json!({ "patient": unknown }),
            json!({ "patient": john(), "startsAt": "tomorrow" }),
            json!({ "patient": john(), "durationMinutes": "30" }),
        ] {
            let answer = app.graphql(mutation, json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{input}: {answer}");
            assert!(answer["data"].is_null(), "{answer}");
            assert!(!answer.to_string().contains("john@example.com"), "{answer}");
        }
        assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
    }
}

on_both_engines! {
    async fn one_mutation_that_fails_leaves_the_others_of_its_document(engine) {
        let app = TestApp::spawn(engine).await;
        let mutation = "mutation ($a: BookAppointmentInput!, $b: BookAppointmentInput!) {
            a: bookAppointment(input: $a) { appointment { id } error { code } }
            b: bookAppointment(input: $b) { appointment { startsAt } error { code } } }";
        let bad = json!({ "patient": patient(1, "CT", "Humana") });
        let good = json!({ "patient": patient(2, "CT", "Aetna") });
        let answer = app.graphql(mutation, json!({ "a": bad, "b": good })).await;
        assert_eq!(answer, json!({ "data": {
            "a": { "appointment": null, "error": { "code": "NO_MATCHING_PROVIDER" } },
            "b": { "appointment": { "startsAt": "2027-01-11T14:00:00Z" }, "error": null } } }));
    }
}

on_both_engines! {
    async fn the_key_is_named_as_this_door_spells_it(engine) {
        let app = TestApp::spawn(engine).await;
        for key in ["", "with a space", "k\u{e9}y", &"k".repeat(256)] {
            let payload = book_by_graphql(&app, json!({ "patient": john(), "idempotencyKey": key })).await;
            assert_eq!(payload["error"]["code"], "INVALID_INPUT");
            assert_eq!(payload["error"]["violations"][0]["field"], "idempotencyKey");
        }
    }
}

on_both_engines! {
    async fn of_two_bad_arguments_of_a_list_what_is_not_acceptable_is_said_first(engine) {
        let app = TestApp::spawn(engine).await;
        let query = r#"{ providers(state: "Atlantis", insurance: "None", first: 101) { totalCount } }"#;
        let answer = app.graphql(query, json!({})).await;
        assert_eq!(answer["data"], json!({ "providers": null }));
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["field"]), (&json!("INVALID_INPUT"), &json!("first")));
    }
}
