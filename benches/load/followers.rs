//! What those who follow cost those who book: bookings with nobody following, with the followers of a day,
//! and with very many.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::drive::{self, Client, Connection, Sample};
use crate::scenarios::{self, Asked};
use crate::stage::Stage;
use crate::table::{Note, Row};
use crate::{Options, Trouble};

/// Who has the day open.
const OF_THE_DAY: usize = 100;
const VERY_MANY: usize = 2000;
/// Bookings at once: few, so that their latency is not that of a queue.
const BOOKINGS: usize = 8;
/// How many connect at once.
const CONNECTING: usize = 32;
const PATIENCE: Duration = Duration::from_mins(3);

/// What a desk asks of each event.
const FOLLOW: &str = "subscription($after: String) { appointmentChanged(after: $after) { cursor kind at appointmentId appointment {
    id version status startsAt endsAt localStartsAt pendingStartsAt
    provider { id name } patient { id name } visitType { id name } } } }";

const NEWEST: &str = "{ events(last: 1) { nodes { cursor } } }";

/// Bookings in turns with nobody, some and very many following; and how they compare.
pub(crate) async fn measure(
    options: &Options,
    stage: &Stage,
) -> Result<(Vec<Row>, Vec<Note>), Trouble> {
    let scenario =
        scenarios::ALL.into_iter().find(|it| it.name == "book-asked").ok_or("no `book-asked`")?;
    let mut booking = drive::workers(stage, scenario, BOOKINGS).await?;
    booking = drive::closed(booking, &stage.facts, Duration::from_millis(300)).await?.0;
    let (mut alone, mut day, mut many) = (Vec::new(), Vec::new(), Vec::new());
    let (mut heard, mut late) = (0.0, Duration::ZERO);
    for _round in 0..options.rounds {
        let (back, sample) = drive::closed(booking, &stage.facts, options.turn()).await?;
        alone.push(sample);
        let (back, with_some) = followed(options, stage, back, OF_THE_DAY).await?;
        day.push(with_some.bookings);
        let (back, with_many) = followed(options, stage, back, VERY_MANY).await?;
        (heard, late) = (heard + with_many.heard, late.max(with_many.late));
        many.push(with_many.bookings);
        booking = back;
    }
    let rows = vec![
        Row::new(stage, "followers: bookings, nobody follows", &alone, &[]),
        Row::new(stage, "followers: bookings, 100 follow", &day, &alone),
        Row::new(stage, "followers: bookings, 2,000 follow", &many, &alone),
    ];
    let times = |samples: &[Sample]| format!("{:.2}", p50(samples) / p50(&alone));
    let notes = vec![
        Note::new(stage, "p50 of bookings with 100 followers, times that with none", times(&day)),
        Note::new(
            stage,
            "p50 of bookings with 2,000 followers, times that with none",
            times(&many),
        ),
        Note::new(
            stage,
            "told to the 2,000 while bookings go on, and until all were told after the last",
            format!("{:.0} a second, {late:.1?}", heard / f64::from(options.rounds)),
        ),
    ];
    Ok((rows, notes))
}

fn p50(samples: &[Sample]) -> f64 {
    let mut all = Sample::new();
    for sample in samples {
        all.add(sample);
    }
    all.latencies.value_at_quantile(0.5) as f64
}

/// Bookings while somebody follows.
struct Followed {
    bookings: Sample,
    /// Events that were told in a second, to all followers together, while bookings went on.
    heard: f64,
    /// After the last booking, until all followers had been told all of them.
    late: Duration,
}

async fn followed(
    options: &Options,
    stage: &Stage,
    booking: Vec<Client>,
    count: usize,
) -> Result<(Vec<Client>, Followed), Trouble> {
    let mut followers = Followers::connect(stage, count).await?;
    let began = Instant::now();
    let (back, bookings) = drive::closed(booking, &stage.facts, options.turn()).await?;
    let heard = followers.heard() as f64 / began.elapsed().as_secs_f64();
    // Each is booked and confirmed.
    let each = 2 * (bookings.latencies.len() - bookings.errors);
    let late = followers.catch_up(each * count as u64).await?;
    Ok((back, Followed { bookings, heard, late }))
}

/// Connections whose messages are counted, and not read: they share the machine with the server.
struct Followers {
    tasks: JoinSet<Result<(), Trouble>>,
    heard: Arc<AtomicU64>,
}

impl Followers {
    async fn connect(stage: &Stage, count: usize) -> Result<Self, Trouble> {
        let (port, after) = (stage.port(), newest(stage).await?);
        let (mut tasks, heard) = (JoinSet::new(), Arc::new(AtomicU64::new(0)));
        let (ready, mut follow) = mpsc::channel(CONNECTING);
        for number in 0..count {
            let (heard, ready, after) = (Arc::clone(&heard), ready.clone(), after.clone());
            tasks.spawn(async move {
                let mut follower = Follower::connect(port, &after).await?;
                ready.send(()).await?;
                follower.count(&heard).await
            });
            if number >= CONNECTING {
                next_is_ready(&mut follow, &mut tasks).await?;
            }
        }
        for _left in 0..count.min(CONNECTING) {
            next_is_ready(&mut follow, &mut tasks).await?;
        }
        Ok(Self { tasks, heard })
    }

    fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    async fn catch_up(&mut self, all: u64) -> Result<Duration, Trouble> {
        let began = Instant::now();
        while self.heard() < all {
            if let Some(ended) = self.tasks.try_join_next() {
                ended??;
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{} of {all} events were told", self.heard()).into());
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(began.elapsed())
    }
}

/// The cursor of the latest event.
async fn newest(stage: &Stage) -> Result<String, Trouble> {
    let asked = Asked {
        method: Method::POST,
        path: "/graphql".to_owned(),
        body: json!({ "query": NEWEST }).to_string().into(),
        holds: "cursor",
    };
    let answer = Connection::open(stage.port()).await?.send(asked).await?;
    let answer: serde_json::Value = serde_json::from_str(&answer)?;
    let cursor = answer["data"]["events"]["nodes"][0]["cursor"].as_str();
    Ok(cursor.ok_or("there is no event")?.to_owned())
}

async fn next_is_ready(
    follow: &mut mpsc::Receiver<()>,
    tasks: &mut JoinSet<Result<(), Trouble>>,
) -> Result<(), Trouble> {
    tokio::select! {
        ready = follow.recv() => ready.ok_or_else(|| "nobody follows".into()),
        Some(ended) = tasks.join_next() => ended?.and(Err("a follower has ended".into())),
    }
}

/// A WebSocket as far as counting needs it. Its frames are masked with zeros.
struct Follower {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Follower {
    /// Connects, and follows from a cursor on.
    async fn connect(port: u16, after: &str) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut follower = Self { stream, buffer: Vec::new() };
        let request = format!(
            "GET /graphql/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        );
        follower.stream.write_all(request.as_bytes()).await?;
        let end = loop {
            let end = follower.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => follower.read().await?,
            }
        };
        if !follower.buffer.starts_with(b"HTTP/1.1 101") {
            return Err(String::from_utf8_lossy(&follower.buffer).into_owned().into());
        }
        follower.buffer.drain(..end);
        follower.say(&json!({ "type": "connection_init" })).await?;
        follower.expect("connection_ack").await?;
        let payload = json!({ "query": FOLLOW, "variables": { "after": after } });
        follower.say(&json!({ "type": "subscribe", "id": "1", "payload": payload })).await?;
        Ok(follower)
    }

    async fn read(&mut self) -> Result<(), Trouble> {
        self.buffer.reserve(16 * 1024);
        match timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await?? {
            0 => Err("the server has closed the connection".into()),
            _ => Ok(()),
        }
    }

    async fn say(&mut self, message: &serde_json::Value) -> Result<(), Trouble> {
        self.send(0x81, message.to_string().as_bytes()).await
    }

    async fn send(&mut self, first: u8, payload: &[u8]) -> Result<(), Trouble> {
        let mut frame = vec![first, 0xfe];
        frame.extend(u16::try_from(payload.len())?.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(payload);
        Ok(self.stream.write_all(&frame).await?)
    }

    async fn expect(&mut self, word: &str) -> Result<(), Trouble> {
        loop {
            let Some((_, range)) = frame(&self.buffer) else {
                self.read().await?;
                continue;
            };
            let text = String::from_utf8_lossy(&self.buffer[range.clone()]).into_owned();
            self.buffer.drain(..range.end);
            if text.contains(word) {
                return Ok(());
            }
            return Err(text.into());
        }
    }

    /// Counts what it is told, for ever.
    async fn count(&mut self, heard: &AtomicU64) -> Result<(), Trouble> {
        const NEXT: &[u8] = br#"{"type":"next""#;
        loop {
            let mut done = 0;
            let mut pings = 0;
            let mut told = 0;
            while let Some((first, range)) = frame(&self.buffer[done..]) {
                let payload = &self.buffer[done..][range.clone()];
                match first & 0x0f {
                    1 if payload.starts_with(NEXT) => told += 1,
                    9 => pings += 1,
                    _ => return Err(String::from_utf8_lossy(payload).into_owned().into()),
                }
                done += range.end;
            }
            heard.fetch_add(told, Ordering::Relaxed);
            self.buffer.drain(..done);
            for _ping in 0..pings {
                self.send(0x8a, b"").await?;
            }
            self.read().await?;
        }
    }
}

/// The first byte of a frame and where in these bytes it has what it holds, if all of it has come.
fn frame(bytes: &[u8]) -> Option<(u8, Range<usize>)> {
    let byte = |at: usize| bytes.get(at).copied().map(usize::from);
    let (start, length) = match byte(1)? {
        126 => (4, byte(2)? * 256 + byte(3)?),
        length => (2, length),
    };
    let end = start + length;
    (bytes.len() >= end).then(|| (bytes[0], start..end))
}
