//! At which names the server answers, and which of them `Host` may say.

use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, Engine, TestApp, WebSocketClient, john};

const TOKEN: (&str, &str) = ("API_TOKEN", "a-token-for-tests-only");
const REFUSED: u16 = 421;

async fn with_settings(settings: &[(&str, &str)]) -> TestApp {
    let builder = TestApp::builder(Engine::Sqlite);
    let builder = settings.iter().fold(builder, |one, (name, value)| one.setting(name, value));
    builder.spawn().await
}

async fn called(app: &TestApp, method: Method, path: &str, host: &str) -> Answer {
    let request = app.request(method, path).header("host", host).bearer_auth(TOKEN.1);
    TestApp::send(request).await
}

/// What is answered to bytes as they are: the status and the body.
async fn raw(app: &TestApp, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.get(9..12).unwrap_or_else(|| panic!("{request:?}: {answer:?}"));
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status.parse().unwrap(), body.unwrap_or_default())
}

#[tokio::test]
async fn where_access_is_open_only_names_of_this_machine_and_listed_ones_are_answered() {
    let app = with_settings(&[("HOSTS", "clinic.example, 192.0.2.1, other.example:8443")]).await;
    for (host, status) in [
        ("127.0.0.1:8080", 200),
        ("127.8.9.1", 200),
        ("[::1]:9", 200),
        ("localhost:3000", 200),
        ("LOCALHOST.", 200),
        ("clinic.localhost", 200),
        ("clinic.example", 200),
        ("Clinic.Example:1234", 200),
        ("192.0.2.1:8080", 200),
        ("other.example:8443", 200),
        ("other.example", REFUSED),
        ("www.clinic.example", REFUSED),
        ("clinic.example.evil.example", REFUSED),
        ("evil.example", REFUSED),
        ("evil.example:8080", REFUSED),
        ("localhost.evil.example", REFUSED),
        ("192.0.2.2", REFUSED),
        ("0.0.0.0:8080", REFUSED),
        ("a,b", 400),
        ("a b", 400),
        ("127.0.0.1:port", 400),
        ("", 400),
    ] {
        for (method, path) in [
            (Method::GET, "/graphql?query=%7B__typename%7D"),
            (Method::GET, "/"),
            (Method::GET, "/openapi.json"),
        ] {
            let answer = called(&app, method, path, host).await;
            assert_eq!(answer.status.as_u16(), status, "{host} {path}: {answer:?}");
            if status == REFUSED {
                assert_eq!(answer.problem(), (421, "MISDIRECTED_REQUEST".to_owned()));
                let named = host.to_lowercase();
                assert_eq!(
                    answer.json()["detail"],
                    format!(
                        "This server is not known as {named}: its operator may add that to HOSTS, \
                         or make it PUBLIC_URL"
                    )
                );
            } else if status == 400 {
                assert_eq!(answer.problem(), (400, "BAD_REQUEST".to_owned()), "{host}");
                assert_eq!(answer.json()["detail"], "The Host is malformed");
            }
        }
        for path in ["/healthz", "/readyz", "/metrics"] {
            let exempt = called(&app, Method::GET, path, host).await.status;
            assert_eq!(exempt, if status == 400 { 400 } else { 200 }, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn a_page_whose_name_leads_here_can_do_nothing() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let port = app.url.rsplit(':').next().unwrap();
    let (host, origin) = (format!("evil.example:{port}"), format!("http://evil.example:{port}"));
    for path in ["/appointment", "/graphql"] {
        let request = app.request(Method::POST, path).json(&json!({ "patient": john() }));
        let request = request.header("host", &host).header("origin", &origin);
        let answer = TestApp::send(request.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(answer.problem(), (421, "MISDIRECTED_REQUEST".to_owned()), "{path}");
    }
    let headers = [
        ("sec-websocket-protocol", "graphql-transport-ws"),
        ("host", host.as_str()),
        ("origin", origin.as_str()),
    ];
    let socket = WebSocketClient::connect(&app.url, &headers).await.err();
    assert_eq!(socket, Some(StatusCode::MISDIRECTED_REQUEST));
    let preflight = app.request(Method::OPTIONS, "/graphql").header("host", &host);
    let preflight = preflight.header("origin", &origin);
    let answer = TestApp::send(preflight.header("access-control-request-method", "POST")).await;
    assert_eq!(answer.status, REFUSED);
    assert_eq!(app.database.number("SELECT count(*) FROM appointment").await, 0);
}

#[tokio::test]
async fn where_access_is_closed_names_count_once_one_is_set() {
    let any = with_settings(&[TOKEN]).await;
    assert_eq!(called(&any, Method::GET, "/appointments", "any.example").await.status, 422);
    for setting in [("HOSTS", "clinic.example"), ("PUBLIC_URL", "https://clinic.example/book")] {
        let app = with_settings(&[TOKEN, setting]).await;
        let status = async |host: &'static str| {
            called(&app, Method::GET, "/appointments", host).await.status.as_u16()
        };
        for known in ["clinic.example", "127.0.0.1", "localhost:8080"] {
            assert_eq!(status(known).await, 422, "{setting:?} {known}");
        }
        assert_eq!(status("any.example").await, REFUSED, "{setting:?}");
        // Before the token: whoever asks at another name learns nothing of it.
        let answer = app.request(Method::GET, "/appointments").header("host", "any.example");
        assert_eq!(TestApp::send(answer).await.status, REFUSED);
    }
}

#[tokio::test]
async fn a_request_has_one_host_or_none_before_http_1_1() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let two = "The request has more than one Host";
    let none = "The request has no Host, which HTTP/1.1 needs";
    for path in ["/graphql?query=%7B__typename%7D", "/healthz", "/nowhere"] {
        for (version, hosts, detail) in [
            ("1.1", "", none),
            ("1.1", "Host: localhost\r\nHost: localhost\r\n", two),
            ("1.1", "Host: localhost\r\nHost: evil.example\r\n", two),
            ("1.0", "Host: localhost\r\nHost: localhost\r\n", two),
        ] {
            let request = format!("GET {path} HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
            let (status, body) = raw(&app, &request).await;
            assert_eq!(status, 400, "{request:?}");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert_eq!((&body["code"], &body["detail"]), (&json!("BAD_REQUEST"), &json!(detail)));
        }
    }
    for hosts in ["", "Host: localhost\r\n"] {
        let request = format!("GET /graphql?query=%7B__typename%7D HTTP/1.0\r\n{hosts}\r\n");
        let (status, body) = raw(&app, &request).await;
        assert_eq!((status, body.as_str()), (200, r#"{"data":{"__typename":"Query"}}"#));
    }
}

#[tokio::test]
async fn a_target_that_is_a_whole_address_counts_for_more_than_the_header() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    for (target, host, status) in [
        ("http://localhost/", "localhost", 200),
        ("http://127.0.0.1:80/", "evil.example", 200),
        ("http://evil.example/", "localhost", 421),
        ("http://user@localhost/", "localhost", 400),
        ("http://evil.example/healthz", "localhost", 200),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(raw(&app, &request).await.0, status, "{target} {host}");
    }
}

#[tokio::test]
async fn what_people_type_is_where_links_lead() {
    let public = "https://clinic.example/booking";
    let app =
        with_settings(&[("PUBLIC_URL", "https://Clinic.example:443/booking/"), ("ACCESS", "open")])
            .await;
    let booked = app.book(&json!({ "patient": john() })).await;
    let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
    assert_eq!(booked.header("location"), format!("{public}/appointment/{id}"));
    let document = app.get("/openapi.json").await.json();
    assert_eq!(document["servers"], json!([{ "url": public, "description": "This server" }]));
    assert!(app.get("/").await.text.contains(&format!("{public}/appointment")));
    let list = app.get("/providers?limit=1").await;
    let link = list.header("link");
    assert!(link.starts_with(&format!("<{public}/providers?limit=1&cursor=")), "{link}");
    for (page, names) in [
        ("/booking", "src=\"/booking/assets/pages/home.js\""),
        ("/booking/graphql", "\"assets/graphiql/"),
        ("/booking/docs", "\"assets/pages/docs.js\""),
    ] {
        let page = TestApp::send(app.request(Method::GET, page).header("accept", "text/html"));
        let page = page.await;
        assert!(page.text.contains(names), "{page:?}");
    }
    // A proxy may pass the path on as it is typed, or without what stands before ours.
    for path in [format!("/booking/appointment/{id}"), format!("/appointment/{id}")] {
        assert_eq!(app.get(&path).await.json()["appointment_id"], json!(id), "{path}");
    }
    for path in ["/booking", "/booking/", "/booking/graphql?query=%7B__typename%7D"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    for path in ["/bookings", "/booking/booking/healthz", "/bookingappointments"] {
        assert_eq!(app.get(path).await.problem(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    let plain = TestApp::spawn(Engine::Sqlite).await;
    let booked = plain.book(&json!({ "patient": john() })).await;
    let id = booked.json()["appointment_id"].as_str().unwrap().to_owned();
    assert_eq!(booked.header("location"), format!("/appointment/{id}"));
    let document = plain.get("/openapi.json").await.json();
    assert_eq!(document["servers"], json!([{ "url": "/", "description": "This server" }]));
}
