//! From which pages browsers may call, what they are told of it, and what the log says.

use reqwest::Method;

use crate::support::{Answer, Engine, TestApp, WebSocketClient, capture, logged};

const FOREIGN: (u16, &str) = (403, "FORBIDDEN_ORIGIN");
const DESK: &str = "https://desk.example.com";

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

/// Whether a page may act, by all that act: both doors and the WebSocket.
async fn may_act(app: &TestApp, host: &str, origin: &str) -> bool {
    let headers = [("host", host), ("origin", origin), ("content-type", "application/json")];
    let mut answers = Vec::new();
    for path in ["/graphql", "/appointment", "/appointment/x/cancel", "/nowhere"] {
        let answer = send(app, Method::POST, path, &headers).await;
        if answer.status == FOREIGN.0 {
            assert_eq!(answer.problem(), (FOREIGN.0, FOREIGN.1.to_owned()), "{origin}");
        }
        answers.push(answer.status != FOREIGN.0);
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        answers.push(send(app, method, "/graphql", &headers).await.status != FOREIGN.0);
    }
    let headers =
        [("host", host), ("origin", origin), ("sec-websocket-protocol", "graphql-transport-ws")];
    answers.push(WebSocketClient::connect(&app.url, &headers).await.is_ok());
    assert!(answers.iter().all(|allowed| *allowed == answers[0]), "{origin} {host}: {answers:?}");
    answers[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_pages_are_those_at_the_host_after_default_ports() {
    let app = with_settings(&[("HOSTS", "clinic.example")]).await;
    for (origin, host, allowed) in [
        ("http://clinic.example", "clinic.example", true),
        ("http://clinic.example", "clinic.example:80", true),
        ("http://CLINIC.example:80", "clinic.example", true),
        ("https://clinic.example", "clinic.example", true),
        ("https://clinic.example", "clinic.example:443", true),
        ("http://clinic.example:8080", "clinic.example:8080", true),
        ("http://localhost:8080", "localhost:8080", true),
        ("http://[::1]:8080", "[::1]:8080", true),
        ("https://clinic.example", "clinic.example:80", false),
        ("http://clinic.example:8080", "clinic.example", false),
        ("http://clinic.example:8080", "clinic.example:8081", false),
        // A proxy that sends its own address on, as nginx does unless it is told otherwise.
        ("https://clinic.example", "127.0.0.1:8080", false),
        ("http://evil.example", "clinic.example", false),
        ("capacitor://clinic.example", "clinic.example", false),
        ("null", "clinic.example", false),
        ("http://clinic.example/", "clinic.example", false),
        ("clinic.example", "clinic.example", false),
        ("", "clinic.example", false),
        ("http://clinic.example, http://evil.example", "clinic.example", false),
    ] {
        assert_eq!(may_act(&app, host, origin).await, allowed, "{origin} at {host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_pages_are_those_at_public_url_where_it_is_set() {
    let app =
        with_settings(&[("PUBLIC_URL", "https://clinic.example/booking"), ("ACCESS", "open")])
            .await;
    for (origin, host, allowed) in [
        ("https://clinic.example", "127.0.0.1:8080", true),
        ("https://clinic.example", "clinic.example", true),
        ("https://clinic.example:443", "clinic.example", true),
        ("http://clinic.example", "clinic.example", false),
        // A page of the reader's own machine, behind a proxy that sends its own address on.
        ("http://127.0.0.1:8080", "127.0.0.1:8080", false),
        ("https://evil.example", "127.0.0.1:8080", false),
    ] {
        assert_eq!(may_act(&app, host, origin).await, allowed, "{origin} at {host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn origins_of_any_scheme_can_be_listed() {
    let listed = "https://Desk.example.com:443/, capacitor://localhost, tauri://localhost, \
                  chrome-extension://abcdefghijklmnop, http://[::1]:3000";
    let app = with_settings(&[("CORS_ORIGINS", listed)]).await;
    let host = app.url.trim_start_matches("http://").to_owned();
    for (origin, allowed) in [
        (DESK, true),
        ("https://desk.example.com:443", true),
        ("capacitor://localhost", true),
        ("tauri://localhost", true),
        ("chrome-extension://abcdefghijklmnop", true),
        ("http://[::1]:3000", true),
        ("http://desk.example.com", false),
        ("https://desk.example.com:444", false),
        ("https://sub.desk.example.com", false),
        ("ionic://localhost", false),
        ("chrome-extension://other", false),
        ("null", false),
    ] {
        assert_eq!(may_act(&app, &host, origin).await, allowed, "{origin}");
        let read = send(&app, Method::GET, "/healthz", &[("origin", origin)]).await;
        let seen = read.header("access-control-allow-origin");
        assert_eq!(seen, if allowed { origin } else { "" });
        assert_eq!(read.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_listed_page_may_send_whatever_it_asks_for_and_browsers_remember_it_for_a_day() {
    let app =
        with_settings(&[("CORS_ORIGINS", DESK), ("API_TOKEN", "a-token-for-tests-only")]).await;
    let headers = [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-match",
        "traceparent",
        "baggage",
        "sentry-trace",
        "apollographql-client-name",
        "apollo-require-preflight",
        "x-clinic-background",
        "x-anything-else",
    ];
    let (name, each) = ("access-control-request-headers", headers.join(","));
    for path in ["/graphql", "/appointment", "/appointment/x/cancel", "/nowhere"] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let asked = [
                ("origin", DESK),
                ("access-control-request-method", method),
                (name, each.as_str()),
                ("access-control-request-private-network", "true"),
            ];
            let answer = send(&app, Method::OPTIONS, path, &asked).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""), "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), DESK);
            assert_eq!(answer.header("access-control-allow-methods"), method);
            assert_eq!(answer.header("access-control-allow-headers"), each);
            assert_eq!(answer.header("access-control-allow-private-network"), "true");
            assert_eq!(answer.header("access-control-max-age"), "86400");
            let varies = answer.header("vary");
            for on in ["origin", "access-control-request-method", name] {
                assert!(varies.contains(on), "{varies}");
            }
            let mut foreign = asked;
            foreign[0].1 = "https://evil.example";
            let answer = send(&app, Method::OPTIONS, path, &foreign).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{answer:?}");
        }
    }
    let answer = send(&app, Method::GET, "/nowhere", &[("origin", DESK)]).await;
    let exposed = answer.header("access-control-expose-headers").to_owned();
    for header in ["x-request-id", "idempotency-replayed", "etag", "location", "retry-after"] {
        assert!(exposed.contains(header), "{exposed}");
    }
    // Also where nobody says a page: a cache must not keep the answer for one that does.
    assert!(app.get("/healthz").await.header("vary").contains("origin"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_page_is_logged_once_with_what_it_was_compared_with() {
    capture();
    let app = with_settings(&[("CORS_ORIGINS", "https://logged.example.com")]).await;
    let host = app.url.trim_start_matches("http://").to_owned();
    let lines = |what: &str| logged().lines().filter(|line| line.contains(what)).count();
    let refused = [
        (Method::POST, "/graphql?secret=philomela", "https://one.example", 403),
        (Method::OPTIONS, "/graphql?secret=philomela", "https://two.example", 200),
        (Method::GET, "/appointments?secret=philomela", "https://three.example", 422),
    ];
    for (method, path, origin, status) in refused {
        let headers = [("origin", origin), ("content-type", "application/json")];
        assert_eq!(send(&app, method, path, &headers).await.status, status);
        assert_eq!(lines(origin), 1, "{origin}");
        let line = format!(
            "Refused a page of {origin}: ours is {host}, from Host, and CORS_ORIGINS lists \
             https://logged.example.com; where a proxy changes Host, set PUBLIC_URL to what people type"
        );
        assert!(logged().contains(&line), "{line}");
    }
    let public =
        with_settings(&[("PUBLIC_URL", "https://logged.example.org/x"), ("ACCESS", "open")]).await;
    let headers = [("origin", "https://four.example"), ("content-type", "application/json")];
    assert_eq!(send(&public, Method::POST, "/graphql", &headers).await.status, 403);
    let line = "Refused a page of https://four.example: ours is https://logged.example.org, from \
                PUBLIC_URL, and CORS_ORIGINS lists nothing";
    assert!(logged().contains(line));
    // What is malformed is not repeated, nor is a name at which we are not called but as it is.
    let headers =
        [("origin", "https://five.example/philomela"), ("content-type", "application/json")];
    assert_eq!(send(&app, Method::POST, "/graphql", &headers).await.status, 403);
    assert_eq!(send(&app, Method::GET, "/", &[("host", "six.example")]).await.status, 421);
    assert!(logged().contains(
        "Refused a request for six.example, which is none of our names (localhost and loopback \
         addresses): if it is one, add it to HOSTS, or make it PUBLIC_URL"
    ));
    assert_eq!(lines("philomela"), 0);
    // Whoever may call is not spoken of.
    assert!(may_act(&app, &host, "https://logged.example.com").await);
    assert_eq!(lines("Refused a page of https://logged.example.com"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_the_client_and_believes_only_proxies_of_ours() {
    capture();
    for (trusted, expected) in
        [(None, "127.0.0.1"), (Some("127.0.0.0/8, 10.0.0.0/8"), "203.0.113.77")]
    {
        let open = ("ACCESS", "open");
        let trusted = trusted.map(|networks| ("TRUSTED_PROXIES", networks));
        let settings: Vec<_> = [open].into_iter().chain(trusted).collect();
        let app = with_settings(&settings).await;
        let said = [("x-forwarded-for", "198.51.100.66, 203.0.113.77, 10.0.0.1")];
        let answer = send(&app, Method::GET, "/nowhere", &said).await;
        let id = answer.header("x-request-id").to_owned();
        let log = logged();
        let line = log.lines().find(|line| line.contains(&id)).unwrap();
        assert!(line.contains(&format!("client={expected}")), "{line}");
        assert!(!log.contains("198.51.100.66"), "what anybody can make up is logged");
    }
}
