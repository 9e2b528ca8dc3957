//! Hostile requests for what stays open: operations over `WebSocket`s, server-sent events, multipart.

use reqwest::Method;
use serde_json::{Value, json};

use super::case::{Case, EVIL};
use super::documents::many;
use super::socket::{CLOSE, LAST, PING, frame, text};
use super::websocket::{PONG, REFUSED, closed, last_ping, ready, subscribe};

const COMPLEX: (u16, &str) = (101, "QUERY_TOO_COMPLEX");
const INVALID: (u16, &str) = (101, "GRAPHQL_VALIDATION_FAILED");
const BAD: (u16, &str) = (101, "BAD_REQUEST");
const CLOSED: (u16, &str) = closed(4400);

pub(super) fn cases() -> Vec<Case> {
    [operations(), floods(), streams()].into_iter().flatten().collect()
}

/// An operation over a connection that is ready.
fn operation(name: &str, payload: &Value, expected: (u16, &'static str)) -> Case {
    ready(name, subscribe("1", payload), expected)
}

fn operations() -> Vec<Case> {
    let followed = |n: usize| format!("a{n}: appointmentChanged {{ kind }} ");
    let query =
        |name: &str, query: String, expected| operation(name, &json!({ "query": query }), expected);
    let spreads = |level: usize| {
        format!(
            " fragment f{level} on Appointment {{ provider {{ {} }} }}",
            format!("...f{} ", level + 1).repeat(10)
        )
    };
    let bomb = format!(
        "subscription {{ appointmentChanged {{ appointment {{ ...f0 }} }} }}{} fragment f9 on Appointment {{ id }}",
        many(9, spreads)
    );
    let nested = |depth: usize| format!("{{ a(b: {}1{}) }}", "[".repeat(depth), "]".repeat(depth));
    vec![
        operation("a batch of operations", &json!([{ "query": "{ __typename }" }]), CLOSED),
        operation("an operation that is null", &Value::Null, CLOSED),
        operation("an operation without a query", &json!({}), CLOSED),
        operation("a query that is a number", &json!({ "query": 1 }), CLOSED),
        operation("variables that are a list", &json!({ "query": "{ __typename }", "variables": [] }), CLOSED),
        operation("a hash of another document", &json!({ "query": "{ __typename }", "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "0".repeat(64) } } }), BAD),
        operation("a hash that nobody knows", &json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "0".repeat(64) } } }), (101, "PERSISTED_QUERY_NOT_FOUND")),
        operation("variables of 100 levels", &json!({ "query": "query($v: Int) { a(b: $v) }", "variables": { "v": serde_json::from_str::<Value>(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).unwrap() } }), COMPLEX),
        query("a query of 65 levels", nested(65), COMPLEX),
        query("a query of 30000 levels", nested(30_000), COMPLEX),
        query("brackets that never close", "[".repeat(60_000), COMPLEX),
        query("a name of 60 KB", format!("subscription {{ {} }}", "a".repeat(60_000)), COMPLEX),
        query("no operation", String::new(), (101, "GRAPHQL_PARSE_FAILED")),
        query("half a subscription", "subscription { appointmentChanged {".to_owned(), (101, "GRAPHQL_PARSE_FAILED")),
        query("two subscriptions in one", format!("subscription {{ {} }}", many(2, followed)), INVALID),
        query("50 subscriptions in one", format!("subscription {{ {} }}", many(50, followed)), COMPLEX),
        query("500 subscriptions in one", format!("subscription {{ {} }}", many(500, followed)), COMPLEX),
        query(
            "two subscriptions through a fragment",
            format!("subscription {{ ...f appointmentChanged {{ kind }} }} fragment f on Subscription {{ {} }}", followed(1)),
            INVALID,
        ),
        query("a bomb of fragments", bomb, COMPLEX),
        query("a circle of fragments", "subscription { ...f } fragment f on Subscription { ...f }".to_owned(), INVALID),
        query("60 directives", format!("subscription {{ appointmentChanged {} {{ kind }} }}", "@skip(if: false) ".repeat(60)), COMPLEX),
        query(
            "60 aliases an event",
            format!("subscription {{ appointmentChanged {{ {} }} }}", many(60, |n| format!("a{n}: kind "))),
            COMPLEX,
        ),
        query(
            "a dear event",
            "subscription { appointmentChanged { appointment { patient { appointments(first: 100) { nodes { patient { appointments(first: 100) { nodes { id } } } } } } } } }".to_owned(),
            COMPLEX,
        ),
        query("a field that is not there", "subscription { everything { kind } }".to_owned(), INVALID),
        query("a cursor of 60 KB", format!("subscription {{ appointmentChanged(after: \"{}\") {{ kind }} }}", "e".repeat(60_000)), (101, "INVALID_INPUT")),
        query("a cursor of the future", "subscription { appointmentChanged(after: \"evt_7fffffffffff\") { kind } }".to_owned(), (101, "INVALID_INPUT")),
        query("a cursor that is SQL", "subscription { appointmentChanged(after: \"' OR 1=1 --\") { kind } }".to_owned(), (101, "INVALID_INPUT")),
        query("a state of 60 KB", format!("subscription {{ appointmentChanged(state: \"{}\") {{ kind }} }}", "N".repeat(60_000)), (101, "UNKNOWN_STATE")),
        query("an operation that is not named", "subscription a { appointmentChanged { kind } } subscription b { appointmentChanged { kind } }".to_owned(), INVALID),
        ready("an id of 60 KB", subscribe(&"i".repeat(60_000), &json!({ "query": "{" })), (101, "GRAPHQL_PARSE_FAILED")),
        ready("an id of zeros", subscribe("\u{0}\u{0}", &json!({ "query": "{" })), (101, "GRAPHQL_PARSE_FAILED")),
        ready("an empty id", subscribe("", &json!({ "query": "{ __typename }" })), CLOSED),
    ]
}

fn floods() -> Vec<Case> {
    let follow = json!({ "query": "subscription { appointmentChanged { kind } }" });
    let ids = |count: usize| {
        (0..count).flat_map(|n| subscribe(&n.to_string(), &follow)).collect::<Vec<u8>>()
    };
    let churn: Vec<u8> = (0..100)
        .flat_map(|_| [subscribe("1", &follow), text(r#"{"type":"complete","id":"1"}"#)].concat())
        .collect();
    vec![
        ready("1000 subscriptions", ids(1000), COMPLEX),
        ready("50 subscriptions", [ids(50), last_ping()].concat(), PONG),
        ready("the same id twice", subscribe("1", &follow).repeat(2), closed(4409)),
        ready("the same id 1000 times", subscribe("1", &follow).repeat(1000), closed(4409)),
        ready("100 times on and off", [churn, last_ping()].concat(), PONG),
        ready(
            "1000 completes of nothing",
            [text(r#"{"type":"complete","id":"x"}"#).repeat(1000), last_ping()].concat(),
            PONG,
        ),
        ready("1000 pings", [text(r#"{"type":"ping"}"#).repeat(1000), last_ping()].concat(), PONG),
        ready("1000 pongs", [text(r#"{"type":"pong"}"#).repeat(1000), last_ping()].concat(), PONG),
        ready(
            "1000 pings of the transport",
            [frame(PING, b"").repeat(1000), frame(PING, LAST.as_bytes())].concat(),
            PONG,
        ),
        ready(
            "10 pings of 60 KB",
            [
                text(
                    &json!({ "type": "ping", "payload": { "x": "y".repeat(60_000) } }).to_string(),
                )
                .repeat(10),
                last_ping(),
            ]
            .concat(),
            PONG,
        ),
        ready("hangs up politely", frame(CLOSE, &1000_u16.to_be_bytes()), closed(1000)),
    ]
}

fn streams() -> Vec<Case> {
    let mut cases = Vec::new();
    for accept in ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"] {
        let posted = |name: &str, query: &str, expected| {
            Case::document(format!("{accept}: {name}"), query, &json!({}), expected)
                .accepting(accept)
        };
        let raw = |name: &str, body: String, expected| {
            Case::posted(format!("{accept}: {name}"), body, expected).accepting(accept)
        };
        let followed = |n: usize| format!("a{n}: appointmentChanged {{ kind }} ");
        let usual = json!({ "query": "subscription { appointmentChanged { kind } }" }).to_string();
        cases.extend([
            posted("brackets", &"[".repeat(60_000), (200, "QUERY_TOO_COMPLEX")),
            posted("half a subscription", "subscription {", (200, "GRAPHQL_PARSE_FAILED")),
            posted(
                "two root fields",
                &format!("subscription {{ {} }}", many(2, followed)),
                (200, "GRAPHQL_VALIDATION_FAILED"),
            ),
            posted(
                "500 root fields",
                &format!("subscription {{ {} }}", many(500, followed)),
                (200, "QUERY_TOO_COMPLEX"),
            ),
            posted(
                "a field that is not there",
                "subscription { everything }",
                (200, "GRAPHQL_VALIDATION_FAILED"),
            ),
            posted(
                "a cursor of the future",
                "subscription { appointmentChanged(after: \"evt_7fffffffffff\") { kind } }",
                (200, "INVALID_INPUT"),
            ),
            posted(
                "a state of 60 KB",
                &format!(
                    "subscription {{ appointmentChanged(state: \"{}\") {{ kind }} }}",
                    "N".repeat(60_000)
                ),
                (200, "UNKNOWN_STATE"),
            ),
            raw("a batch", format!("[{usual},{usual}]"), REFUSED),
            raw("JSON without end", "[".repeat(60_000), REFUSED),
            raw("nothing", String::new(), REFUSED),
            raw("too large", " ".repeat(65_537), (413, "PAYLOAD_TOO_LARGE")),
            raw("from another site", usual.clone(), (403, "FORBIDDEN_ORIGIN"))
                .header("origin", EVIL),
            raw("without an origin", usual.clone(), (403, "FORBIDDEN_ORIGIN"))
                .header("sec-fetch-site", "cross-site"),
            Case::http(
                format!("{accept}: as a simple request"),
                Method::POST,
                "/graphql",
                (415, "UNSUPPORTED_MEDIA_TYPE"),
            )
            .header("content-type", "text/plain")
            .header("accept", accept)
            .body(usual.clone()),
            Case::got(
                format!("{accept}: by GET"),
                &[("query", "subscription { appointmentChanged { kind } }")],
                (406, "NOT_ACCEPTABLE"),
            )
            .accepting(accept),
        ]);
    }
    for accept in
        ["multipart/mixed", "multipart/mixed;deferSpec=20220824", "text/event-stream-x", "text/*"]
    {
        let query = "subscription { appointmentChanged { kind } }";
        let name = format!("a stream as {accept}");
        cases.push(
            Case::document(name, query, &json!({}), (406, "NOT_ACCEPTABLE")).accepting(accept),
        );
    }
    cases
}
