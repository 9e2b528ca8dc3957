//! Connections that are slow, silent or too many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Engine, TestApp, WebSocketClient, comes_true, with_jane};

const PATIENCE: Duration = Duration::from_secs(40);
const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const TOKEN: &str = "0123456789abcdef";
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");
const BEARER: (&str, &str) = ("authorization", "Bearer 0123456789abcdef");
const UPGRADE: [(&str, &str); 4] = [
    ("connection", "upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap()
}

/// Everything until the server closes, and how long that took.
async fn rest(stream: &mut TcpStream) -> (String, Duration) {
    let (begun, mut heard) = (Instant::now(), Vec::new());
    // One that was closed under what it said may be reset.
    drop(timeout(PATIENCE, stream.read_to_end(&mut heard)).await.expect("it stays open"));
    (String::from_utf8_lossy(&heard).into_owned(), begun.elapsed())
}

/// Reads one answer.
async fn answer(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"}") {
        let read = timeout(PATIENCE, stream.read_buf(&mut heard)).await.expect("no answer");
        assert!(read.unwrap() > 0, "{}", String::from_utf8_lossy(&heard));
    }
    String::from_utf8(heard).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_that_dribble_are_not_waited_for() {
    let app =
        TestApp::builder(Engine::Sqlite).setting("HTTP_HEADERS_TIMEOUT_MS", "300").spawn().await;
    let (mut reader, mut writer) = connect(&app).await.into_split();
    // A byte whenever it would be given up, were it enough to say something.
    let dribble = async {
        writer.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ").await.unwrap();
        while writer.write_all(b"x").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let mut heard = Vec::new();
    let closed = async {
        drop(timeout(PATIENCE, reader.read_to_end(&mut heard)).await.expect("it stays open"));
    };
    tokio::join!(dribble, closed);
    assert_eq!(String::from_utf8_lossy(&heard), "");
    // Nor is one that says nothing.
    let (heard, _) = rest(&mut connect(&app).await).await;
    assert_eq!(heard, "");
    assert_eq!(app.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_slow_and_honest_is_served_and_may_ask_again() {
    let app =
        TestApp::builder(Engine::Sqlite).setting("HTTP_HEADERS_TIMEOUT_MS", "3000").spawn().await;
    let mut stream = connect(&app).await;
    for _ in 0..2 {
        for piece in REQUEST.as_bytes().chunks(8) {
            stream.write_all(piece).await.unwrap();
            sleep(Duration::from_millis(20)).await;
        }
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 "));
    }
    // The time counts for the headers alone, not for the answer.
    let slow = TestApp::builder(Engine::Sqlite).setting("HTTP_HEADERS_TIMEOUT_MS", "50");
    let slow = slow.spawn().await;
    slow.faults(&json!({ "latency_ms": 500 })).await;
    let booked = slow.book(&with_jane(1, "2027-01-11T15:00:00Z")).await;
    assert_eq!(booked.status, 201, "{booked:?}");
}

/// A request that is being answered: its body was asked for.
async fn busy(app: &TestApp) -> TcpStream {
    let mut stream = connect(app).await;
    let head = "POST /appointment HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    timeout(PATIENCE, stream.read_exact(&mut told)).await.expect("nothing was told").unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_most_connections_wait_for_a_place_and_health_does_not() {
    let app = TestApp::builder(Engine::Sqlite).setting("HTTP_MAX_CONNECTIONS", "2").spawn().await;
    let mut first = busy(&app).await;
    let _second = busy(&app).await;
    let asked = "GET /providers HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut third = connect(&app).await;
    third.write_all(asked.as_bytes()).await.unwrap();
    let mut byte = [0];
    let early = timeout(Duration::from_millis(200), third.read(&mut byte)).await;
    assert!(early.is_err(), "it was served although there was no place");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.get(path).await.status, 200);
    }
    // Its answer is the end of what it asked, and so it is silent.
    first.write_all(b"{}").await.unwrap();
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 422 "));
    drop(first);
    assert!(answer(&mut third).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_however_many_make_room_for_those_that_ask() {
    let app = TestApp::builder(Engine::Sqlite).setting("HTTP_MAX_CONNECTIONS", "100").spawn().await;
    let mut busy = busy(&app).await;
    let mut idle = connect(&app).await;
    idle.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(&mut idle).await;
    let address = app.url.trim_start_matches("http://").to_owned();
    let repeated = Arc::new(AtomicUsize::new(0));
    let attack = tokio::spawn({
        let repeated = Arc::clone(&repeated);
        async move {
            // Kept until the next are there: it never has a moment without them.
            let mut kept = Vec::new();
            loop {
                let silent = join_all((0..400).map(|_| TcpStream::connect(&address))).await;
                repeated
                    .fetch_add(silent.iter().filter(|one| one.is_ok()).count(), Ordering::Relaxed);
                kept.push(silent);
                kept.drain(..kept.len().saturating_sub(3));
                sleep(Duration::from_millis(100)).await;
            }
        }
    });
    let flooded = async || repeated.load(Ordering::Relaxed) > 1000;
    assert!(comes_true(flooded).await);
    let mut slowest = Duration::ZERO;
    for asked in [REQUEST, "GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"].repeat(10) {
        let begun = Instant::now();
        let mut probe = connect(&app).await;
        probe.write_all(asked.as_bytes()).await.unwrap();
        assert!(answer(&mut probe).await.starts_with("HTTP/1.1 200 "));
        slowest = slowest.max(begun.elapsed());
    }
    // Without room they would wait until the silent are given up (`FIRST_HEADERS_WITHIN`, ten seconds).
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    assert_eq!(app.book(&with_jane(1, "2027-01-11T15:00:00Z")).await.status, 201);
    // What had begun before the flood is answered.
    busy.write_all(b"{}").await.unwrap();
    assert!(answer(&mut busy).await.starts_with("HTTP/1.1 422 "));
    attack.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_waits_for_no_connection_that_is_idle() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    let mut silent = connect(&app).await;
    let mut idle = connect(&app).await;
    idle.write_all(REQUEST.as_bytes()).await.unwrap();
    answer(&mut idle).await;
    let begun = Instant::now();
    app.stop().await;
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    assert_eq!(rest(&mut silent).await.0, "");
    assert_eq!(rest(&mut idle).await.0, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_answers_what_was_asked_before() {
    let app = TestApp::spawn(Engine::Sqlite).await;
    app.faults(&json!({ "latency_ms": 500 })).await;
    let body = with_jane(1, "2027-01-11T15:00:00Z").to_string();
    let mut stream = connect(&app).await;
    let head =
        "POST /appointment HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    // It has begun when the time is held.
    let begun = async || app.database.number("SELECT count(*) FROM appointment").await > 0;
    assert!(comes_true(begun).await);
    let (answer, ()) = tokio::join!(rest(&mut stream), app.stop());
    assert!(answer.0.starts_with("HTTP/1.1 201 "), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_its_answers_loses_its_place() {
    let app = TestApp::builder(Engine::Sqlite).setting("HTTP_MAX_CONNECTIONS", "1").spawn().await;
    let mut deaf = connect(&app).await;
    let query =
        "{__schema{types{name description fields{name description args{name description}}}}}";
    let body = json!({ "query": query }).to_string();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    // More answers than any buffer holds. Those that are asked for are read no more either.
    let asking =
        tokio::spawn(async move { while deaf.write_all(request.as_bytes()).await.is_ok() {} });
    let mut next = connect(&app).await;
    next.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(answer(&mut next).await.starts_with("HTTP/1.1 200 "));
    asking.await.unwrap();
}

/// A server that wants the token.
async fn guarded(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::builder(Engine::Sqlite).setting("API_TOKEN", TOKEN);
    settings.iter().fold(app, |app, (variable, value)| app.setting(variable, value)).spawn().await
}

fn init(token: &str) -> Message {
    let init = json!({ "type": "connection_init", "payload": { "authorization": token } });
    Message::text(init.to_string())
}

/// A WebSocket, as soon as there is a place for it.
async fn let_in(app: &TestApp, headers: &[(&str, &str)]) -> WebSocketClient {
    let connected = async {
        loop {
            if let Ok(client) = WebSocketClient::connect(&app.url, headers).await {
                return client;
            }
        }
    };
    timeout(PATIENCE, connected).await.expect("no place is free again")
}

/// What is heard first by a client that says this.
async fn answer_to(client: &mut WebSocketClient, message: Message) -> Result<Value, u16> {
    client.send(message).await;
    client.hear().await.map(|message| message["type"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websockets_that_have_not_said_the_token_have_few_places_and_take_none_of_the_others() {
    let app = guarded(&[("LIVE_MAX_CONNECTIONS", "2"), ("LIVE_MAX_CONNECTING", "3")]).await;
    let connect = || WebSocketClient::connect(&app.url, &[PROTOCOL]);
    let flood = join_all((0..30).map(|_| connect())).await;
    let (mut open, refused): (Vec<_>, Vec<_>) = flood.into_iter().partition(Result::is_ok);
    assert_eq!((open.len(), refused.len()), (3, 27));
    let upgrade = app.request(Method::GET, "/graphql/ws");
    let upgrade =
        UPGRADE.iter().fold(upgrade, |request, (name, value)| request.header(*name, *value));
    let refusal = TestApp::send(upgrade).await;
    assert_eq!(refusal.problem(), (503, "UNAVAILABLE".to_owned()));
    assert_eq!(refusal.headers["retry-after"], "1");
    // Who says the token in a header never was one of them.
    let mut first = WebSocketClient::connect(&app.url, &[PROTOCOL, BEARER]).await.unwrap();
    assert_eq!(answer_to(&mut first, init("")).await, Ok(json!("connection_ack")));
    // Who says it later is let in when another has gone, and makes room for the next.
    drop(open.pop());
    let mut second = let_in(&app, &[PROTOCOL]).await;
    assert_eq!(connect().await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(answer_to(&mut second, init(TOKEN)).await, Ok(json!("connection_ack")));
    let mut third = connect().await.unwrap();
    // It is one of those that stay: there are two of them now.
    let full = WebSocketClient::connect(&app.url, &[PROTOCOL, BEARER]).await.err();
    assert_eq!(full, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(answer_to(&mut third, init(TOKEN)).await, Err(1013));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_to_say_a_websocket_needs_no_place_to_connect() {
    let settings = [("LIVE_MAX_CONNECTIONS", "1"), ("LIVE_MAX_CONNECTING", "0")];
    let app = guarded(&settings).await;
    let refused = WebSocketClient::connect(&app.url, &[PROTOCOL]).await.err();
    assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert!(WebSocketClient::connect(&app.url, &[PROTOCOL, BEARER]).await.is_ok());
    let open = TestApp::builder(Engine::Sqlite);
    let open = settings.iter().fold(open, |app, (variable, value)| app.setting(variable, value));
    let open = open.spawn().await;
    let mut client = WebSocketClient::connect(&open.url, &[PROTOCOL]).await.unwrap();
    // Also while it is silent.
    let refused = WebSocketClient::connect(&open.url, &[PROTOCOL]).await.err();
    assert_eq!(refused, Some(StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(answer_to(&mut client, init("")).await, Ok(json!("connection_ack")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_to_connect_is_free_again_however_the_connection_ends() {
    let app = guarded(&[("LIVE_MAX_CONNECTIONS", "1"), ("LIVE_MAX_CONNECTING", "1")]).await;
    // One leaves before it has read the answer.
    drop(upgrading(&app, "").await);
    let mut staying = let_in(&app, &[PROTOCOL]).await;
    assert_eq!(answer_to(&mut staying, init(TOKEN)).await, Ok(json!("connection_ack")));
    let follow =
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ __typename }" } });
    for (message, code) in [
        (Message::text("hello"), 4400),
        (Message::binary(b"{}".to_vec()), 4400),
        (Message::text(follow.to_string()), 4401),
        (init("0123456789abcdeX"), 4403),
        (init(TOKEN), 1013),
        (Message::text(" ".repeat(70_000)), 1009),
        (Message::Close(None), 1005),
    ] {
        let mut client = let_in(&app, &[PROTOCOL]).await;
        assert_eq!(answer_to(&mut client, message).await, Err(code));
    }
    assert_eq!(let_in(&app, &[]).await.hear().await, Err(4406));
    // Who stays has one place, and gives it back once.
    assert_eq!(answer_to(&mut staying, init(TOKEN)).await, Err(4429));
    let mut next = let_in(&app, &[PROTOCOL, BEARER]).await;
    assert_eq!(answer_to(&mut next, init(TOKEN)).await, Ok(json!("connection_ack")));
    let_in(&app, &[PROTOCOL]).await;
    let full = WebSocketClient::connect(&app.url, &[PROTOCOL, BEARER]).await.err();
    assert_eq!(full, Some(StatusCode::SERVICE_UNAVAILABLE));
}

/// A connection over which an upgrade was asked for, and whose answer was not read.
async fn upgrading(app: &TestApp, headers: &str) -> TcpStream {
    let said = [UPGRADE.as_slice(), &[PROTOCOL]].concat();
    let said: String = said.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect();
    let request = format!("GET /graphql/ws HTTP/1.1\r\nHost: localhost\r\n{said}{headers}\r\n");
    let mut stream = connect(app).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_that_says_nothing_loses_its_place_to_connect() {
    // Nor is a body waited for that was announced and never comes.
    for headers in ["", "Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
        let app = guarded(&[("LIVE_MAX_CONNECTING", "1"), ("LIVE_INIT_TIMEOUT_MS", "50")]).await;
        let (heard, _) = rest(&mut upgrading(&app, headers).await).await;
        assert!(heard.starts_with("HTTP/1.1 101 "), "{heard}");
        assert!(heard.ends_with("Connection initialisation timeout"), "{heard}");
        assert_eq!(let_in(&app, &[PROTOCOL]).await.hear().await, Err(4408));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_websocket_that_does_not_read_loses_its_place_to_connect() {
    let app = guarded(&[("LIVE_MAX_CONNECTING", "1")]).await;
    let mut deaf = upgrading(&app, "").await;
    let ping = json!({ "type": "ping", "payload": { "much": "x".repeat(60_000) } }).to_string();
    let length = u16::try_from(ping.len()).unwrap().to_be_bytes();
    let frame = [&[0x81, 0xfe], length.as_slice(), &[0; 4], ping.as_bytes()].concat();
    // More pongs than any buffer holds.
    let asking = async { while deaf.write_all(&frame).await.is_ok() {} };
    timeout(PATIENCE, asking).await.expect("it stays open");
    let mut next = let_in(&app, &[PROTOCOL]).await;
    assert_eq!(answer_to(&mut next, init(TOKEN)).await, Ok(json!("connection_ack")));
}
