//! What a query may cost, by the formula and the examples of `docs/graphql.md`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Engine, RosterBuilder, TestApp, WebSocketClient, john, on_both_engines};

/// A field that costs more than is served, and with the others as much more as they cost.
const DEAR_FIELD: (&str, usize) = (
    "dear: appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 100) {
        nodes { patient { appointments(first: 100) { nodes { id } } } } }",
    10_501,
);

/// The cost, as the refusal says it of something dear beside.
async fn assert_cost(app: &TestApp, fields: &str, cost: usize) {
    let (dear, more) = DEAR_FIELD;
    let answer = app.graphql(&format!("{{ {fields} {dear} }}"), json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "QUERY_TOO_COMPLEX", "{fields}: {answer}");
    let said = error["message"].as_str().unwrap();
    let expected = format!("The operation costs {}: at most 5000 is served", cost + more);
    assert!(said.starts_with(&expected), "{fields}: {said}, not {cost}");
}

/// The dashboard of 50 providers with free times up to that day of January.
fn dashboard(until: u8) -> String {
    format!(
        "providers(first: 50) {{ nodes {{
            states insurances workingHours {{ weekday opensAt closesAt }}
            appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 5) {{
                nodes {{ patient {{ name }} }} }}
            firstAvailable {{ startsAt }}
            availableSlots(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-{until}T00:00:00Z\") {{ startsAt endsAt }}
        }} }}"
    )
}

on_both_engines! {
    async fn queries_cost_what_the_documentation_says(engine) {
        let app = TestApp::spawn(engine).await;
        assert_cost(&app, "providers { nodes { name states } }", 4).await;
        assert_cost(&app, "patients(first: 50) { totalCount nodes { name } }", 57).await;
        let nested = "patients(first: 50) { nodes { name appointments(first: 5) { nodes { startsAt provider { name } } } } }";
        assert_cost(&app, nested, 387).await;
        assert_cost(&app, &dashboard(12), 1609).await;
        assert_cost(&app, &dashboard(18), 2869).await;
        let id = app.provider_id("Dr. Jane Doe").await;
        let slots = format!(
            "availableSlots(providerId: \"{id}\", from: \"2027-01-11T00:00:00Z\", to: \"2027-02-10T00:00:00Z\") {{ startsAt }}"
        );
        assert_cost(&app, &slots, 113).await;
        let for_ever = slots.replace("2027-02-10T00:00:00Z", "9999-12-31T23:59:59Z");
        assert_cost(&app, &for_ever, 329).await;
        let of_all = for_ever.replace(&format!("providerId: \"{id}\""), "state: \"CT\", insurance: \"Aetna\"");
        assert_cost(&app, &of_all, 200).await;
        let documented = include_str!("../../docs/graphql.md");
        for figure in ["so 4", "57", "387", "1,609", "2,869", "113", "329", "200", "5,000"] {
            assert!(documented.contains(figure), "{figure} is not in docs/graphql.md");
        }
    }
}

on_both_engines! {
    async fn a_full_dashboard_of_fifty_providers_and_a_week_fits_the_limit(engine) {
        let app = TestApp::builder(engine).roster(RosterBuilder::alike(50)).spawn().await;
        let fuller = dashboard(18)
            .replace("nodes { states", "nodes { id name timeZone states")
            .replace("nodes { patient { name } }", "nodes { id startsAt endsAt status patient { id name } }");
        let answer = app.graphql(&format!("{{ {fuller} }}"), json!({})).await;
        let nodes = answer["data"]["providers"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(nodes.len(), 50);
        assert_eq!(nodes[0]["availableSlots"].as_array().unwrap().len(), 5 * 31);
    }
}

#[tokio::test]
async fn what_costs_exactly_the_limit_is_served() {
    let app = frugal(Engine::Sqlite).await;
    let page = |size| format!("{{ patients(first: {size}) {{ totalCount nodes {{ id name }} }} }}");
    let answer = app.graphql(&page(90), json!({})).await;
    assert!(answer["errors"].is_null(), "1 + 5 + 90 × 1.04 are 99.6: {answer}");
    says_that_it_costs(&app.graphql(&page(91), json!({})).await["errors"][0], 101);
}

on_both_engines! {
    async fn an_empty_page_is_not_free_for_what_it_counts(engine) {
        let app = TestApp::spawn(engine).await;
        assert_cost(&app, "providers(first: 100) { nodes { a: appointments(from: \"2027-01-11T00:00:00Z\",
            to: \"2027-01-18T00:00:00Z\", first: 0) { totalCount } } }", 611).await;
    }
}

/// A server that answers what costs 100 at most.
async fn frugal(engine: Engine) -> TestApp {
    TestApp::builder(engine).setting("GRAPHQL_MAX_COST", "100").spawn().await
}

fn says_that_it_costs(error: &Value, cost: usize) {
    let message = format!(
        "The operation costs {cost}: at most 100 is served (GRAPHQL_MAX_COST). \
         Ask for shorter pages, or for less of each item"
    );
    let refusal = json!({ "message": message, "extensions": { "code": "QUERY_TOO_COMPLEX" } });
    assert_eq!(*error, refusal);
}

/// What is too dear because of a variable.
const DEAR: &str = "query Cheap { __typename }
    query Dear($n: Int!) { patients(first: $n) { nodes { id name } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_says_the_cost_whichever_way_the_operation_came() {
    let app = frugal(Engine::Sqlite).await;
    let request = |n| json!({ "query": DEAR, "operationName": "Dear", "variables": { "n": n } });
    let send = async |accept: &str| {
        let post = app.request(Method::POST, "/graphql").header("accept", accept);
        TestApp::send(post.json(&request(100))).await
    };
    let answer = send("application/graphql-response+json").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json().as_object().unwrap().len(), 1, "{answer:?}");
    says_that_it_costs(&answer.json()["errors"][0], 105);
    let answer = send("application/json").await;
    assert_eq!(answer.status, 200);
    says_that_it_costs(&answer.json()["errors"][0], 105);
    let streamed = send("text/event-stream").await.text;
    let event = streamed.split_once("data: ").unwrap().1.lines().next().unwrap();
    let event: Value = serde_json::from_str(event).unwrap();
    says_that_it_costs(&event["errors"][0], 105);
    let parameters = [("query", DEAR), ("operationName", "Dear"), ("variables", "{\"n\": 99}")];
    let encoded = serde_urlencoded::to_string(parameters).unwrap();
    says_that_it_costs(&app.get(&format!("/graphql?{encoded}")).await.json()["errors"][0], 104);
    let mut client = WebSocketClient::open(&app).await;
    client.say(&json!({ "type": "connection_init" })).await;
    client.hear().await.unwrap();
    let many =
        "appointments(from: \"2027-01-11T00:00:00Z\", to: \"2027-01-18T00:00:00Z\", first: 100)";
    let subscription = format!(
        "subscription {{ appointmentChanged {{ appointment {{ provider {{ {many} {{ nodes {{ id }} }} }} }} }} }}"
    );
    for (payload, cost) in [(request(100), 105), (json!({ "query": subscription }), 106)] {
        client.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
        let message = client.hear().await.unwrap();
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")), "{message}");
        says_that_it_costs(&message["payload"][0], cost);
    }
    assert!(app.post("/graphql", &request(1)).await.json()["errors"].is_null());
}

#[tokio::test]
async fn what_is_not_valid_is_said_rather_than_what_it_costs() {
    let app = frugal(Engine::Sqlite).await;
    let answer = app.graphql("{ patients(first: 100) { nodes { id nme } } }", json!({})).await;
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{answer}");
    assert!(errors[0]["message"].as_str().unwrap().contains("\"nme\""), "{answer}");
    assert_eq!(errors[0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(errors[0]["locations"][0]["line"], 1, "{answer}");
}

on_both_engines! {
    async fn a_mutation_that_costs_too_much_is_not_run(engine) {
        let app = frugal(engine).await;
        let dear = "mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) {
            appointment { provider { appointments(from: \"2027-01-11T00:00:00Z\",
                to: \"2027-01-18T00:00:00Z\", first: 100) { nodes { id startsAt } } } } } }";
        let answer = app.graphql(dear, json!({ "input": { "patient": john() } })).await;
        says_that_it_costs(&answer["errors"][0], 158);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM appointment").await, 0);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM patient").await, 0);
    }
}
