//! Connections that are slow, silent or too many.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::{Engine, TestApp, comes_true, with_jane};

const PATIENCE: Duration = Duration::from_secs(40);
const REQUEST: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

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
        writer.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ").await.unwrap();
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_most_wait_for_a_place() {
    let app = TestApp::builder(Engine::Sqlite).setting("HTTP_MAX_CONNECTIONS", "2").spawn().await;
    let (first, second) = (connect(&app).await, connect(&app).await);
    let mut third = connect(&app).await;
    third.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut byte = [0];
    let early = timeout(Duration::from_millis(200), third.read(&mut byte)).await;
    assert!(early.is_err(), "it was served although there was no place");
    drop((first, second));
    assert!(answer(&mut third).await.starts_with("HTTP/1.1 200 "));
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
    let head = "POST /appointment HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
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
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    // More answers than any buffer holds. Those that are asked for are read no more either.
    let asking =
        tokio::spawn(async move { while deaf.write_all(request.as_bytes()).await.is_ok() {} });
    let mut next = connect(&app).await;
    next.write_all(REQUEST.as_bytes()).await.unwrap();
    assert!(answer(&mut next).await.starts_with("HTTP/1.1 200 "));
    asking.await.unwrap();
}
