//! Who is told in this bench: a mail server and a program that takes webhooks, which count what comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use hyper::body::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::Trouble;

const PATIENCE: Duration = Duration::from_mins(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until so much was taken.
async fn until(taken: impl Fn() -> u64, wanted: u64) -> Result<(), Trouble> {
    let until = Instant::now() + PATIENCE;
    while taken() < wanted {
        if Instant::now() > until {
            return Err(format!("{} of {wanted} were told", taken()).into());
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// A mail server that takes everything and counts it.
pub(crate) struct Mailbox {
    pub(crate) url: String,
    taken: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Mailbox {
    pub(crate) async fn start() -> Result<Self, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let taken = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&taken);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                tokio::spawn(async move { drop(talk(stream, &count).await) });
            }
        });
        Ok(Self { url, taken, serving })
    }

    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    pub(crate) async fn has(&self, wanted: u64) -> Result<(), Trouble> {
        until(|| self.taken(), wanted).await
    }

    /// Waits until nothing came for a while: what was booked before is told.
    pub(crate) async fn is_quiet(&self) -> Result<(), Trouble> {
        let until = Instant::now() + PATIENCE;
        let mut before = None;
        while before != Some(self.taken()) {
            if Instant::now() > until {
                return Err("mail comes without end".into());
            }
            before = Some(self.taken());
            sleep(Duration::from_secs(2)).await;
        }
        Ok(())
    }
}

/// One connection to the mail server, until either side goes.
async fn talk(stream: TcpStream, taken: &AtomicU64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example\r\n").await?;
    let (mut line, mut in_message) = (Vec::new(), false);
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let answer = match (in_message, line.as_slice()) {
            (true, b".\r\n") => {
                in_message = false;
                taken.fetch_add(1, Ordering::Relaxed);
                "250 taken\r\n"
            }
            (true, _) => continue,
            (false, b"DATA\r\n") => {
                in_message = true;
                "354 go on\r\n"
            }
            (false, b"QUIT\r\n") => return stream.write_all(b"221 bye\r\n").await,
            (false, _) => "250 ok\r\n",
        };
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// A program that takes webhooks, counts them, and keeps how long they were on their way.
pub(crate) struct Receiver {
    pub(crate) url: String,
    told: Arc<Told>,
    serving: JoinHandle<()>,
}

#[derive(Default)]
struct Told {
    taken: AtomicU64,
    /// Milliseconds, since it was asked for last.
    longest: AtomicU64,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    pub(crate) async fn start() -> Result<Self, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let told = Arc::new(Told::default());
        let router = Router::new().fallback(take).with_state(Arc::clone(&told));
        let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { url, told, serving })
    }

    pub(crate) fn taken(&self) -> u64 {
        self.told.taken.load(Ordering::Relaxed)
    }

    pub(crate) async fn has(&self, wanted: u64) -> Result<(), Trouble> {
        until(|| self.taken(), wanted).await
    }

    /// The longest from an event to its coming, of all since this was asked last.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_millis(self.told.longest.swap(0, Ordering::Relaxed))
    }
}

async fn take(State(told): State<Arc<Told>>, body: Bytes) -> StatusCode {
    #[expect(clippy::disallowed_methods, reason = "the server runs by the real clock, too")]
    let now = Timestamp::now();
    let event: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(at) = event["timestamp"].as_str().and_then(|at| at.parse::<Timestamp>().ok()) else {
        return StatusCode::BAD_REQUEST;
    };
    let waited = u64::try_from(now.duration_since(at).as_millis()).unwrap_or_default();
    told.longest.fetch_max(waited, Ordering::Relaxed);
    told.taken.fetch_add(1, Ordering::Relaxed);
    StatusCode::NO_CONTENT
}
