//! What the trail costs whoever books, and whoever looks at a day.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clinic::app::App;
use clinic::audit::AuditReads;
use clinic::config::Config;
use clinic::domain::{Clock as _, SystemClock};
use futures_util::future::{join_all, try_join_all};
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::database::{Engine, Store};
use crate::{Options, Trouble, store};

const WAYS: [(&str, AuditReads); 3] = [
    ("strict", AuditReads::Strict),
    ("batched", AuditReads::Batched),
    ("none", AuditReads::Nothing),
];

const BOOK: &str = "mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    appointment { id status startsAt } error { code message } } }";
/// 100 visits with their providers and patients, as a dashboard asks for them.
const DAY: &str = "query Day($from: DateTime!, $to: DateTime!) {
    appointments(from: $from, to: $to, first: 100) {
        nodes { id status startsAt endsAt provider { name } patient { name } } } }";

/// A clinic that is served from here.
struct Served {
    client: Client,
    url: String,
    number: u64,
    /// When the first hundred visits are.
    window: (Timestamp, Timestamp),
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    store: Store,
    _folder: tempfile::TempDir,
}

impl Served {
    async fn start(options: &Options, engine: Engine, reads: AuditReads) -> Result<Self, Trouble> {
        let folder = tempfile::tempdir()?;
        let store = store(engine, folder.path()).await?;
        let url = store.url.clone();
        let connections = options.connections.max(2).to_string();
        let mut config = Config::read(&|variable| match variable {
            "DATABASE_URL" => Some(url.clone()),
            "DATABASE_MAX_CONNECTIONS" if engine == Engine::Postgres => Some(connections.clone()),
            // Nobody outside: what is left is what the trail is added to.
            "SCHEDULER_URL" => Some("none".to_owned()),
            "SEED_DEMO" => Some("true".to_owned()),
            "BOOKING_HORIZON_DAYS" => Some("730".to_owned()),
            "AUDIT_KEY" => Some("0123456789abcdef0123456789abcdef".to_owned()),
            _ => None,
        })?;
        config.audit_reads = reads;
        let app = App::start(&config, Arc::new(SystemClock), None).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/graphql", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(app.serve(listener, async move { drop(stopped.await) }));
        let now = SystemClock.now();
        let mut this = Self {
            client: Client::builder().build()?,
            url,
            number: 0,
            window: (now, now + SignedDuration::from_hours(24 * 365)),
            stop,
            serving,
            store,
            _folder: folder,
        };
        for _visit in 0..200 {
            this.number += 1;
            this.ask(booking(this.number)).await?;
        }
        if engine == Engine::Postgres {
            // As its own housekeeping does: one of the three it would else come to in the midst of this.
            this.store.execute("ANALYZE").await?;
        }
        Ok(this)
    }

    async fn ask(&self, body: Value) -> Result<(), Trouble> {
        let answer = self.client.post(&self.url).json(&body).send().await?;
        let text = answer.text().await?;
        if text.contains("\"startsAt\"") { Ok(()) } else { Err(text.into()) }
    }

    fn day(&self) -> Value {
        let (from, to) = self.window;
        json!({ "query": DAY, "variables": { "from": from.to_string(), "to": to.to_string() } })
    }

    /// From so many connections for that long; how many answers a second.
    async fn drive(
        &mut self,
        scenario: &str,
        connections: usize,
        time: Duration,
    ) -> Result<f64, Trouble> {
        let began = Instant::now();
        let this = &*self;
        let one = async |client: usize| {
            let mut asked: u64 = 0;
            while began.elapsed() < time {
                asked += 1;
                let number = this.number + asked * connections as u64 + client as u64;
                let book = || booking(number);
                this.ask(if scenario == "book" { book() } else { this.day() }).await?;
            }
            Ok::<_, Trouble>(asked)
        };
        let asked = try_join_all((0..connections).map(one)).await?;
        let most = asked.iter().max().copied().unwrap_or_default() + 2;
        let rate = asked.iter().sum::<u64>() as f64 / began.elapsed().as_secs_f64();
        self.number += most * connections as u64;
        Ok(rate)
    }
}

fn booking(number: u64) -> Value {
    let patient = json!({ "name": format!("Load {number}"), "email": format!("load{number}@example.com"),
        "state": "NY", "insurance": "Aetna" });
    json!({ "query": BOOK, "variables": { "input": { "patient": patient, "durationMinutes": 15 } } })
}

pub(crate) async fn run(options: &Options, engine: Engine) -> Result<(), Trouble> {
    let mut served = Vec::new();
    for (_, reads) in WAYS {
        served.push(Served::start(options, engine, reads).await?);
    }
    let turn = Duration::from_secs_f64(options.seconds / f64::from(options.rounds));
    for scenario in ["book", "day"] {
        let mut rates = WAYS.map(|_| Vec::new());
        for one in &mut served {
            one.drive(scenario, options.connections, Duration::from_millis(300)).await?;
        }
        for round in 0..options.rounds as usize {
            // Each begins as often as the others.
            for step in 0..WAYS.len() {
                let which = (round + step) % WAYS.len();
                let rate = served[which].drive(scenario, options.connections, turn).await?;
                rates[which].push(rate);
            }
        }
        let [strict, batched, none] = &rates;
        for (name, these) in [("strict", strict), ("batched", batched), ("none", none)] {
            let ratios = these.iter().zip(none).map(|(one, none)| one / none).collect();
            println!(
                "{} | {scenario} | {name} | {:.0} a second | {:.2} of none",
                engine.name(),
                middle(these.clone()),
                middle(ratios)
            );
        }
    }
    let ended = served.into_iter().map(|one| async move {
        one.stop.send(()).ok();
        drop(one.serving.await);
    });
    join_all(ended).await;
    Ok(())
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
