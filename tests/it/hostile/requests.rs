//! Hostile requests around a document: methods, media types, bodies, parameters, origins.

use reqwest::Method;
use serde_json::{Value, json};

use super::case::{Case, EVIL, NEWER};

const BAD: (u16, &str) = (400, "BAD_REQUEST");
const UNTYPED: (u16, &str) = (415, "UNSUPPORTED_MEDIA_TYPE");
const NOT_ALLOWED: (u16, &str) = (405, "METHOD_NOT_ALLOWED");
const FOREIGN: (u16, &str) = (403, "FORBIDDEN_ORIGIN");
const UNKNOWN: (u16, &str) = (400, "PERSISTED_QUERY_NOT_FOUND");
const OK: (u16, &str) = (200, "");
const BOOK: &str = "mutation M { bookAppointment(input: { patient: { name: \"Eve\", email: \"eve@example.com\", state: \"CT\", insurance: \"Aetna\" } }) { appointment { id } } }";

pub(super) fn cases() -> Vec<Case> {
    [methods(), media_types(), bodies(), parameters(), persisted(), origins(), bookings()]
        .into_iter()
        .flatten()
        .collect()
}

fn methods() -> Vec<Case> {
    let mut cases: Vec<Case> = ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY", "X"]
        .into_iter()
        .map(|name| {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            Case::http(format!("{name} /graphql"), method, "/graphql", NOT_ALLOWED)
        })
        .collect();
    let unnamed = BOOK.replace("mutation M", "mutation");
    let two = format!("query Q {{ __typename }} {BOOK}");
    let subscription = "subscription { appointmentChanged { kind } }";
    cases.extend([
        Case::got("GET of a mutation", &[("query", &unnamed)], NOT_ALLOWED),
        Case::got("GET of a mutation with a name", &[("query", BOOK)], NOT_ALLOWED),
        Case::got(
            "GET of the mutation that is named",
            &[("query", &two), ("operationName", "M")],
            NOT_ALLOWED,
        ),
        Case::got(
            "GET of one of two, nobody says which",
            &[("query", &two)],
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
        Case::got("GET of a subscription", &[("query", subscription)], NOT_ALLOWED),
        Case::got("GET of a mutation in a page", &[("query", BOOK)], (406, "NOT_ACCEPTABLE"))
            .accepting("text/html"),
        Case::got("GET of nothing", &[], BAD),
        Case::got(
            "GET of a parameter twice",
            &[("query", "{ __typename }"), ("query", BOOK)],
            NOT_ALLOWED,
        ),
        Case::got(
            "GET with variables that are no JSON",
            &[("query", "{ __typename }"), ("variables", "{")],
            BAD,
        ),
        Case::got(
            "GET with variables nested deep",
            &[("query", "{ __typename }"), ("variables", &"[".repeat(5000))],
            BAD,
        ),
        Case::got(
            "GET with extensions that are a number",
            &[("query", "{ __typename }"), ("extensions", "1")],
            BAD,
        ),
        Case::got(
            "GET of a bomb of brackets",
            &[("query", &"[".repeat(15_000))],
            (400, "QUERY_TOO_COMPLEX"),
        ),
        Case::http("GET with a broken escape", Method::GET, "/graphql?query=%7", BAD)
            .header("accept", NEWER),
        Case::http("GET of what is no UTF-8", Method::GET, "/graphql?query=%ff%fe", BAD)
            .header("accept", NEWER),
        Case::http("HEAD", Method::HEAD, "/graphql", (400, "")).header("accept", NEWER),
        Case::http("OPTIONS", Method::OPTIONS, "/graphql", OK),
        Case::document(
            "POST of a subscription",
            subscription,
            &json!({}),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
        Case::posted("POST of the mutation in the query string", "", BAD)
            .at("/graphql?query=mutation%7Ba%7D"),
        Case::document("an operation that is not there", "query a { __typename }", &json!({}), OK),
        Case::posted(
            "an operation of another name",
            json!({ "query": "query a { __typename }", "operationName": "b" }).to_string(),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
        Case::posted(
            "a name for what has none",
            json!({ "query": "{ __typename }", "operationName": "b" }).to_string(),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
        Case::posted(
            "a name of 60 KB",
            json!({ "query": "{ __typename }", "operationName": "b".repeat(60_000) }).to_string(),
            (400, "GRAPHQL_VALIDATION_FAILED"),
        ),
    ]);
    cases
}

fn media_types() -> Vec<Case> {
    let body = json!({ "query": "{ __typename }" }).to_string();
    let typed = |content_type: &str, expected| {
        let shown: String = content_type.chars().take(50).collect();
        Case::http(format!("Content-Type: {shown}"), Method::POST, "/graphql", expected)
            .header("content-type", content_type)
            .body(body.clone())
    };
    let long = format!("application/json; a={}", "x".repeat(5000));
    let mut cases: Vec<Case> = [
        "text/plain",
        "text/plain; charset=utf-8",
        "text/json",
        "application/graphql",
        "application/graphql+json",
        "application/graphql-response+json",
        "application/jsonp",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/mixed; boundary=x",
        "application/octet-stream",
        "application/xml",
        "*/*",
        "json",
        ";",
        "text/plain; application/json",
        "text/plain, application/json",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset=",
    ]
    .into_iter()
    .map(|content_type| typed(content_type, UNTYPED))
    .collect();
    for content_type in [
        "application/json;charset=utf-8",
        "Application/JSON; Charset=\"UTF-8\"",
        "application/json ; x=y",
        "application/json;",
        &long,
    ] {
        cases.push(typed(content_type, OK));
    }
    cases.push(Case::http("no Content-Type", Method::POST, "/graphql", UNTYPED).body(body.clone()));
    cases.push(Case::http("an empty POST", Method::POST, "/graphql", UNTYPED));
    let file = "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\": \"mutation ($f: Upload!) { a(f: $f) }\", \"variables\": {\"f\": null}}\r\n--x\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\": [\"variables.f\"]}\r\n--x\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\nA\r\n--x--\r\n";
    cases.push(typed("multipart/form-data; boundary=\"x\"", UNTYPED).body(file).named("an upload"));
    for (accept, expected) in [
        ("text/html", (406, "NOT_ACCEPTABLE")),
        ("image/png", (406, "NOT_ACCEPTABLE")),
        ("application/json;q=0", (406, "NOT_ACCEPTABLE")),
        ("application/json;q=NaN", (406, "NOT_ACCEPTABLE")),
        ("application/json;q=-1", (406, "NOT_ACCEPTABLE")),
        ("////;;;,,,", (406, "NOT_ACCEPTABLE")),
        ("", (406, "NOT_ACCEPTABLE")),
        ("*/*;q=0.001", OK),
        ("application/json;q=inf", OK),
        ("text/html, application/json;q=0.1", OK),
    ] {
        cases.push(
            typed("application/json", expected)
                .named(&format!("Accept: {accept}"))
                .accepting(accept),
        );
    }
    let flood = "text/html,".repeat(3000);
    cases.push(
        typed("application/json", (406, "NOT_ACCEPTABLE"))
            .named("3000 media types")
            .accepting(&flood),
    );
    cases.push(
        typed("application/json", (406, "NOT_ACCEPTABLE"))
            .named("Accept of other bytes")
            .header("accept", b"\xff\xfe"),
    );
    cases
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
        ("a byte order mark", [b"\xef\xbb\xbf", document("").as_bytes()].concat()),
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
            document(&format!(", \"variables\": {{{}\"x\": 1}}", entries)),
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

/// What a page of another site can make a browser send.
fn origins() -> Vec<Case> {
    let body = json!({ "query": BOOK }).to_string();
    let rest = json!({ "patient": { "name": "Eve", "email": "eve@example.com", "state": "CT", "insurance": "Aetna" } }).to_string();
    let mut cases = Vec::new();
    for (path, body) in [("/graphql", &body), ("/appointment", &rest)] {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json",
        ] {
            let post = |name: &str, expected| {
                Case::http(
                    format!("{name}: {content_type} to {path}"),
                    Method::POST,
                    path,
                    expected,
                )
                .header("content-type", content_type)
                .body(body.clone())
            };
            cases.push(
                post("from another site", FOREIGN)
                    .header("origin", EVIL)
                    .header("sec-fetch-site", "cross-site"),
            );
            cases.push(post("from nowhere", FOREIGN).header("origin", "null"));
            cases.push(post("without an origin", FOREIGN).header("sec-fetch-site", "cross-site"));
            if content_type != "application/json" {
                cases.push(post("as a simple request", UNTYPED));
            }
        }
    }
    let image = Case::got("an image of another site", &[("query", BOOK)], NOT_ALLOWED);
    cases.push(image.header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "image"));
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
        ("a state of 60 KB", with("state", json!("x".repeat(60_000))), (200, "UNKNOWN_STATE")),
        (
            "a payer of 60 KB",
            with("insurance", json!("x".repeat(60_000))),
            (200, "UNKNOWN_INSURANCE"),
        ),
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
            and("startsAt", json!("9999-12-31T23:59:00Z")),
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
