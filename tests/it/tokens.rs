//! Which routes ask for a token, and which of the tokens opens them.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Engine, TestApp, john};

const TOKEN: &str = "a-token-for-tests-only";
const METRICS_TOKEN: &str = "another-one-for-scrapers";
/// What a browser sends when somebody types an address.
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

async fn with_settings(settings: &[(&str, &str)]) -> TestApp {
    let builder = TestApp::builder(Engine::Sqlite);
    let builder = settings.iter().fold(builder, |one, (name, value)| one.setting(name, value));
    builder.spawn().await
}

async fn send(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app.request(method, path);
    let request = headers.iter().fold(request, |one, (name, value)| one.header(*name, *value));
    TestApp::send(request).await
}

#[tokio::test]
async fn everything_but_health_and_the_pages_wants_the_token() {
    let app = with_settings(&[("API_TOKEN", TOKEN)]).await;
    let bearer = format!("Bearer {TOKEN}");
    let routes = [
        (Method::GET, "/graphql"),
        (Method::GET, "/graphql?query=%7B__typename%7D"),
        (Method::POST, "/graphql"),
        (Method::POST, "/appointment"),
        (Method::GET, "/appointment/x"),
        (Method::POST, "/appointment/x/cancel"),
        (Method::POST, "/appointment/x/reschedule"),
        (Method::GET, "/appointments"),
        (Method::GET, "/appointments/first-available"),
        (Method::GET, "/metrics"),
        (Method::GET, "/nowhere"),
    ];
    for (method, path) in routes {
        for given in [
            None,
            Some("Bearer wrong-token-here-0"),
            Some("Basic abc"),
            Some(TOKEN),
            Some("Bearer "),
        ] {
            let headers: Vec<_> = given.map(|given| ("authorization", given)).into_iter().collect();
            let answer = send(&app, method.clone(), path, &headers).await;
            assert_eq!(answer.problem(), (401, "UNAUTHENTICATED".to_owned()), "{path} {given:?}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert!(!answer.text.contains(TOKEN));
        }
        let known = send(&app, method, path, &[("authorization", &bearer)]).await;
        assert_ne!(known.status, 401, "{path}");
    }
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    let body = json!({ "patient": john() });
    let request = app.request(Method::POST, "/appointment").json(&body).bearer_auth(TOKEN);
    let booked = TestApp::send(request).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    // A browser asks before it knows the token.
    let preflight = [("origin", "http://a.example"), ("access-control-request-method", "POST")];
    assert_eq!(send(&app, Method::OPTIONS, "/graphql", &preflight).await.status, 200);
}

#[tokio::test]
async fn a_page_opens_without_a_token_and_is_the_same_as_with_it() {
    let app = with_settings(&[("API_TOKEN", TOKEN), ("METRICS_TOKEN", METRICS_TOKEN)]).await;
    let bearer = format!("Bearer {TOKEN}");
    let page = app.request(Method::GET, "/graphql").header(BROWSER.0, BROWSER.1);
    let page = TestApp::send(page).await.text;
    let assets: Vec<String> = page
        .split('"')
        .filter(|text| text.starts_with("assets/graphiql/"))
        .map(|text| format!("/{text}"))
        .collect();
    let pages = [
        "/",
        "/desk",
        "/desk/mail",
        "/graphql",
        "/graphql?operationName=x",
        "/docs",
        "/docs/",
        "/openapi.json",
    ];
    let pages: Vec<&str> = pages
        .into_iter()
        .chain(["/docs/swagger-ui-bundle.js", "/assets/pages/docs.js"])
        .chain(assets.iter().map(String::as_str))
        .collect();
    assert!(pages.len() > 8, "GraphiQL loads nothing: {pages:?}");
    for path in pages {
        let open = send(&app, Method::GET, path, &[BROWSER]).await;
        assert_eq!(open.status, 200, "{path}: {open:?}");
        assert!(!open.text.contains(TOKEN) && !open.text.contains(METRICS_TOKEN), "{path}");
        let known = send(&app, Method::GET, path, &[BROWSER, ("authorization", &bearer)]).await;
        assert_eq!(open.text, known.text, "{path}");
        let head = send(&app, Method::HEAD, path, &[BROWSER]).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
    }
    assert!(page.starts_with("<!doctype html>"), "{page:.100}");
}

#[tokio::test]
async fn no_page_lets_a_request_of_graphql_past_the_token() {
    let app = with_settings(&[("API_TOKEN", TOKEN)]).await;
    let query = "query=%7Bpatients%7BtotalCount%7D%7D";
    let hash = "extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D";
    for (method, path) in [
        (Method::GET, format!("/graphql?{query}")),
        (Method::HEAD, format!("/graphql?{query}")),
        (Method::GET, format!("/graphql?{hash}")),
        (Method::GET, format!("/graphql?operationName=x&{query}")),
        (Method::GET, format!("/graphql?%71uery={}", &query[6..])),
        (Method::GET, "/graphql?query=%".to_owned()),
        (Method::POST, "/graphql".to_owned()),
        (Method::PUT, "/graphql".to_owned()),
    ] {
        let answer = send(&app, method.clone(), &path, &[BROWSER]).await;
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
        assert!(!answer.text.contains("totalCount"));
    }
}

#[tokio::test]
async fn the_token_of_the_metrics_opens_them_and_nothing_else() {
    let app = with_settings(&[("API_TOKEN", TOKEN), ("METRICS_TOKEN", METRICS_TOKEN)]).await;
    let status = async |path: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        send(&app, Method::GET, path, &[("authorization", &bearer)]).await.status.as_u16()
    };
    assert_eq!(status("/metrics", METRICS_TOKEN).await, 200);
    assert_eq!(status("/metrics", TOKEN).await, 200);
    assert_eq!(status("/metrics", "neither-of-both-tokens").await, 401);
    assert_eq!(app.get("/metrics").await.problem(), (401, "UNAUTHENTICATED".to_owned()));
    for path in ["/appointments/first-available", "/graphql?query=%7B__typename%7D", "/nowhere"] {
        assert_eq!(status(path, METRICS_TOKEN).await, 401, "{path}");
    }
}

#[tokio::test]
async fn metrics_with_a_token_of_their_own_are_closed_where_all_else_is_open() {
    let app = with_settings(&[("METRICS_TOKEN", METRICS_TOKEN)]).await;
    assert_eq!(app.get("/metrics").await.problem(), (401, "UNAUTHENTICATED".to_owned()));
    let bearer = format!("Bearer {METRICS_TOKEN}");
    let known = send(&app, Method::GET, "/metrics", &[("authorization", &bearer)]).await;
    assert_eq!(known.status, 200);
    assert_eq!(app.book(&json!({ "patient": john() })).await.status, 201);
}
