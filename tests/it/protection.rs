//! What every answer says to browsers and to whatever stands between.

use reqwest::{Method, RequestBuilder};

use crate::support::{Answer, Engine, TestApp, john, stream};

const TOKEN: &str = "a-token-for-tests-only";
/// What holds nobody and may be kept.
const PAGES: [&str; 8] =
    ["/", "/desk", "/desk/mail", "/docs", "/docs/", "/docs/{file}", "/openapi.json", "/assets/"];

fn assert_protected(answer: &Answer, may_be_kept: bool, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}: {answer:?}");
    assert!(["no-referrer", "same-origin"].contains(&answer.header("referrer-policy")), "{what}");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.contains("default-src") && policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    if !may_be_kept {
        assert_eq!(answer.header("cache-control"), "private, no-store", "{what}: {answer:?}");
    }
}

/// Every route as the table of contents has it.
fn routes() -> Vec<String> {
    let contents = include_str!("../../src/http/router.rs");
    let routes = contents.split(".route(\"").skip(1);
    routes.map(|route| route.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_of_any_route_may_be_kept_guessed_at_or_framed() {
    let app = TestApp::builder(Engine::Sqlite).setting("API_TOKEN", TOKEN).spawn().await;
    let request = app.request(Method::POST, "/appointment").bearer_auth(TOKEN);
    let booked = TestApp::send(request.json(&serde_json::json!({ "patient": john() }))).await;
    assert_eq!(booked.status, 201, "{booked:?}");
    let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
    let routes = routes();
    assert!(routes.len() > 18, "{routes:?}");
    let (mut read, mut asked) = (0, 0);
    for route in routes.iter().map(String::as_str).chain(["/nowhere"]) {
        let is_page = PAGES.iter().any(|page| route == *page || route.starts_with("/assets/"));
        let path = route
            .replace("{id}", &id)
            .replace("{file}", "swagger-ui.css")
            .replace("{*path}", "docs.js");
        for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            for token in [None, Some(TOKEN), Some("wrong-token-0123")] {
                for accept in ["application/json", "text/csv", "text/html", "text/event-stream"] {
                    let request = app.request(method.clone(), &path).header("accept", accept);
                    let request = token.iter().fold(request, RequestBuilder::bearer_auth);
                    let answer = TestApp::send(request).await;
                    let page = is_page || (route == "/graphql" && accept == "text/html");
                    let may_be_kept = page && answer.status == 200;
                    assert_protected(
                        &answer,
                        may_be_kept,
                        &format!("{method} {path} {token:?} {accept}"),
                    );
                    (read, asked) = (read + usize::from(answer.status == 200), asked + 1);
                }
            }
        }
    }
    assert!(read > 60 && asked > 800, "{read} of {asked}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graphql_and_its_streams_are_kept_by_nobody() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let query = "{ patients { nodes { name } } }";
    for accept in ["application/json", "application/graphql-response+json", "text/event-stream"] {
        let answer = stream(&app, accept, query).await;
        assert_eq!(answer.headers()["cache-control"], "private, no-store", "{accept}");
    }
    let answer = app.get("/graphql?query=%7Bpatients%7Bnodes%7Bname%7D%7D%7D").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "private, no-store")
    );
    // Behind a path of a proxy's, and at a name that is none of ours.
    let app = TestApp::builder(Engine::Sqlite)
        .setting("PUBLIC_URL", "https://clinic.example/booking")
        .setting("ACCESS", "open");
    let app = app.spawn().await;
    for (host, path) in [
        ("clinic.example", "/booking/patients"),
        ("evil.example", "/patients"),
        ("clinic.example", "/booking"),
    ] {
        let answer = TestApp::send(app.request(Method::GET, path).header("host", host)).await;
        assert_protected(&answer, answer.header("content-type").starts_with("text/html"), path);
    }
}
