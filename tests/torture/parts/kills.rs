//! Clients at work while one server after the other is killed and the outside service fails and refuses.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::Client;
use crate::cluster::Cluster;
use crate::database::Engine;
use crate::stage::Stage;
use crate::{Context, Trouble};

const CLIENTS: usize = 10;

/// One who asks for one thing after the other.
pub(super) trait Acting: Send + 'static {
    /// Asks for the next thing, the one of that number, and notes what is told.
    fn act(&mut self, number: usize, told: &mut Told) -> impl Future<Output = ()> + Send;
}

/// What each of them has.
pub(super) struct Hand {
    /// Begins the names of the patients, and the keys.
    pub(super) who: String,
    pub(super) client: Client,
    pub(super) rng: StdRng,
    providers: Arc<Vec<String>>,
}

/// What they were told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) answers: BTreeMap<String, usize>,
    pub(super) asked: usize,
    pub(super) bugs: usize,
    /// What was made of many: how many each has, by its id.
    pub(super) made: BTreeMap<String, usize>,
}

/// How often a server is killed, and how long after the beginning of a round, in milliseconds.
pub(super) struct Kills<'a> {
    pub(super) name: &'static str,
    pub(super) count: usize,
    pub(super) after: Range<u64>,
    /// What befalls the database before that, in every second round.
    pub(super) database: Beneath<'a>,
}

/// What befalls the database under the servers.
#[derive(Clone, Copy)]
pub(super) enum Beneath<'a> {
    Nothing,
    /// `kill -9` of all its processes; a moment later it is started again.
    Killed(&'a Cluster),
}

impl<'a> Beneath<'a> {
    /// `SQLite` runs in the servers, and is killed with them.
    pub(super) fn of(cluster: Option<&'a Cluster>) -> Self {
        cluster.map_or(Self::Nothing, Self::Killed)
    }

    async fn befall(self) -> Result<(), Trouble> {
        match self {
            Self::Nothing => Ok(()),
            Self::Killed(cluster) => {
                cluster.kill().await?;
                cluster.start().await
            }
        }
    }
}

/// A `PostgreSQL` of this part's own, to be killed.
pub(super) async fn own_cluster(engine: Engine) -> Result<Option<Cluster>, Trouble> {
    match engine {
        Engine::Sqlite => Ok(None),
        Engine::Postgres => Cluster::create().await.map(Some),
    }
}

/// So many rounds, in each of which all act until a server was killed; in every third the service refuses some.
pub(super) async fn under_kills<A: Acting>(
    (context, stage): (&Context, &Stage),
    Kills { name, count, after, database }: Kills<'_>,
    caller: impl Fn(Hand) -> A,
) -> Result<Told, Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for(name));
    let mut told = Told::default();
    for kill in 0..count {
        let refusals = if kill % 3 == 0 { 0.1 } else { 0.0 };
        stage
            .faults(&json!({ "latency_ms": rng.random_range(0..20), "lost_reply_rate": 0.03,
                "error_rate": 0.03, "refuse_rate": refusals, "seed": rng.random::<u32>() }))
            .await?;
        let wait = Duration::from_millis(rng.random_range(after.clone()));
        let victim = rng.random_range(0..stage.servers());
        let killing = async {
            if kill % 2 == 1 {
                sleep(wait).await;
                database.befall().await?;
            }
            sleep(wait).await;
            stage.kill(victim).await
        };
        let name = format!("{name}{kill}");
        told.add(Box::pin(at_work((context, stage), &name, &caller, killing)).await?);
        stage.restart(&[victim]).await?;
    }
    Ok(told)
}

/// All act until that is over.
pub(super) async fn at_work<A: Acting>(
    (context, stage): (&Context, &Stage),
    name: &str,
    caller: &impl Fn(Hand) -> A,
    meanwhile: impl Future<Output = Result<(), Trouble>>,
) -> Result<Told, Trouble> {
    let providers = Arc::new(stage.client.providers().await?);
    let stop = Arc::new(AtomicBool::new(false));
    let mut acting = JoinSet::new();
    for number in 0..CLIENTS {
        let who = format!("{name}-{number}");
        let hand = Hand {
            rng: StdRng::seed_from_u64(context.seed_for(&who)),
            client: stage.client.clone(),
            providers: Arc::clone(&providers),
            who,
        };
        acting.spawn(until(caller(hand), Arc::clone(&stop)));
    }
    meanwhile.await?;
    stop.store(true, Ordering::Relaxed);
    let mut told = Told::default();
    while let Some(its) = acting.join_next().await {
        told.add(its?);
    }
    Ok(told)
}

async fn until(mut caller: impl Acting, stop: Arc<AtomicBool>) -> Told {
    let mut told = Told::default();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        caller.act(number, &mut told).await;
    }
    told
}

impl Told {
    pub(super) fn add(&mut self, other: Self) {
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.made.extend(other.made);
        self.asked += other.asked;
        self.bugs += other.bugs;
    }

    /// What an answer says, if one came.
    pub(super) fn note(&mut self, what: &str, answer: Option<Value>) -> Option<Value> {
        self.asked += 1;
        let Some(answer) = answer else {
            *self.answers.entry(format!("{what}: no answer")).or_default() += 1;
            return None;
        };
        let payload = &answer["data"]["answer"];
        let code = payload["error"]["code"]
            .as_str()
            .or(answer["errors"][0]["extensions"]["code"].as_str());
        // With a server killed beside it a database may be out of reach for a moment; a bug is one always.
        self.bugs += usize::from(code == Some("INTERNAL") || !answer["data"].is_object());
        *self.answers.entry(format!("{what}: {}", code.unwrap_or("done"))).or_default() += 1;
        Some(payload.clone())
    }
}

impl Hand {
    pub(super) fn provider(&mut self) -> String {
        self.providers[self.rng.random_range(0..self.providers.len())].clone()
    }

    pub(super) fn server(&mut self) -> usize {
        self.rng.random_range(0..self.client.servers())
    }

    /// The answer of one server or another.
    pub(super) async fn ask(&mut self, query: &str, input: Value) -> Option<Value> {
        let server = self.server();
        ask(&self.client, server, query, input).await
    }
}

/// The answer to a mutation, if one came.
pub(super) async fn ask(
    client: &Client,
    server: usize,
    query: &str,
    input: Value,
) -> Option<Value> {
    let body = json!({ "query": query, "variables": { "input": input } });
    let answer = client.http.post(client.url(server, "/graphql")).json(&body).send();
    answer.await.ok()?.json().await.ok()
}
