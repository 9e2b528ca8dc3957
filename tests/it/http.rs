//! HTTP itself: who may call, from which page, and what the answers look like.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Engine, TestApp, john, on_both_engines};

const DASHBOARD: &str = "https://desk.example.com";
const NEWER: &str = "application/graphql-response+json";
const BOOK_JOHN: &str = "mutation { bookAppointment(input: { patient: {
    name: \"John Doe\", email: \"john@example.com\", state: \"CT\", insurance: \"Aetna\" } }) { appointment { id } } }";

async fn on_sqlite(setting: &str, value: &str) -> TestApp {
    TestApp::builder(Engine::Sqlite).setting(setting, value).spawn().await
}

async fn send(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    TestApp::send(request).await
}

/// `POST` of a JSON body with those headers.
async fn post(app: &TestApp, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request(Method::POST, path).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    TestApp::send(request).await
}

fn query(text: &str) -> Value {
    json!({ "query": text })
}

async fn appointments(app: &TestApp) -> i64 {
    app.database.number("SELECT count(*) FROM appointment").await
}

#[tokio::test]
async fn a_page_of_another_origin_can_not_post() {
    let app = on_sqlite("CORS_ORIGINS", DASHBOARD).await;
    let own = app.url.clone();
    let other_port = "http://127.0.0.1:1";
    for (headers, allowed) in [
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example.com")], false),
        (vec![("sec-fetch-site", "same-origin"), ("origin", "https://evil.example.com")], false),
        (vec![("origin", "null")], false),
        (vec![("origin", "https://desk.example.com.evil.example.com")], false),
        (vec![("origin", "http://desk.example.com")], false),
        (vec![("origin", other_port)], false),
        (vec![], true),
        (vec![("origin", own.as_str()), ("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("origin", DASHBOARD)], true),
        // What a browser sends for a dashboard that is allowed.
        (vec![("origin", DASHBOARD), ("sec-fetch-site", "cross-site")], true),
    ] {
        for path in ["/appointment", "/graphql"] {
            let answer = post(&app, path, &json!({}), &headers).await;
            if allowed {
                assert_ne!(answer.status, 403, "{path} {headers:?}");
            } else {
                assert_eq!(
                    answer.problem(),
                    (403, "FORBIDDEN_ORIGIN".to_owned()),
                    "{path} {headers:?}"
                );
            }
        }
        let cancel = post(&app, "/appointment/x/cancel", &json!({}), &headers).await;
        assert_eq!(cancel.status == 403, !allowed, "{headers:?}");
    }
    let foreign = [("origin", "https://evil.example.com"), ("sec-fetch-site", "cross-site")];
    assert_eq!(
        post(&app, "/appointment", &json!({ "patient": john() }), &foreign).await.status,
        403
    );
    assert_eq!(post(&app, "/graphql", &query(BOOK_JOHN), &foreign).await.status, 403);
    assert_eq!(appointments(&app).await, 0);
    // Reading is the browser's to forbid: no header says that the page may see the answer.
    let read = send(&app, Method::GET, "/healthz", &foreign).await;
    assert_eq!((read.status.as_u16(), read.header("access-control-allow-origin")), (200, ""));
}

#[tokio::test]
async fn a_preflight_is_answered_for_the_dashboards_only() {
    let app = on_sqlite("CORS_ORIGINS", DASHBOARD).await;
    for path in ["/graphql", "/appointment", "/appointment/x/cancel"] {
        let ask = |origin: &'static str| {
            vec![
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "authorization,content-type,idempotency-key"),
            ]
        };
        let allowed = send(&app, Method::OPTIONS, path, &ask(DASHBOARD)).await;
        assert!(allowed.status.is_success(), "{allowed:?}");
        assert_eq!(allowed.header("access-control-allow-origin"), DASHBOARD);
        assert!(allowed.header("access-control-allow-methods").contains("POST"));
        for name in ["authorization", "content-type", "idempotency-key"] {
            assert!(allowed.header("access-control-allow-headers").contains(name), "{allowed:?}");
        }
        let foreign = send(&app, Method::OPTIONS, path, &ask("https://evil.example.com")).await;
        assert_eq!(foreign.header("access-control-allow-origin"), "", "{foreign:?}");
    }
    let answer = post(&app, "/graphql", &query("{ __typename }"), &[("origin", DASHBOARD)]).await;
    assert_eq!(answer.header("access-control-allow-origin"), DASHBOARD);
    assert!(answer.header("access-control-expose-headers").contains("idempotency-replayed"));
}

#[tokio::test]
async fn a_browser_gets_a_page_that_needs_no_other_host() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let browser = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    for path in ["/graphql", "/"] {
        let page = send(&app, Method::GET, path, &browser).await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        for attribute in ["src=\"", "href=\""] {
            for address in page.text.split(attribute).skip(1) {
                assert!(
                    !address.starts_with("http") && !address.starts_with("//"),
                    "{path}: {address:.60}"
                );
            }
        }
    }
    assert!(send(&app, Method::GET, "/graphql", &browser).await.header("vary").contains("accept"));
}

#[tokio::test]
async fn get_serves_queries_and_never_mutations() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let get = async |parameters: &[(&str, &str)], accept: &str| {
        let encoded = serde_urlencoded::to_string(parameters).unwrap();
        send(&app, Method::GET, &format!("/graphql?{encoded}"), &[("accept", accept)]).await
    };
    let asked = [
        ("query", "query($state: String) { providers(state: $state) { totalCount } }"),
        ("variables", "{\"state\":\"CT\"}"),
    ];
    for accept in [NEWER, "application/json", "*/*", "text/html"] {
        let answer = get(&asked, accept).await;
        if accept == "text/html" {
            assert_eq!(answer.problem(), (406, "NOT_ACCEPTABLE".to_owned()));
        } else {
            assert_eq!(answer.status, 200);
            assert_eq!(answer.json(), json!({ "data": { "providers": { "totalCount": 1 } } }));
        }
    }
    let named = "query read { __typename } mutation write { cancelAppointment(input: { id: \"x\" }) { error { code } } }";
    assert_eq!(get(&[("query", named), ("operationName", "read")], NEWER).await.status, 200);
    let one_with_a_name = BOOK_JOHN.replace("mutation {", "mutation Write {");
    for parameters in [
        vec![("query", BOOK_JOHN)],
        vec![("query", one_with_a_name.as_str())],
        vec![("query", named), ("operationName", "write")],
    ] {
        for accept in [NEWER, "application/json"] {
            let answer = get(&parameters, accept).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
            assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "METHOD_NOT_ALLOWED");
        }
    }
    assert_eq!(appointments(&app).await, 0);
    for parameters in [vec![], vec![("query", "{ __typename }"), ("variables", "{")]] {
        let answer = get(&parameters, NEWER).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    }
}

#[tokio::test]
async fn the_media_type_of_graphql_is_the_one_asked_for() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (accept, expected) in [
        (NEWER, NEWER),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("application/json, application/graphql-response+json;q=0.9", "application/json"),
        ("application/json;q=0.5, application/graphql-response+json", NEWER),
        ("text/html, application/graphql-response+json; charset=utf-8", NEWER),
    ] {
        let answer = post(&app, "/graphql", &query("{ __typename }"), &[("accept", accept)]).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.header("content-type"), format!("{expected}; charset=utf-8"), "{accept}");
    }
    for accept in ["text/html", "application/xml", "application/json;q=0", ""] {
        let answer = post(&app, "/graphql", &query("{ __typename }"), &[("accept", accept)]).await;
        assert_eq!(answer.problem(), (406, "NOT_ACCEPTABLE".to_owned()), "{accept}");
    }
}

on_both_engines! {
    async fn keys_stand_in_the_order_of_the_query(engine) {
        let app = TestApp::spawn(engine).await;
        let answer = post(&app, "/graphql",
            &query("{ z: __typename providers(first: 1) { totalCount nodes { timeZone __typename } } a: __typename }"), &[]).await;
        assert_eq!(answer.text, "{\"data\":{\"z\":\"Query\",\"providers\":{\"totalCount\":3,\"nodes\":[{\"timeZone\":\"America/New_York\",\
            \"__typename\":\"Provider\"}]},\"a\":\"Query\"}}");
    }
}

on_both_engines! {
    async fn a_server_whose_schema_lacks_a_migration_is_not_ready(engine) {
        let app = TestApp::spawn(engine).await;
        assert_eq!(app.get("/readyz").await.json()["status"], "ready");
        app.database.execute("DELETE FROM seaql_migrations WHERE version LIKE '%idempotency_key'").await.unwrap();
        let unready = app.get("/readyz").await;
        assert_eq!(unready.problem(), (503, "UNAVAILABLE".to_owned()));
        assert_eq!(unready.header("retry-after"), "1");
        assert_eq!(app.get("/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn the_rest_routes_are_described_in_openapi() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let document = app.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    for (path, method) in [
        ("/appointment", "post"),
        ("/appointment/{id}", "get"),
        ("/appointment/{id}/cancel", "post"),
        ("/appointment/{id}/reschedule", "post"),
        ("/appointments", "get"),
        ("/appointments/first-available", "get"),
    ] {
        let responses = &document["paths"][path][method]["responses"];
        assert!(
            responses["503"]["content"]["application/problem+json"].is_object(),
            "{path}: {responses}"
        );
    }
    // Cancelling takes a body or none at all, but no `null`.
    let cancel = &document["paths"]["/appointment/{id}/cancel"]["post"]["requestBody"];
    assert_eq!(cancel["required"], false);
    let schema = json!({ "$ref": "#/components/schemas/CancelAppointmentBody" });
    assert_eq!(cancel["content"]["application/json"]["schema"], schema);
}

#[tokio::test]
async fn what_leads_nowhere_is_a_problem_with_a_request_id() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (method, path, status, code) in [
        (Method::GET, "/nowhere", 404, "NOT_FOUND"),
        (Method::POST, "/nowhere", 404, "NOT_FOUND"),
        (Method::GET, "/appointment/", 404, "NOT_FOUND"),
        (Method::GET, "/assets/graphiql/nothing.js", 404, "NOT_FOUND"),
        (Method::GET, "/appointment", 405, "METHOD_NOT_ALLOWED"),
        (Method::DELETE, "/appointment/x", 405, "METHOD_NOT_ALLOWED"),
        (Method::GET, "/appointment/x/cancel", 405, "METHOD_NOT_ALLOWED"),
        (Method::PUT, "/graphql", 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/appointments", 405, "METHOD_NOT_ALLOWED"),
        (Method::POST, "/healthz", 405, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = send(&app, method.clone(), path, &[]).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{method} {path}");
        assert_eq!(answer.header("x-request-id").len(), 32);
        assert_eq!(
            status == 405,
            !answer.header("allow").is_empty(),
            "{method} {path}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn each_answer_names_its_request() {
    let app = on_sqlite("CORS_ORIGINS", DASHBOARD).await;
    let mut ids = std::collections::BTreeSet::new();
    for path in [
        "/",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/graphql",
        "/appointments",
        "/nowhere",
    ] {
        ids.insert(app.get(path).await.header("x-request-id").to_owned());
    }
    ids.insert(app.book(&json!({ "patient": john() })).await.header("x-request-id").to_owned());
    let preflight = [("origin", DASHBOARD), ("access-control-request-method", "POST")];
    ids.insert(
        send(&app, Method::OPTIONS, "/graphql", &preflight).await.header("x-request-id").to_owned(),
    );
    assert_eq!((ids.len(), ids.contains("")), (10, false));
}
