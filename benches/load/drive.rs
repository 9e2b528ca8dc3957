//! Driving: workers that each do one thing after the other, and what that took.
//!
//! The connections are hyper's, one a worker, and the latencies are kept by `HdrHistogram`. The
//! frameworks for load tests bring a terminal or a web page of their own and count only HTTP; here
//! the same loop has to drive the ceiling, in turns, and to keep a rate whose latency counts from
//! when a request was due.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::Trouble;
use crate::facts::Facts;
use crate::scenarios::{Asked, Scenario};
use crate::stage::Stage;

/// Does one piece of work after the other.
pub(crate) trait Worker: Send + 'static {
    /// The piece of that number; an error is one that the table counts.
    fn work(&mut self, number: u64) -> impl Future<Output = Result<(), Trouble>> + Send;
}

/// What a number of workers did.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Microseconds.
    pub(crate) latencies: Histogram<u64>,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    pub(crate) took: Duration,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let latencies = Histogram::new_with_max(120_000_000, 3).unwrap();
        Self { latencies, errors: 0, first_error: None, took: Duration::ZERO }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies).unwrap();
        self.errors += other.errors;
        self.took += other.took;
        if self.first_error.is_none() {
            self.first_error.clone_from(&other.first_error);
        }
    }

    fn count(&mut self, took: Duration, result: Result<(), Trouble>) {
        self.latencies.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        if let Err(error) = result {
            self.errors += 1;
            self.first_error.get_or_insert_with(|| error.to_string());
        }
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len().saturating_sub(self.errors) as f64 / self.took.as_secs_f64()
    }
}

/// Each worker goes on as fast as it can.
pub(crate) async fn closed<W: Worker>(
    workers: Vec<W>,
    facts: &Arc<Facts>,
    time: Duration,
) -> Result<(Vec<W>, Sample), Trouble> {
    let until = Instant::now() + time;
    let tasks = workers.into_iter().map(|mut worker| {
        let facts = Arc::clone(facts);
        tokio::spawn(async move {
            let mut sample = Sample::new();
            while Instant::now() < until {
                let began = Instant::now();
                let result = worker.work(facts.next()).await;
                sample.count(began.elapsed(), result);
            }
            (worker, sample)
        })
    });
    together(tasks.collect()).await
}

/// All workers together keep a rate; a latency counts from when the work was due, so that what
/// waits behind something slow counts as slow.
pub(crate) async fn at_rate<W: Worker>(
    workers: Vec<W>,
    facts: &Arc<Facts>,
    time: Duration,
    per_second: f64,
) -> Result<(Vec<W>, Sample), Trouble> {
    let began = Instant::now();
    let ticks = Arc::new(AtomicU64::new(0));
    let tasks = workers.into_iter().map(|mut worker| {
        let (facts, ticks) = (Arc::clone(facts), Arc::clone(&ticks));
        tokio::spawn(async move {
            let mut sample = Sample::new();
            loop {
                let tick = ticks.fetch_add(1, Ordering::Relaxed) as f64;
                let due = began + Duration::from_secs_f64(tick / per_second);
                if due > began + time {
                    return (worker, sample);
                }
                sleep_until(due).await;
                let result = worker.work(facts.next()).await;
                sample.count(due.elapsed(), result);
            }
        })
    });
    together(tasks.collect()).await
}

async fn together<W>(tasks: Vec<JoinHandle<(W, Sample)>>) -> Result<(Vec<W>, Sample), Trouble> {
    let began = Instant::now();
    let (mut workers, mut all) = (Vec::new(), Sample::new());
    for task in tasks {
        let (worker, sample) = task.await?;
        workers.push(worker);
        all.add(&sample);
    }
    all.took = began.elapsed();
    Ok((workers, all))
}

/// One HTTP connection.
pub(crate) struct Connection {
    port: u16,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { port, sender })
    }

    /// The body of an answer that says that all went well.
    pub(crate) async fn send(&mut self, asked: Asked) -> Result<String, Trouble> {
        let request = hyper::Request::builder()
            .method(asked.method)
            .uri(asked.path)
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-type", "application/json")
            .body(Full::from(asked.body))?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let body = String::from_utf8(body.to_vec())?;
        let refused = body.contains("\"errors\":") || body.contains("\"error\":{");
        if !status.is_success() || refused || !body.contains(asked.holds) {
            let start: String = body.chars().take(300).collect();
            return Err(format!("{status}: {start}").into());
        }
        Ok(body)
    }
}

/// A client of the server.
pub(crate) struct Client {
    connection: Connection,
    scenario: Scenario,
    facts: Arc<Facts>,
}

impl Worker for Client {
    async fn work(&mut self, number: u64) -> Result<(), Trouble> {
        let sent = self.connection.send(self.scenario.asks(&self.facts, number)).await;
        if self.connection.sender.is_closed() {
            self.connection = Connection::open(self.connection.port).await?;
        }
        sent.map(drop)
    }
}

/// Clients for one scenario.
pub(crate) async fn workers(
    stage: &Stage,
    scenario: Scenario,
    count: usize,
) -> Result<Vec<Client>, Trouble> {
    let mut clients = Vec::with_capacity(count);
    for _client in 0..count {
        let connection = Connection::open(stage.port()).await?;
        clients.push(Client { connection, scenario, facts: Arc::clone(&stage.facts) });
    }
    Ok(clients)
}
