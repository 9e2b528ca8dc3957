//! What the specification says of a document holds, whichever way it comes: equal fields are one,
//! conditions count with their defaults, and what is wrong is found before anything runs.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Engine, TestApp, WebSocketClient, john, on_both_engines, patient};

/// The ways in that run mutations.
const DOORS: [Door; 4] = [Door::Post, Door::EventStream, Door::WebSocket, Door::Hash];

#[derive(Debug, Clone, Copy)]
enum Door {
    Post,
    EventStream,
    WebSocket,
    /// By POST, the document and its hash.
    Hash,
}

/// What one operation is answered; `data` is missing where it was refused.
async fn send(app: &TestApp, door: Door, query: &str, variables: &Value) -> Value {
    let request = json!({ "query": query, "variables": variables });
    match door {
        Door::Post => post(app, "application/graphql-response+json", &request).await,
        Door::EventStream => post(app, "text/event-stream", &request).await,
        Door::WebSocket => {
            let mut client = WebSocketClient::open(app).await;
            client.say(&json!({ "type": "connection_init" })).await;
            client.hear().await.unwrap();
            client.say(&json!({ "type": "subscribe", "id": "1", "payload": request })).await;
            let message = client.hear().await.unwrap();
            let payload = message["payload"].clone();
            if message["type"] == "error" { json!({ "errors": payload }) } else { payload }
        }
        Door::Hash => {
            let digest = Sha256::digest(query.as_bytes());
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
            let accept = "application/graphql-response+json";
            let request =
                json!({ "query": query, "variables": variables, "extensions": extensions });
            post(app, accept, &request).await
        }
    }
}

async fn post(app: &TestApp, accept: &str, request: &Value) -> Value {
    let post = app.request(Method::POST, "/graphql").header("accept", accept).json(request);
    let answer = TestApp::send(post).await;
    let text = answer.text.split_once("data: ").map_or(&*answer.text, |(_, event)| event);
    serde_json::from_str(text.lines().next().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

async fn appointments(app: &TestApp) -> i64 {
    app.database.number("SELECT COUNT(*) FROM appointment").await
}

/// Refused before anything ran: no `data`, and the code of a document that does not fit.
fn assert_refused(answer: &Value, what: &str) {
    assert!(answer.get("data").is_none(), "{what}: {answer}");
    let errors = answer["errors"].as_array().unwrap();
    for error in errors {
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{what}: {answer}");
        assert!(error.get("path").is_none(), "{what}: {answer}");
    }
}

on_both_engines! {
    async fn a_mutation_that_stands_there_many_times_books_once_and_answers_all_that_was_asked(engine) {
        let app = TestApp::spawn(engine).await;
        for (number, document) in [
            "mutation($i: BookAppointmentInput!) { bookAppointment(input: $i) { appointment { id } } ...F }
             fragment F on Mutation { bookAppointment(input: $i) { error { code } } }",
            "mutation($i: BookAppointmentInput!) { bookAppointment(input: $i) { appointment { id } }
                bookAppointment(input: $i) { error { code } } }",
            "mutation($i: BookAppointmentInput!) { ... { bookAppointment(input: $i) { appointment { id } } }
                ... on Mutation @include(if: true) { bookAppointment(input: $i) { error { code } } ...F ...F } }
             fragment F on Mutation { bookAppointment(input: $i) { error { code } } }",
        ].into_iter().enumerate() {
            for (nth, door) in DOORS.into_iter().enumerate() {
                let before = appointments(&app).await;
                let input = json!({ "i": { "patient": patient(number * 10 + nth, "CT", "Aetna") } });
                let answer = send(&app, door, document, &input).await;
                let payload = answer["data"]["bookAppointment"].clone();
                assert!(payload["appointment"]["id"].is_string(), "{door:?} {document} {answer}");
                assert_eq!(payload.get("error"), Some(&Value::Null), "{door:?} {document} {answer}");
                assert_eq!(appointments(&app).await, before + 1, "{door:?} {document}");
            }
        }
    }
}

on_both_engines! {
    async fn a_field_that_stands_there_twice_tells_its_error_once(engine) {
        let app = TestApp::spawn(engine).await;
        let twice = r#"{ providers(state: "Atlantis") { totalCount } ... { providers(state: "Atlantis") { nodes { id } } } }"#;
        let answer = app.graphql(twice, json!({})).await;
        assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
        assert_eq!(answer["data"], json!({ "providers": null }));
    }
}

on_both_engines! {
    async fn a_default_of_a_variable_counts_in_a_condition(engine) {
        let app = TestApp::spawn(engine).await;
        let input = json!({ "patient": john() });
        for door in DOORS {
            for document in [
                "mutation($i: BookAppointmentInput!, $dry: Boolean! = true) {
                    bookAppointment(input: $i) @skip(if: $dry) { appointment { id } } }",
                "mutation($i: BookAppointmentInput!, $go: Boolean = false) {
                    bookAppointment(input: $i) @include(if: $go) { appointment { id } } }",
                "mutation($i: BookAppointmentInput!, $go: Boolean! = false) {
                    ... @include(if: $go) { bookAppointment(input: $i) { appointment { id } } } }",
                "mutation($i: BookAppointmentInput!, $dry: Boolean! = true) { ...F @skip(if: $dry) }
                 fragment F on Mutation { bookAppointment(input: $i) { appointment { id } } }",
            ] {
                let answer = send(&app, door, document, &json!({ "i": input })).await;
                assert_eq!(answer, json!({ "data": {} }), "{door:?} {document}");
            }
        }
        assert_eq!(appointments(&app).await, 0);
        let shown = "query($x: Boolean = true) { __typename providers(first: 1) @include(if: $x) { totalCount } }";
        let answer = app.graphql(shown, json!({})).await;
        assert_eq!(answer["data"], json!({ "__typename": "Query", "providers": { "totalCount": 3 } }));
        let hidden = app.graphql(shown, json!({ "x": false })).await;
        assert_eq!(hidden["data"], json!({ "__typename": "Query" }));
    }
}

on_both_engines! {
    async fn what_is_malformed_is_found_before_anything_beside_it_runs(engine) {
        let app = TestApp::spawn(engine).await;
        let booked = app.graphql(
            "mutation($i: BookAppointmentInput!) { bookAppointment(input: $i) { appointment { id } } }",
            json!({ "i": { "patient": john() } })).await;
        let id = booked["data"]["bookAppointment"]["appointment"]["id"].as_str().unwrap();
        let declared = |malformed: &str, variables: &str| format!(
            "mutation({variables}) {{ a: cancelAppointment(input: {{ id: $id }}) {{ appointment {{ status }} }} b: {malformed} }}");
        let moved = |input: &str| format!("rescheduleAppointment(input: {input}) {{ error {{ code }} }}");
        let id_only = "$id: ID!";
        let cases = [
            (declared(&moved("{ id: $id, startsAt: \"tomorrow\" }"), id_only), json!({})),
            (declared(&moved("{ id: $id, startsAt: \"2027-02-30T10:00:00Z\" }"), id_only), json!({})),
            (declared(&moved("{ id: $id, startsAt: 7 }"), id_only), json!({})),
            (declared(&moved("{ id: $id }"), id_only), json!({})),
            (declared(&moved("{ id: $id, startsAt: \"2027-01-12T15:00:00Z\", id: $id }"), id_only), json!({})),
            (declared(&moved("{ id: $id, startsAt: \"2027-01-12T15:00:00Z\", durationMinutes: 2147483648 }"), id_only), json!({})),
            (declared(&moved("{ id: [$id], startsAt: \"2027-01-12T15:00:00Z\" }"), id_only), json!({})),
            (declared("bookAppointment(input: 5) { error { code } }", id_only), json!({})),
            (declared("bookAppointment(input: { patient: { name: null } }) { error { code } }", id_only), json!({})),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime!"), json!({ "at": "tomorrow" })),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime!"), json!({ "at": "2027-01-12T15:00:00" })),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime!"), json!({ "at": 7 })),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime!"), json!({ "at": null })),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime = \"2027-01-12T15:00:00Z\""), json!({ "at": null })),
            (declared(&moved("{ id: $id, startsAt: $at }"), "$id: ID!, $at: DateTime = \"tomorrow\""), json!({})),
            (declared(&moved("{ id: $ids, startsAt: \"2027-01-12T15:00:00Z\" }"), "$id: ID!, $ids: [ID!]!"), json!({ "ids": [id] })),
            (declared("bookAppointment(input: $in) { error { code } }", "$id: ID!, $in: BookAppointmentInput!"), json!({ "in": { "patient": { "name": 1 } } })),
            (declared("bookAppointment(input: $in) { error { code } }", "$id: ID!, $in: BookAppointmentInput!"), json!({ "in": { "patient": john(), "startsat": "2027-01-12T15:00:00Z" } })),
            (declared("bookAppointment(input: $in) { error { code } }", "$id: ID!, $in: BookAppointmentInput!"), json!({ "in": { "patient": john(), "startsAt": "soon" } })),
            (declared("bookAppointment(input: $in) @include(if: $if) { error { code } }", "$id: ID!, $in: BookAppointmentInput!, $if: Boolean = true"), json!({ "in": { "patient": john() }, "if": null })),
        ];
        for (document, mut variables) in cases {
            variables["id"] = json!(id);
            for door in DOORS {
                let answer = send(&app, door, &document, &variables).await;
                assert_refused(&answer, &format!("{door:?} {document} {variables}"));
                assert!(!answer.to_string().contains("john@example.com"), "{answer}");
            }
        }
        let untouched = "SELECT COUNT(*) FROM appointment WHERE status = 'CONFIRMED'";
        assert_eq!((app.database.number(untouched).await, appointments(&app).await), (1, 1));
    }
}

on_both_engines! {
    async fn a_value_that_is_well_formed_and_will_not_do_stays_with_its_field(engine) {
        let app = TestApp::spawn(engine).await;
        let document = r#"mutation($i: BookAppointmentInput!) {
            a: bookAppointment(input: $i) { appointment { status } }
            b: cancelAppointment(input: { id: "apt_x" }) { error { code } }
            c: bookAppointment(input: { patient: { name: "A", email: "a@example.com", state: "CT", insurance: "Aetna" },
                providerId: "prv_x" }) { error { code } } }"#;
        let answer = app.graphql(document, json!({ "i": { "patient": john() } })).await;
        assert_eq!(answer, json!({ "data": {
            "a": { "appointment": { "status": "CONFIRMED" } },
            "b": { "error": { "code": "NOT_FOUND" } },
            "c": { "error": { "code": "NOT_FOUND" } } } }));
    }
}

on_both_engines! {
    async fn a_variable_that_is_left_out_leaves_its_argument_out(engine) {
        let app = TestApp::spawn(engine).await;
        let window = r#"from: "2027-01-11T00:00:00Z", to: "2027-01-12T00:00:00Z""#;
        for (document, expected) in [
            ("query($f: Int) { providers(first: $f) { totalCount } }".to_owned(), json!({ "providers": { "totalCount": 3 } })),
            ("query($s: String, $a: String) { patients(search: $s, after: $a) { totalCount } }".to_owned(), json!({ "patients": { "totalCount": 0 } })),
            (format!("query($s: AppointmentStatus) {{ appointments({window}, status: [$s]) {{ totalCount }} }}"), Value::Null),
            (format!("query($s: [AppointmentStatus!] = CONFIRMED) {{ appointments({window}, status: $s) {{ totalCount }} }}"), json!({ "appointments": { "totalCount": 0 } })),
            (format!("query($d: Int) {{ appointments({window}, first: $d) {{ totalCount }} }}"), json!({ "appointments": { "totalCount": 0 } })),
        ] {
            let answer = app.graphql(&document, json!({})).await;
            if expected.is_null() {
                assert_refused(&answer, &document);
            } else {
                assert_eq!(answer, json!({ "data": expected }), "{document}");
            }
        }
    }
}

#[tokio::test]
async fn the_name_of_a_type_is_a_field_like_any_other() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let used =
        "query($b: Boolean!) { providers(first: 1) { __typename @include(if: $b) totalCount } }";
    let answer = app.graphql(used, json!({ "b": true })).await;
    let page = json!({ "__typename": "ProviderConnection", "totalCount": 3 });
    assert_eq!(answer["data"], json!({ "providers": page }));
    for document in [
        "{ __typename(nope: 1) }",
        "{ __typename { name } }",
        "{ __typename @nope }",
        "query($b: Boolean) { __typename @include(if: $b) }",
        "query($b: Boolean!) { __typename }",
        "subscription { __typename }",
    ] {
        let answer = send(&app, Door::Post, document, &json!({ "b": true })).await;
        assert_refused(&answer, document);
    }
}

#[tokio::test]
async fn an_answer_has_its_names_in_the_order_of_the_document_whatever_its_fragments() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let id = app.provider_id("Dr. Jane Doe").await;
    let document = "query($id: ID!) { node(id: $id) {
        ... on Patient { email } ... on Provider { name } id ...P ... on Provider { zone: timeZone name } __typename } }
        fragment P on Node { ... on Provider { credentials id } }";
    let body = json!({ "query": document, "variables": { "id": id } });
    let answer = app.post("/graphql", &body).await;
    let expected = format!(
        r#"{{"data":{{"node":{{"name":"Dr. Jane Doe","id":"{id}","credentials":"MD","zone":"America/New_York","__typename":"Provider"}}}}}}"#
    );
    assert_eq!(answer.text, expected);
}

#[tokio::test]
async fn the_root_field_of_a_subscription_may_stand_in_several_fragments() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    assert_eq!(app.book(&crate::support::with_jane(1, "2027-01-11T15:00:00Z")).await.status, 201);
    let document = "subscription($after: String) { ...A ...B }
        fragment A on Subscription { appointmentChanged(after: $after) { kind } }
        fragment B on Subscription { appointmentChanged(after: $after) { cursor } }";
    let mut client = WebSocketClient::open(&app).await;
    client.say(&json!({ "type": "connection_init" })).await;
    client.hear().await.unwrap();
    let payload = json!({ "query": document, "variables": { "after": crate::support::BEGINNING } });
    client.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    let message = client.hear().await.unwrap();
    assert_eq!(message["payload"]["data"]["appointmentChanged"]["kind"], "BOOKED", "{message}");
    assert!(message["payload"]["data"]["appointmentChanged"]["cursor"].is_string(), "{message}");
    for many in [
        "subscription { appointmentChanged { kind } b: appointmentChanged { kind } }",
        "subscription { appointmentChanged { kind } ... { b: appointmentChanged { kind } } }",
    ] {
        let answer = send(&app, Door::WebSocket, many, &json!({})).await;
        assert_refused(&answer, many);
        assert!(answer.to_string().contains("one root field"), "{answer}");
    }
}

#[tokio::test]
async fn the_operation_that_is_meant_has_to_be_there() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let two = "query a { __typename } query b { a: __typename }";
    for (document, name, expected) in [
        (two, Some("b"), Some(json!({ "a": "Query" }))),
        (two, None, None),
        (two, Some("c"), None),
        (two, Some(""), None),
        ("{ __typename }", Some("a"), None),
        ("query a { __typename }", None, Some(json!({ "__typename": "Query" }))),
        ("query a { __typename }", Some("a"), Some(json!({ "__typename": "Query" }))),
    ] {
        let request = json!({ "query": document, "operationName": name });
        let answer = post(&app, "application/graphql-response+json", &request).await;
        match expected {
            Some(data) => assert_eq!(answer, json!({ "data": data }), "{document} {name:?}"),
            None => assert_refused(&answer, &format!("{document} {name:?}")),
        }
    }
}

#[tokio::test]
async fn a_name_that_is_unknown_is_told_what_may_have_been_meant_by_who_may_introspect() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let silent =
        TestApp::builder(Engine::Sqlite).setting("GRAPHQL_MAX_INTROSPECTION", "0").spawn().await;
    for (document, variables, meant) in [
        ("{ providers { nodes { nme } } }", json!({}), "name"),
        ("{ providers(frist: 1) { totalCount } }", json!({}), "first"),
        ("{ node(id: 1) { ... on Provder { id } } }", json!({}), "Provider"),
        ("query($id: IDD!) { node(id: $id) { id } }", json!({}), "ID"),
        (
            "{ patients { nodes { appointments(status: [CONFIRMD]) { totalCount } } } }",
            json!({}),
            "CONFIRMED",
        ),
        (
            "mutation { cancelAppointment(input: { id: 1, reson: \"x\" }) { error { code } } }",
            json!({}),
            "reason",
        ),
        (
            "mutation($i: CancelAppointmentInput!) { cancelAppointment(input: $i) { error { code } } }",
            json!({ "i": { "id": 1, "reson": "x" } }),
            "reason",
        ),
    ] {
        for (app, told) in [(&app, true), (&silent, false)] {
            let answer = send(app, Door::Post, document, &variables).await;
            assert_refused(&answer, document);
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(!message.contains('`'), "{message}");
            assert_eq!(message.contains("did you mean"), told, "{message}");
            assert_eq!(message.contains(&format!("\"{meant}\"")), told, "{message}");
        }
    }
}
