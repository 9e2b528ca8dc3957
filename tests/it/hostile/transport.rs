//! Hostile requests around a body: methods, media types, origins.

use reqwest::Method;
use serde_json::json;

use super::case::{Case, EVIL, NEWER};

const BAD: (u16, &str) = (400, "BAD_REQUEST");
const UNTYPED: (u16, &str) = (415, "UNSUPPORTED_MEDIA_TYPE");
const NOT_ALLOWED: (u16, &str) = (405, "METHOD_NOT_ALLOWED");
const FOREIGN: (u16, &str) = (403, "FORBIDDEN_ORIGIN");
const OK: (u16, &str) = (200, "");

const BOOK: &str = "mutation M { bookAppointment(input: { patient: { name: \"Eve\", email: \"eve@example.com\", state: \"CT\", insurance: \"Aetna\" } }) { appointment { id } } }";

pub(super) fn cases() -> Vec<Case> {
    [methods(), media_types(), origins()].into_iter().flatten().collect()
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
            "an operationName of 60 KB",
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
