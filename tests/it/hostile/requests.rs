//! Hostile requests around a document: bodies, parameters, hashes, bookings.

use serde_json::{Value, json};

use super::case::Case;

const BAD: (u16, &str) = (400, "BAD_REQUEST");
const UNKNOWN: (u16, &str) = (400, "PERSISTED_QUERY_NOT_FOUND");
const OK: (u16, &str) = (200, "");

const BOOK: &str = "mutation M { bookAppointment(input: { patient: { name: \"Eve\", email: \"eve@example.com\", state: \"CT\", insurance: \"Aetna\" } }) { appointment { id } } }";

pub(super) fn cases() -> Vec<Case> {
    [bodies(), parameters(), persisted(), bookings()].into_iter().flatten().collect()
}

fn bodies() -> Vec<Case> {
    let utf16: Vec<u8> =
        "{\"query\":\"{ a }\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let document = |rest: &str| format!("{{\"query\": \"{{ __typename }}\"{rest}}}");
    let deep = |depth: usize| {
        document(&format!(", \"variables\": {{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth)))
    };
    let entries: String = (0..4000).map(|n| format!("\"v{n}\": {n},")).collect();
    let mut cases: Vec<Case> = [
        ("nothing", Vec::new()),
        ("a blank", b" ".to_vec()),
        ("a brace", b"{".to_vec()),
        ("a list", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"1".to_vec()),
        ("a string", b"\"{ __typename }\"".to_vec()),
        ("a document that is not JSON", b"{ __typename }".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("a cut body", b"{\"query\": \"{ __type".to_vec()),
        ("something after the end", (document("") + " x").into_bytes()),
        ("two bodies", document("").repeat(2).into_bytes()),
        ("a comment", (document("") + "// x").into_bytes()),
        ("a trailing comma", document(",").into_bytes()),
        ("single quotes", b"{'query': '{ __typename }'}".to_vec()),
        ("NaN", document(", \"variables\": {\"a\": NaN}").into_bytes()),
        ("a number beyond all", document(", \"variables\": {\"a\": 1e999}").into_bytes()),
        (
            "a number of 50000 digits",
            document(&format!(", \"variables\": {{\"a\": {}}}", "9".repeat(50_000))).into_bytes(),
        ),
        ("two byte order marks", [b"\xef\xbb\xbf\xef\xbb\xbf", document("").as_bytes()].concat()),
        ("UTF-16", utf16),
        ("no UTF-8", b"{\"query\": \"{ \xff\xfe }\"}".to_vec()),
        ("an overlong form", b"{\"query\": \"\xc0\xaf\"}".to_vec()),
        ("half of a surrogate pair", b"{\"query\": \"\\ud800\"}".to_vec()),
        ("a raw control character", b"{\"query\": \"{\n__typename }\"}".to_vec()),
        ("a NUL", b"{\"query\": \"{ a }\"}\0".to_vec()),
        ("200 lists", deep(200).into_bytes()),
        ("30000 lists", deep(30_000).into_bytes()),
        ("60000 brackets", "[".repeat(60_000).into_bytes()),
        ("60000 braces", "{\"a\":".repeat(12_000).into_bytes()),
        ("a batch of one", format!("[{}]", document("")).into_bytes()),
        (
            "a batch of a thousand",
            format!("[{}{}]", (document("") + ",").repeat(1000), document("")).into_bytes(),
        ),
        ("a form", b"query=%7B__typename%7D".to_vec()),
        ("XML", b"<query>{ __typename }</query>".to_vec()),
        ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec()),
    ]
    .into_iter()
    .map(|(what, body)| Case::posted(format!("body: {what}"), body, BAD))
    .collect();
    cases.extend([
        Case::posted("body: 65537 bytes", " ".repeat(65_537), (413, "PAYLOAD_TOO_LARGE")),
        Case::posted("body: a megabyte", "x".repeat(1_000_000), (413, "PAYLOAD_TOO_LARGE")),
        Case::posted("body: 100 lists", deep(100), (400, "QUERY_TOO_COMPLEX")),
        Case::posted(
            "body: a query twice, the last is it",
            document(&format!(", \"query\": {}", json!("{ nothing }"))),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
        Case::posted(
            "body: 4000 variables that nobody asked for",
            document(&format!(", \"variables\": {{{entries}\"x\": 1}}")),
            OK,
        ),
        Case::posted(
            "body: a variable 4000 times",
            document(&format!(", \"variables\": {{{}\"x\": 1}}", "\"x\": 1,".repeat(4000))),
            OK,
        ),
        Case::posted(
            "body: keys that nobody knows",
            document(", \"__proto__\": {}, \"constructor\": 1, \"\": null"),
            OK,
        ),
    ]);
    cases
}

/// Each key of a request with values of each wrong type, and variables that don't fit.
fn parameters() -> Vec<Case> {
    let mut cases = Vec::new();
    for (key, right) in [
        ("query", "string"),
        ("operationName", "string"),
        ("variables", "object"),
        ("extensions", "object"),
    ] {
        for (kind, value) in [
            ("number", json!(1)),
            ("boolean", json!(true)),
            ("list", json!([])),
            ("string", json!("x")),
            ("object", json!({})),
        ] {
            if kind != right {
                let mut body = json!({ "query": "{ __typename }" });
                body[key] = value;
                cases.push(Case::posted(format!("{key} is a {kind}"), body.to_string(), BAD));
            }
        }
    }
    cases.push(Case::posted("query is null", json!({ "query": null }).to_string(), BAD));
    let query = "query($state: String, $first: Int!, $status: [AppointmentStatus!]) { providers(state: $state, first: $first) { totalCount } appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-01-02T00:00:00Z\", status: $status) { totalCount } }";
    let invalid = (400, "GRAPHQL_VALIDATION_FAILED");
    for (what, variables, expected) in [
        ("none", json!({}), invalid),
        ("a null that may not be", json!({ "first": null }), invalid),
        ("a string for a number", json!({ "first": "1" }), invalid),
        ("an object for a string", json!({ "first": 1, "state": { "a": 1 } }), invalid),
        ("a fraction", json!({ "first": 1.5 }), invalid),
        ("a number beyond 32 bits", json!({ "first": 4_294_967_296_u64 }), invalid),
        ("a number beyond 63 bits", json!({ "first": u64::MAX }), invalid),
        ("an enum that is none", json!({ "first": 1, "status": ["GONE"] }), invalid),
        ("5000 enums that are none", json!({ "first": 1, "status": vec!["X"; 5000] }), invalid),
        ("3000 enums", json!({ "first": 1, "status": vec!["PENDING"; 3000] }), OK),
        (
            "a string of 60 KB",
            json!({ "first": 1, "state": "x".repeat(60_000) }),
            (200, "UNKNOWN_STATE"),
        ),
    ] {
        cases.push(Case::document(format!("variables: {what}"), query, &variables, expected));
    }
    cases
}

fn persisted() -> Vec<Case> {
    let unknown = "a".repeat(64);
    let mut cases: Vec<Case> = [
        ("a string", json!("x")),
        ("a list", json!([])),
        ("empty", json!({})),
        ("without a version", json!({ "sha256Hash": unknown })),
        ("version 2", json!({ "version": 2, "sha256Hash": unknown })),
        ("version \"1\"", json!({ "version": "1", "sha256Hash": unknown })),
        ("without a hash", json!({ "version": 1 })),
        ("a short hash", json!({ "version": 1, "sha256Hash": "abc" })),
        ("a hash of 50 KB", json!({ "version": 1, "sha256Hash": "a".repeat(50_000) })),
        ("a hash in upper case", json!({ "version": 1, "sha256Hash": "A".repeat(64) })),
        ("a hash that is a number", json!({ "version": 1, "sha256Hash": 1 })),
        ("a path", json!({ "version": 1, "sha256Hash": "../../../../../../../../etc/passwd" })),
    ]
    .into_iter()
    .map(|(what, persisted)| {
        let body = json!({ "extensions": { "persistedQuery": persisted } });
        Case::posted(format!("persistedQuery: {what}"), body.to_string(), BAD)
    })
    .collect();
    let of = |hash: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
    let unknown = of(&unknown);
    cases.extend([
        Case::posted(
            "persistedQuery: nobody's hash",
            json!({ "extensions": unknown }).to_string(),
            UNKNOWN,
        ),
        Case::posted(
            "persistedQuery: another's hash",
            json!({ "query": BOOK, "extensions": unknown }).to_string(),
            BAD,
        ),
        Case::posted(
            "persistedQuery: an empty query",
            json!({ "query": "", "extensions": unknown }).to_string(),
            UNKNOWN,
        ),
        Case::got("persistedQuery: GET", &[("extensions", &unknown.to_string())], UNKNOWN),
    ]);
    cases
}

/// Bookings that nobody should get.
fn bookings() -> Vec<Case> {
    let mutation = "mutation($input: BookAppointmentInput!) { bookAppointment(input: $input) { appointment { id } error { code } } }";
    let john = || json!({ "name": "John Doe", "email": "john@example.com", "state": "CT", "insurance": "Aetna" });
    let with = |key: &str, value: Value| {
        let mut patient = john();
        patient[key] = value;
        json!({ "patient": patient })
    };
    let and = |key: &str, value: Value| json!({ "patient": john(), key: value });
    let refused = (200, "INVALID_INPUT");
    [
        ("a name of 60 KB", with("name", json!("x".repeat(60_000))), refused),
        ("a name with a NUL", with("name", json!("a\0b")), refused),
        ("a name of blanks", with("name", json!(" \u{a0}\u{2003}")), refused),
        (
            "a name of 15000 combining marks",
            with("name", json!("a".to_owned() + &"\u{301}".repeat(15_000))),
            refused,
        ),
        (
            "a name that grows when normalised",
            with("name", json!("\u{fdfa}".repeat(15_000))),
            refused,
        ),
        ("an e-mail of 60 KB", with("email", json!("x".repeat(60_000) + "@example.com")), refused),
        ("an e-mail with a line break", with("email", json!("a@b.com\r\nBcc: c@d.com")), refused),
        ("an e-mail of at signs", with("email", json!("@".repeat(30_000))), refused),
        ("a state of 60 KB", with("state", json!("x".repeat(60_000))), refused),
        ("a payer of 60 KB", with("insurance", json!("x".repeat(60_000))), refused),
        ("a reason of 60 KB", and("reason", json!("x".repeat(60_000))), refused),
        ("a reason with a NUL", and("reason", json!("\0")), refused),
        ("a visit of no length", and("durationMinutes", json!(0)), refused),
        (
            "a visit of two thousand million minutes",
            and("durationMinutes", json!(i32::MAX)),
            refused,
        ),
        ("a key of 60 KB", and("idempotencyKey", json!("k".repeat(60_000))), refused),
        (
            "a time before all",
            and("startsAt", json!("0001-01-01T00:00:00Z")),
            (200, "TIME_IN_PAST"),
        ),
        (
            "a time after all",
            and("startsAt", json!("9999-12-29T00:00:00Z")),
            (200, "BEYOND_HORIZON"),
        ),
        ("a provider of 60 KB", and("providerId", json!("x".repeat(60_000))), (200, "NOT_FOUND")),
        ("a patient that is a list", json!({ "patient": [] }), (400, "GRAPHQL_VALIDATION_FAILED")),
        (
            "a field that nobody knows",
            and("admin", json!(true)),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
    ]
    .into_iter()
    .map(|(what, input, expected)| {
        Case::document(format!("booking: {what}"), mutation, &json!({ "input": input }), expected)
    })
    .collect()
}
