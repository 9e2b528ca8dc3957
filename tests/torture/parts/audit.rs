//! `kill -9` of the server while clients read patients and book: every answer that left has its row in the
//! audit trail. Where rows are written after the answer, some are missing, and the check says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::time::sleep;

use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::roster::{self, ALWAYS, INSURANCE, STATE};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 8;
const PATIENTS: usize = 30;
/// How many names of requests one statement looks for.
const AT_ONCE: usize = 200;

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let rounds = context.scaled(100, 4);
    let strict = kills(context, engine, "strict", rounds).await?;
    let batched = kills(context, engine, "batched", rounds.min(10)).await?;
    let promise = "kill -9 of the server: a row of the audit trail for every answer that left";
    let whole = Row::new(promise, engine, rounds)
        .violated(strict.missing + usize::from(!strict.verified))
        .note(strict.told());
    let promise = "sabotage: rows that are written after the answer are found missing";
    let sabotaged = Row::new(promise, engine, rounds.min(10))
        .violated(usize::from(batched.missing == 0))
        .note(batched.told());
    Ok(vec![whole, sabotaged])
}

/// What came of it.
struct Outcome {
    answers: usize,
    missing: usize,
    cut_off: usize,
    rows: i64,
    verified: bool,
}

impl Outcome {
    fn told(&self) -> String {
        let Self { answers, missing, cut_off, rows, verified } = self;
        let whole = if *verified { "verified" } else { "NOT verified" };
        format!(
            "{answers} answers, {missing} without a row, {cut_off} cut off; {rows} rows, {whole}"
        )
    }
}

/// What one client noted in one round: answers that came whole, and how many did not.
#[derive(Default)]
struct Noted {
    answered: Vec<String>,
    cut_off: usize,
}

async fn kills(
    context: &Context,
    engine: Engine,
    reads: &str,
    rounds: usize,
) -> Result<Outcome, Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for(&format!("audit{reads}")));
    let setup = Setup::with(roster::of(20, &ALWAYS))
        .setting("AUDIT_READS", reads)
        .setting("SCHEDULER_URL", "none");
    let mut stage = Stage::open(context, engine, setup).await?;
    for number in 0..PATIENTS {
        let via = Via { server: number, graphql: false };
        let visit = Visit { who: format!("seen{number:02}"), minutes: 15, ..Visit::default() };
        drop(stage.client.book(via, &visit).await);
    }
    let mut all = Noted::default();
    for round in 0..rounds {
        let stop = Arc::new(AtomicBool::new(false));
        let asking = join_all((0..CLIENTS).map(|client| {
            let name = format!("{reads}-{round}-{client}");
            ask_until(&stage, client, name, Arc::clone(&stop))
        }));
        let moment = Duration::from_millis(rng.random_range(20..300));
        let victim = rng.random_range(0..stage.servers());
        let killing = async {
            sleep(moment).await;
            let killed = stage.kill(victim).await;
            stop.store(true, Ordering::SeqCst);
            killed
        };
        let (noted, killed) = tokio::join!(asking, killing);
        killed?;
        for one in noted {
            all.answered.extend(one.answered);
            all.cut_off += one.cut_off;
        }
        stage.restart(&[victim]).await?;
    }
    // Long enough for what is to be sealed, and for what was to be written a little later.
    sleep(Duration::from_secs(3)).await;
    let missing = missing(&stage, &all.answered).await?;
    let rows = stage.store.number("SELECT count(*) FROM audit_event").await?;
    let verified = stage.command(&["audit", "verify"]).await? == Some(0);
    if (reads == "strict" && missing > 0) || !verified {
        stage.keep();
    }
    stage.close().await?;
    let (answers, cut_off) = (all.answered.len(), all.cut_off);
    Ok(Outcome { answers, missing, cut_off, rows, verified })
}

/// Reads patients, and books now and then, until told to stop or cut off.
async fn ask_until(stage: &Stage, client: usize, name: String, stop: Arc<AtomicBool>) -> Noted {
    let mut noted = Noted::default();
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        number += 1;
        let id = format!("{name}-{number}");
        let request = request(stage, client + number, &id).header("x-request-id", &id);
        let answer = match request.send().await {
            Ok(answer) if answer.status().is_success() => answer.bytes().await,
            Ok(_refused) => continue,
            Err(error) => Err(error),
        };
        match answer {
            Ok(_whole) => noted.answered.push(id),
            Err(_cut_off) => {
                noted.cut_off += 1;
                // The server that is gone refuses at once: the others are asked on.
                sleep(Duration::from_millis(5)).await;
            }
        }
    }
    noted
}

fn request(stage: &Stage, number: usize, id: &str) -> reqwest::RequestBuilder {
    let client = &stage.client;
    match number % 4 {
        0 => client.http.get(client.url(number, "/patients?limit=10")),
        1 => {
            let query = "{ patients(first: 10) { nodes { name email } } }";
            client.http.post(client.url(number, "/graphql")).json(&json!({ "query": query }))
        }
        2 => client
            .http
            .get(client.url(number, "/patients?search=seen"))
            .header("accept", "text/csv"),
        _ => {
            let patient = json!({ "name": id, "email": format!("{id}@example.com"), "state": STATE,
                "insurance": INSURANCE });
            let body = json!({ "patient": patient, "duration_minutes": 5 });
            client.http.post(client.url(number, "/appointment")).json(&body)
        }
    }
}

/// How many of those requests have no row.
async fn missing(stage: &Stage, ids: &[String]) -> Result<usize, Trouble> {
    let mut missing = 0;
    for some in ids.chunks(AT_ONCE) {
        let list: Vec<String> = some.iter().map(|id| format!("'{id}'")).collect();
        let found = stage
            .store
            .number(&format!(
                "SELECT count(DISTINCT request_id) FROM audit_event WHERE request_id IN ({})",
                list.join(", ")
            ))
            .await?;
        missing += some.len() - usize::try_from(found).unwrap_or_default();
    }
    Ok(missing)
}
