//! Hostile requests: each gets the refusal that is expected, none a 5xx, none ends or stalls the
//! server, which is a process of its own here, because an overflow of the stack ends a process.
//!
//! `cargo test --release --test it -- hostile --nocapture` prints how long the slowest answer took
//! and what the corpus does to somebody else's requests.

mod case;
mod documents;
mod fragments;
mod live;
mod open;
mod requests;
mod rest;
mod socket;
mod transport;
mod values;
mod websocket;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use self::case::Case;
use crate::support::{Engine, ServerProcess, TestDatabase};

/// An answer in time, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(5);

/// The families of the corpus; another one is a file beside these.
fn corpus() -> Vec<Case> {
    let families = [
        documents::cases(),
        fragments::cases(),
        values::cases(),
        transport::cases(),
        requests::cases(),
        rest::cases(),
        websocket::cases(),
        live::cases(),
    ];
    families.into_iter().flatten().collect()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

async fn server() -> (ServerProcess, TestDatabase) {
    let database = TestDatabase::create(Engine::Sqlite).await;
    let server = ServerProcess::start(&database, &[("SEED_DEMO", "true")]).await;
    (server, database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_hostile_request_gets_its_refusal_and_the_server_lives() {
    let (server, database) = server().await;
    let (client, corpus) = (client(), corpus());
    let mut names = HashSet::new();
    for case in &corpus {
        assert!(names.insert(case.name.as_str()), "two cases are named {}", case.name);
    }
    assert!(corpus.len() >= 200, "{}", corpus.len());
    let (mut wrong, mut slowest) = (Vec::new(), (Duration::ZERO, ""));
    for case in &corpus {
        let ((status, code), took) = case.send(&client, &server.url).await;
        if (status, code.as_str()) != case.expected {
            wrong.push(format!("{}: {status} {code}, expected {:?}", case.name, case.expected));
        }
        if took > PATIENCE {
            wrong.push(format!("{} took {took:?}", case.name));
        }
        slowest = slowest.max((took, case.name.as_str()));
        if took > Duration::from_millis(50) {
            eprintln!("{took:?}: {}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
    eprintln!("{} hostile requests, the slowest {:?}: {}", corpus.len(), slowest.0, slowest.1);
    assert!(ask(&client, &server.url).await < PATIENCE);
    assert_eq!(database.number("SELECT count(*) FROM appointment").await, 0);
}

/// What somebody else asks meanwhile; how long the right answer took.
async fn ask(client: &reqwest::Client, url: &str) -> Duration {
    let started = Instant::now();
    let query = "{ providers(state: \"CT\", first: 5) { nodes { name states insurances } } }";
    let request = client.post(format!("{url}/graphql")).json(&json!({ "query": query }));
    let answer: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    let nodes = answer["data"]["providers"]["nodes"].as_array();
    assert!(nodes.is_some_and(|nodes| !nodes.is_empty()), "{answer}");
    started.elapsed()
}

/// The median and the 99th percentile of so many requests.
async fn latency(client: &reqwest::Client, url: &str, requests: usize) -> [Duration; 2] {
    let mut took = Vec::with_capacity(requests);
    for _ in 0..requests {
        took.push(ask(client, url).await);
    }
    took.sort_unstable();
    [took[requests / 2], took[requests * 99 / 100]]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bystander_is_answered_right_while_the_corpus_runs() {
    let (server, _database) = server().await;
    let requests = if cfg!(debug_assertions) { 200 } else { 3000 };
    let (bystander, hostile) = (client(), client());
    latency(&bystander, &server.url, requests / 4).await;
    let alone = latency(&bystander, &server.url, requests).await;
    // Also callers who begin and never go on.
    let mut held = Vec::new();
    for begun in [
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX: ",
        "GET /graphql/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-",
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    ] {
        for _ in 0..100 {
            let mut stream =
                TcpStream::connect(server.url.trim_start_matches("http://")).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            held.push(stream);
        }
    }
    let (corpus, done) = (corpus(), AtomicBool::new(false));
    let attack = async {
        let mut sent = 0_usize;
        while !done.load(Ordering::Relaxed) {
            for case in &corpus {
                case.send(&hostile, &server.url).await;
                sent += 1;
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
        sent
    };
    let watch = async {
        let attacked = latency(&bystander, &server.url, requests).await;
        done.store(true, Ordering::Relaxed);
        attacked
    };
    let (sent, attacked) = tokio::join!(attack, watch);
    let ratio = |n: usize| attacked[n].as_secs_f64() / alone[n].as_secs_f64();
    eprintln!(
        "a bystander alone: p50 {:?}, p99 {:?}; during {sent} hostile requests: {:?}, {:?}; \
         ratios {:.2} and {:.2}",
        alone[0],
        alone[1],
        attacked[0],
        attacked[1],
        ratio(0),
        ratio(1)
    );
    assert!(sent > 0);
    drop(held);
}
