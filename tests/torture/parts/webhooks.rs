//! Webhooks: visits are booked, moved and cancelled while servers are killed and the receiver refuses, hangs, drops and
//! sends elsewhere. Every event is taken at least once, each time the same, of one visit in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::kills::{Acting, Beneath, Hand, Kills, Told, ask, own_cluster, under_kills};
use super::{DAY, midnight_in};
use crate::cluster::Cluster;
use crate::database::Engine;
use crate::roster::{self, ALWAYS, INSURANCE, STATE};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const PROVIDERS: usize = 5;
/// How long what was refused may take until it was taken.
const TOLD_WITHIN: Duration = Duration::from_mins(3);
/// How many are told at once, and may be told again by a kill.
const AT_ONCE: usize = 16;

const CREATE: &str = "mutation ($input: CreateWebhookEndpointInput!) { answer: createWebhookEndpoint(input: $input) {
    endpoint { id } error { code } } }";
const BOOK: &str =
    "mutation ($input: BookAppointmentInput!) { answer: bookAppointment(input: $input) {
    appointment { id } error { code } } }";
const MOVE: &str = "mutation ($input: RescheduleAppointmentInput!) { answer: rescheduleAppointment(input: $input) {
    appointment { id } error { code } } }";
const CANCEL: &str =
    "mutation ($input: CancelAppointmentInput!) { answer: cancelAppointment(input: $input) {
    appointment { id } error { code } } }";

/// Endpoints for whom not all is written down yet.
const BEHIND: &str = "SELECT count(*) FROM webhook_endpoint e, (SELECT max(position) AS last FROM appointment_event) log
    WHERE e.position < log.last";

/// A message that was taken.
#[derive(Clone)]
struct Taken {
    id: String,
    visit: String,
    body: String,
}

struct Book {
    taken: Vec<Taken>,
    rng: StdRng,
    /// Of a hundred messages so many are not taken.
    refuses: u32,
}

/// A program that is told.
struct Receiver {
    url: String,
    book: Arc<Mutex<Book>>,
    serving: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    async fn start(seed: u64) -> Result<Self, Trouble> {
        let rng = StdRng::seed_from_u64(seed);
        let book = Arc::new(Mutex::new(Book { taken: Vec::new(), rng, refuses: 10 }));
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&book));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { url, book, serving })
    }

    fn refuse(&self, of_a_hundred: u32) -> Result<(), Trouble> {
        self.book.lock().map_err(|_poisoned| "a receiver panicked")?.refuses = of_a_hundred;
        Ok(())
    }

    fn taken(&self) -> Result<Vec<Taken>, Trouble> {
        Ok(self.book.lock().map_err(|_poisoned| "a receiver panicked")?.taken.clone())
    }
}

async fn answer(State(book): State<Arc<Mutex<Book>>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body).into_owned();
    let visit = serde_json::from_str::<Value>(&text).unwrap_or_default();
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let drawn = {
        let Ok(mut book) = book.lock() else { return StatusCode::NOT_FOUND.into_response() };
        let drawn = if book.rng.random_range(0..100) < book.refuses {
            book.rng.random_range(1..5)
        } else {
            0
        };
        // Also where the answer is lost: it was taken, and will come again.
        if matches!(drawn, 0 | 4) {
            let visit = visit["data"]["appointment_id"].as_str().unwrap_or_default().to_owned();
            book.taken.push(Taken { id: id.to_owned(), visit, body: text });
        }
        drawn
    };
    match drawn {
        1 => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        2 => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
        3 => {
            sleep(Duration::from_secs(3)).await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        4 => StatusCode::GATEWAY_TIMEOUT.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

/// What is wrong with what was taken.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    lost: usize,
    changed: usize,
    out_of_order: usize,
}

impl Findings {
    fn total(&self) -> usize {
        self.lost + self.changed + self.out_of_order
    }

    /// Of messages in the order in which they were taken, held to the events of the log.
    fn of(events: &BTreeSet<String>, taken: &[Taken]) -> Self {
        let mut found = Self::default();
        let mut bodies: BTreeMap<&str, &str> = BTreeMap::new();
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        for message in taken {
            match bodies.get(message.id.as_str()) {
                // What comes again may come late.
                Some(body) => found.changed += usize::from(*body != message.body),
                None => {
                    let before = last.insert(&message.visit, &message.id);
                    found.out_of_order +=
                        usize::from(before.is_some_and(|before| before > message.id.as_str()));
                    bodies.insert(&message.id, &message.body);
                }
            }
        }
        found.lost = events.iter().filter(|id| !bodies.contains_key(id.as_str())).count();
        found
    }
}

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(60, 4);
    let cluster = own_cluster(engine).await?;
    let mut setup = Setup::with(roster::of(PROVIDERS, &ALWAYS))
        .setting("ANSWER_WITHIN_MS", "1000")
        .setting("WEBHOOK_ALLOW_PRIVATE", "true");
    setup.admin = cluster.as_ref().map(Cluster::url);
    let mut stage = Stage::open(context, engine, setup).await?;
    let receivers = [
        Receiver::start(context.seed_for("webhooks one")).await?,
        Receiver::start(context.seed_for("webhooks two")).await?,
    ];
    for receiver in &receivers {
        let made = ask(&stage.client, 0, CREATE, json!({ "url": receiver.url })).await;
        if made.is_none_or(|made| !made["data"]["answer"]["error"].is_null()) {
            return Err("no endpoint was made".into());
        }
    }
    let database = Beneath::of(cluster.as_ref());
    let rounds = Kills { name: "webhooks", count: kills, after: 200..1500, database };
    let caller = |hand| Caller { hand, visits: Vec::new() };
    let told = under_kills((context, &stage), rounds, caller).await?;
    let deadlocks = cluster.as_ref().map_or(Ok(0), Cluster::deadlocks)?;
    let (report, _) = stage.verdict().await?;
    let pending = until_told(&stage).await?;
    let events = events(&stage).await?;
    let mut broken = report.total() + told.bugs + deadlocks + usize::try_from(pending)?;
    let database_kills = cluster.as_ref().map_or(0, |_cluster| kills / 2);
    let mut notes = Vec::new();
    for receiver in &receivers {
        let taken = receiver.taken()?;
        let found = Findings::of(&events, &taken);
        let ids: BTreeSet<&str> = taken.iter().map(|message| message.id.as_str()).collect();
        let repeats = taken.len() - ids.len();
        // Of those that are taken, and told to be so by no answer of 2xx, a fortieth comes again by itself.
        let killed = kills + database_kills * stage.servers();
        let explained = killed * AT_ONCE + events.len() / 20;
        broken += found.total() + repeats.saturating_sub(explained);
        notes.push(format!("{} taken, {repeats} of them again, {found:?}", taken.len()));
    }
    if broken > 0 {
        stage.keep();
    }
    let sabotaged = sabotaged(&stage, &receivers).await?;
    stage.close().await?;
    Ok(vec![
        Row::new(
            "webhooks under kill -9: each event told, in order, the same",
            engine,
            events.len(),
        )
        .violated(broken)
        .note(format!(
            "{kills} kills of a server and {database_kills} of the database, {} events, {deadlocks} deadlocks, {pending} pending, {:?}",
            events.len(),
            told.answers
        ))
        .note(notes.join("; "))
        .note(report.to_string()),
        Row::new("sabotage: webhooks made to be wrong", engine, sabotaged.len())
            .violated(sabotaged.iter().filter(|(_, is_red)| !is_red).count())
            .note(format!("{sabotaged:?}")),
    ])
}

/// How many wait to be told when all have had their time.
async fn until_told(stage: &Stage) -> Result<i64, Trouble> {
    let since = Instant::now();
    loop {
        let pending = stage
            .store
            .number("SELECT count(*) FROM webhook_delivery WHERE status = 'PENDING'")
            .await?
            + stage.store.number(BEHIND).await?;
        if pending == 0 || since.elapsed() > TOLD_WITHIN {
            return Ok(pending);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until all that has happened is to be told.
async fn until_taken_down(stage: &Stage) -> Result<(), Trouble> {
    let since = Instant::now();
    while since.elapsed() < TOLD_WITHIN {
        let pending = "SELECT count(*) FROM webhook_delivery WHERE status = 'PENDING'";
        if stage.store.number(BEHIND).await? == 0 && stage.store.number(pending).await? > 0 {
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// The id of each event of the log.
async fn events(stage: &Stage) -> Result<BTreeSet<String>, Trouble> {
    let count = stage.store.number("SELECT max(position) FROM appointment_event").await?;
    // Positions have no gaps: nothing is deleted here.
    Ok((1..=count).map(|position| format!("evt_{position:012x}")).collect())
}

/// Each kind of it made by hand, and whether it was found.
async fn sabotaged(
    stage: &Stage,
    receivers: &[Receiver],
) -> Result<Vec<(&'static str, bool)>, Trouble> {
    let mut seen = Vec::new();
    let [receiver, ..] = receivers else { return Ok(seen) };
    let red = async |stage: &Stage| -> Result<bool, Trouble> {
        until_told(stage).await?;
        let before = receiver.taken()?;
        Ok(Findings::of(&events(stage).await?, &before).lost > 0)
    };
    receiver.refuse(100)?;
    for number in 0..3 {
        let patient = json!({ "name": "Sab Otage", "email": format!("sabotage{number}@example.com"), "state": STATE, "insurance": INSURANCE });
        drop(ask(&stage.client, 0, BOOK, json!({ "patient": patient })).await);
    }
    until_taken_down(stage).await?;
    // What was never taken is said to be.
    let changed = stage
        .store
        .execute("UPDATE webhook_delivery SET status = 'DELIVERED', next_attempt_at = NULL WHERE status = 'PENDING'")
        .await?;
    for receiver in receivers {
        receiver.refuse(0)?;
    }
    seen.push(("said to be told, and never was", changed > 0 && red(stage).await?));
    let taken = receiver.taken()?;
    let log: BTreeSet<String> = taken.iter().map(|message| message.id.clone()).collect();
    let mut swapped = taken.clone();
    swapped.reverse();
    seen.push(("in another order", Findings::of(&log, &swapped).out_of_order > 0));
    let mut changed = taken;
    if let Some(first) = changed.first().cloned() {
        changed.push(Taken { body: first.body.replace("appointment.", "visit."), ..first });
    }
    seen.push(("told again, and not the same", Findings::of(&log, &changed).changed > 0));
    Ok(seen)
}

struct Caller {
    hand: Hand,
    visits: Vec<String>,
}

impl Acting for Caller {
    async fn act(&mut self, number: usize, told: &mut Told) {
        match (self.hand.rng.random_range(0..10), self.visits.is_empty()) {
            (0..=2, false) => {
                let id = self.visits[self.hand.rng.random_range(0..self.visits.len())].clone();
                let input = json!({ "id": id, "startsAt": self.start() });
                let moved = self.hand.ask(MOVE, input).await;
                told.note("move", moved);
            }
            (3..=4, false) => {
                let id = self.visits.swap_remove(self.hand.rng.random_range(0..self.visits.len()));
                let cancelled = self.hand.ask(CANCEL, json!({ "id": id })).await;
                told.note("cancel", cancelled);
            }
            _ => {
                let who = format!("{}-{number}", self.hand.who);
                let input = json!({
                    "patient": { "name": who, "email": format!("{who}@example.com"), "state": STATE, "insurance": INSURANCE },
                    "providerId": self.hand.provider(), "startsAt": self.start(), "idempotencyKey": who,
                });
                let booked = self.hand.ask(BOOK, input).await;
                let booked = told.note("book", booked);
                let id = booked
                    .and_then(|booked| booked["appointment"]["id"].as_str().map(str::to_owned));
                self.visits.extend(id);
            }
        }
    }
}

impl Caller {
    fn start(&mut self) -> String {
        let (day, step) = (self.hand.rng.random_range(3..30), self.hand.rng.random_range(0..30));
        let start = midnight_in(day) + DAY / 2 + step * 900;
        jiff::Timestamp::from_second(start).map(|at| at.to_string()).unwrap_or_default()
    }
}
