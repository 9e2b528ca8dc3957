//! A hundred thousand random operations: book, move, cancel, any length, both doors.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::load::{Caller, Manner, Wrong};
use super::race::what;
use crate::checker::Kind;
use crate::database::Engine;
use crate::history::Operation;
use crate::roster;
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 8;
const PROVIDERS: usize = 50;

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let operations = context.scaled(100_000, 200);
    let mut stage = Stage::open(context, engine, Setup::with(roster::mixed(PROVIDERS))).await?;
    let manner = Manner {
        providers: Arc::new(stage.client.providers().await?),
        days: 30,
        longest: 480,
        patients: 300,
        keyed_in: 20,
        held_in: 4,
        book_in_ten: 5,
        move_in_ten: 3,
        whole_life: true,
    };
    let deadlocks = stage.store.deadlocks().await?;
    let mut acting = JoinSet::new();
    for number in 0..CLIENTS {
        let seed = context.seed_for(&format!("operations{number}"));
        let mut caller = Caller::new(&format!("op{number}"), &stage.client, &manner, seed);
        acting.spawn(async move {
            let mut wrong = Wrong::default();
            for _operation in 0..operations / CLIENTS {
                wrong.note(&caller.act().await);
            }
            wrong
        });
    }
    let mut wrong = Wrong::default();
    while let Some(its) = acting.join_next().await {
        wrong.add(its?);
    }
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (report, truth) = stage.verdict().await?;
    let failed = wrong.unanswered + wrong.unavailable + wrong.bugs;
    if failed > 0 {
        stage.keep();
    }

    let (mut moves, mut seen) = (HashMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for entry in stage.history.entries() {
        let was_moved = entry.asked.operation == Operation::Reschedule && entry.done().is_some();
        if let (true, Some(id)) = (was_moved, &entry.asked.id) {
            *moves.entry(id.clone()).or_default() += 1;
        }
        let done = match entry.asked.operation {
            Operation::Book | Operation::Reassign | Operation::Status => None,
            Operation::Reschedule => Some("moved"),
            Operation::Cancel => Some("cancelled"),
            Operation::Hold => Some("held"),
            Operation::Release => Some("released"),
        };
        let done = done.filter(|_| entry.done().is_some()).map(str::to_owned);
        *seen.entry(done.unwrap_or_else(|| what(&entry))).or_default() += 1;
    }
    let twice = moves.values().filter(|times| **times >= 2).count();
    stage.close().await?;
    let overlaps = report.count(&[Kind::ProviderOverlap, Kind::PatientOverlap]);
    Ok(vec![
        Row::new("random operations: no overlap, no deadlock, no 5xx", engine, wrong.asked)
            .violated(overlaps + usize::try_from(deadlocks)? + failed)
            .note(format!("{} rows swept, {deadlocks} deadlocks, {seen:?}", truth.booked.len())),
        Row::new("random operations: the ledger agrees, moves too", engine, truth.outside.len())
            .violated(report.total() - overlaps + usize::from(twice == 0))
            .note(format!("{twice} appointments moved twice or more"))
            .note(report.to_string()),
    ])
}
