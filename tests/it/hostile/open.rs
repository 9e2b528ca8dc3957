//! Connections that are kept open for no good.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use super::documents::many;
use super::socket::{handshake, text};
use super::{PATIENCE, ask, client};
use crate::support::{
    BEGINNING, Engine, ServerProcess, TestDatabase, WebSocketClient, comes_true, patient,
};

/// How often somebody books beside one who never reads.
const EVERY: Duration = Duration::from_millis(100);
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connections_is_turned_away_and_harms_nobody() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let settings =
        [("SEED_DEMO", "true"), ("LIVE_MAX_CONNECTIONS", "50"), ("LIVE_INIT_TIMEOUT_MS", "2000")];
    let server = ServerProcess::start(&database, &settings).await;
    let connect = || WebSocketClient::connect(&server.url, &[PROTOCOL]);
    let flood = join_all((0..200).map(|_| connect())).await;
    let (open, refused): (Vec<_>, Vec<_>) = flood.into_iter().partition(Result::is_ok);
    assert_eq!((open.len(), refused.len()), (50, 150));
    assert!(
        refused
            .iter()
            .all(|refusal| refusal.as_ref().err() == Some(&StatusCode::SERVICE_UNAVAILABLE))
    );
    assert!(ask(&client(), &server.url).await < PATIENCE);
    for silent in open {
        assert_eq!(silent.unwrap().hear().await, Err(4408));
    }
    let begun = Instant::now();
    while connect().await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "no place is free again");
    }
}

/// A client that asks for all that ever happened, 50 times, in many words, and reads nothing.
async fn never_reads(server: &ServerProcess) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = server.url.trim_start_matches("http://").parse().unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let request = handshake("Sec-WebSocket-Protocol: graphql-transport-ws\r\n");
    let much = many(45, |n| {
        format!(
            "a{n}: provider {{ name states insurances workingHours {{ weekday opensAt closesAt }} }} "
        )
    });
    let query = format!(
        r#"subscription {{ appointmentChanged(after: "{BEGINNING}") {{ kind appointment {{ {much} }} }} }}"#
    );
    let mut bytes = [request.into_bytes(), text(r#"{"type":"connection_init"}"#)].concat();
    for id in 0..50 {
        let payload = json!({ "query": query });
        let id = id.to_string();
        bytes.extend(text(
            &json!({ "type": "subscribe", "id": id, "payload": payload }).to_string(),
        ));
    }
    stream.write_all(&bytes).await.unwrap();
    stream
}

async fn websockets(server: &ServerProcess) -> u32 {
    let metrics = server.get("/metrics").await.text;
    let gauge = metrics
        .lines()
        .find_map(|line| line.strip_prefix("clinic_websocket_connections "))
        .unwrap();
    gauge.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_never_reads_is_dropped_and_delays_nobody() {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = ServerProcess::start(&database, &[("SEED_DEMO", "true")]).await;
    for n in 0..20 {
        let booked = server.book(&json!({ "patient": patient(n, "CT", "Aetna") })).await;
        assert_eq!(booked.status, 201, "{booked:?}");
    }
    let mut honest = WebSocketClient::connect(&server.url, &[PROTOCOL]).await.unwrap();
    honest.say(&json!({ "type": "connection_init" })).await;
    honest.hear().await.unwrap();
    let payload = json!({ "query": "subscription { appointmentChanged { kind } }" });
    honest.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
    let before = server.memory();
    let deaf = never_reads(&server).await;
    assert!(comes_true(async || websockets(&server).await == 2).await);
    let begun = Instant::now();
    let (mut slowest, mut most, mut n) = (Duration::ZERO, 0, 100);
    while websockets(&server).await == 2 {
        assert!(begun.elapsed() < Duration::from_mins(1), "it is not dropped");
        if begun.elapsed() < EVERY * u32::try_from(n - 100).unwrap() {
            continue;
        }
        let asked = Instant::now();
        let booked = server.book(&json!({ "patient": patient(n, "NY", "Aetna") })).await;
        assert_eq!(booked.status, 201, "{booked:?}");
        for kind in ["BOOKED", "CONFIRMED"] {
            let message = honest.hear().await.unwrap();
            assert_eq!(message["payload"]["data"]["appointmentChanged"]["kind"], kind);
        }
        slowest = slowest.max(asked.elapsed());
        most = most.max(server.memory());
        n += 1;
    }
    let (dropped, grown) = (begun.elapsed(), most.saturating_sub(before));
    eprintln!(
        "dropped after {dropped:?}; of {} bookings the last event came after {slowest:?} at the \
         latest; memory grew from {before} by at most {grown} bytes",
        n - 100
    );
    assert!(dropped > Duration::from_secs(5), "it was dropped for another reason");
    assert!(slowest < PATIENCE, "{slowest:?}");
    assert!(grown < 64 * 1024 * 1024, "{grown}");
    drop(deaf);
}
