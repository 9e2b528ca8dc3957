//! `kill -9` of the server, again and again, while clients book, move and cancel: with an outside
//! service, and without one.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::time::sleep;

use super::load::{Burst, Caller, Manner, Wrong, until_stopped};
use crate::database::Engine;
use crate::history::Operation;
use crate::roster::{self, ALWAYS};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 12;

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let setup = || Setup::with(roster::of(20, &ALWAYS)).setting("ANSWER_WITHIN_MS", "1000");
    let promise = "kill -9 of the server: nothing lost, no orphan, none stuck";
    let agreed = kills(context, engine, setup(), context.scaled(200, 4), promise).await?;
    let alone = setup().setting("SCHEDULER_URL", "none");
    let promise = "kill -9 of a server whose book is the truth: nothing lost, nobody told";
    Ok(vec![agreed, kills(context, engine, alone, context.scaled(60, 4), promise).await?])
}

async fn kills(
    context: &Context,
    engine: Engine,
    setup: Setup,
    kills: usize,
    promise: &'static str,
) -> Result<Row, Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for("crashes"));
    let mut stage = Stage::open(context, engine, setup).await?;
    let manner = manner(&stage).await?;
    let mut callers: Vec<Caller> = (0..CLIENTS)
        .map(|number| {
            let seed = context.seed_for(&format!("crashes{number}"));
            Caller::new(&format!("crash{number:02}"), &stage.client, &manner, seed)
        })
        .collect();
    let mut wrong = Wrong::default();
    for kill in 0..kills {
        // With the outside service slow, kills hit the wait for it; else the transactions.
        let latency_ms = if kill.is_multiple_of(2) { rng.random_range(5..40) } else { 0 };
        stage
            .faults(&json!({
                "latency_ms": latency_ms, "lost_reply_rate": 0.05, "error_rate": 0.03,
                "seed": rng.random::<u32>(),
            }))
            .await?;
        let moment = Duration::from_millis(rng.random_range(0..=50));
        let victims: Vec<usize> = match rng.random_range(0..=stage.servers()) {
            both if both == stage.servers() => (0..stage.servers()).collect(),
            one => vec![one],
        };
        let burst = Arc::new(Burst::default());
        let killing = async {
            // A third of the kills come right after the first request, the others in full swing.
            if kill % 3 > 0 {
                burst.under_way().await;
            }
            sleep(moment).await;
            for victim in &victims {
                stage.kill(*victim).await?;
            }
            Ok::<_, Trouble>(())
        };
        let killing = async {
            let killed = killing.await;
            burst.stop();
            killed
        };
        let (acted, killed) = tokio::join!(until_stopped(callers, &burst), killing);
        killed?;
        let (back, its) = acted?;
        callers = back;
        wrong.add(its);
        stage.restart(&victims).await?;
        if kill % 8 == 7 || kill + 1 == kills {
            for caller in &mut callers {
                caller.ask_again().await;
            }
        }
    }
    let (report, truth) = stage.verdict().await?;
    let acknowledged = acknowledged(&stage);
    if wrong.bugs > 0 {
        stage.keep();
    }
    stage.close().await?;
    Ok(Row::new(promise, engine, kills)
        .violated(report.total() + wrong.bugs)
        .note(format!(
            "{wrong}; {acknowledged} bookings acknowledged, {} rows, {} outside",
            truth.booked.len(),
            truth.outside.len()
        ))
        .note(report.to_string()))
}

pub(super) async fn manner(stage: &Stage) -> Result<Manner, Trouble> {
    Ok(Manner {
        providers: Arc::new(stage.client.providers().await?),
        days: 60,
        longest: 120,
        patients: 400,
        keyed_in: 2,
        held_in: 4,
        book_in_ten: 6,
        move_in_ten: 2,
        whole_life: true,
    })
}

/// Bookings that a client was told of.
pub(super) fn acknowledged(stage: &Stage) -> usize {
    let history = stage.history.entries();
    let booked = history.iter().filter(|entry| entry.asked.operation == Operation::Book);
    booked.filter(|entry| entry.done().is_some()).count()
}
