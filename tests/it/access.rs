//! Where access is open, and to whom.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    API_TOKEN, Engine, ServerProcess, TestApp, TestDatabase, capture, comes_true, john, logged,
};

/// What proxies add.
const OF_PROXIES: [(&str, &str); 6] = [
    ("forwarded", "for=203.0.113.9"),
    ("via", "1.1 proxy"),
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-host", "clinic.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-anything", "x"),
];

async fn status(app: &TestApp, header: (&str, &str), path: &str) -> (u16, String) {
    let answer = TestApp::send(app.request(Method::GET, path).header(header.0, header.1)).await;
    (answer.status.as_u16(), answer.text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_through_a_proxy_is_refused_where_access_is_open_to_the_machine_alone() {
    capture();
    let app = TestApp::spawn(Engine::Sqlite).await;
    for header in OF_PROXIES {
        for path in ["/providers", "/graphql?query=%7B__typename%7D", "/", "/graphql/ws"] {
            let (status, text) = status(&app, header, path).await;
            assert!(
                status == 403 && text.contains("FORBIDDEN"),
                "{header:?} {path}: {status} {text}"
            );
        }
        assert_eq!(status(&app, header, "/healthz").await.0, 200);
    }
    let body = json!({ "patient": john() });
    let request = app.request(Method::POST, "/appointment").header("via", "1.1 proxy").json(&body);
    assert_eq!(TestApp::send(request).await.problem(), (403, "FORBIDDEN".to_owned()));
    assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
    let log = logged();
    assert!(log.contains("Set ACCESS=closed") && !log.contains("203.0.113.9"), "{log:.2000}");
    // Somebody has written down that it is meant, or who comes in is known.
    for setting in [("ACCESS", "open"), ("API_TOKEN", API_TOKEN)] {
        let app = TestApp::builder(Engine::Sqlite).setting(setting.0, setting.1).spawn().await;
        let request = app.request(Method::GET, "/providers").header("via", "1.1 proxy");
        assert_eq!(TestApp::send(request.bearer_auth(API_TOKEN)).await.status, 200, "{setting:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_access_is_closed_pages_open_and_nothing_else_does() {
    let app = TestApp::builder(Engine::Sqlite).setting("ACCESS", "closed").spawn().await;
    for path in [
        "/",
        "/desk",
        "/desk/mail",
        "/docs",
        "/openapi.json",
        "/sign-in",
        "/sign-in/password",
        "/healthz",
        "/readyz",
    ] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    for path in
        ["/providers", "/session", "/graphql?query=%7B__typename%7D", "/metrics", "/nowhere"]
    {
        let answer = app.get(path).await;
        assert_eq!(answer.problem(), (401, "UNAUTHENTICATED".to_owned()), "{path}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // No token of the settings is any token.
    for token in ["", "x", "clt_", "cls_", "null"] {
        let request = app.request(Method::GET, "/providers").bearer_auth(token);
        assert_eq!(TestApp::send(request).await.status, 401, "{token:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_says_at_its_start_who_may_come_in() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let open = ServerProcess::start(&database, &[]).await;
    assert!(
        open.banner.contains("Access       open: everybody on this machine is ADMIN"),
        "{}",
        open.banner
    );
    drop(open);
    let log = database.folder.path().join("log");
    let settings = [("ACCESS", "open"), ("PUBLIC_URL", "https://clinic.example")];
    let warned = ServerProcess::start_logging(&database, &settings, &log).await;
    assert!(warned.banner.contains("everybody who can call is ADMIN"), "{}", warned.banner);
    let told = "ACCESS=open: whoever can reach this server";
    assert!(comes_true(async || std::fs::read_to_string(&log).unwrap().contains(told)).await);
}
