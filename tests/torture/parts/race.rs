//! Two hundred clients, one time: one wins, the others are told `SLOT_TAKEN`.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{DAY, midnight_in};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::history::Entry;
use crate::roster::{self, ALWAYS};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 200;

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let rounds = context.scaled(100, 3);
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(1, &ALWAYS))).await?;
    let provider = stage.client.providers().await?.remove(0);
    let deadlocks = stage.store.deadlocks().await?;
    let (mut broken, mut seen) = (0, BTreeMap::<String, usize>::new());
    for round in 0..rounds {
        let start = midnight_in(2) + i64::try_from(round)? * DAY / 48;
        let visit = |client: usize| Visit {
            who: format!("race{round}-{client}"),
            provider: Some(provider.clone()),
            start: Some(start),
            minutes: 30,
            ..Visit::default()
        };
        let answers = together(&stage, (0..CLIENTS).map(visit).collect()).await?;
        let won = answers.iter().filter(|entry| entry.done().is_some()).count();
        let taken = answers.iter().filter(|entry| entry.has_code("SLOT_TAKEN")).count();
        if won != 1 || taken != CLIENTS - 1 {
            broken += 1;
        }
        for entry in answers {
            *seen.entry(what(&entry)).or_default() += 1;
        }
    }
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (report, _) = stage.verdict().await?;
    let servers = stage.servers();
    stage.close().await?;
    let row = Row::new("one time, 200 clients: 1 winner, 199 SLOT_TAKEN", engine, rounds)
        .violated(broken + report.total() + usize::try_from(deadlocks)?)
        .note(format!("{servers} server(s), {seen:?}, {deadlocks} deadlocks"))
        .note(report.to_string());
    Ok(vec![row])
}

/// What a client got, in a word.
pub(super) fn what(entry: &Entry) -> String {
    match &entry.answer {
        None => "no answer".to_owned(),
        Some(answer) if answer.done() => "booked".to_owned(),
        Some(answer) => answer.code.clone().unwrap_or_else(|| answer.http.to_string()),
    }
}

/// Sends all of these at the same moment, by both doors of all servers.
pub(super) async fn together(stage: &Stage, visits: Vec<Visit>) -> Result<Vec<Entry>, Trouble> {
    let barrier = Arc::new(Barrier::new(visits.len()));
    let mut racing = JoinSet::new();
    for (number, visit) in visits.into_iter().enumerate() {
        let (client, barrier) = (stage.client.clone(), barrier.clone());
        let via = Via { server: number % stage.servers(), graphql: (number / 2).is_multiple_of(2) };
        racing.spawn(async move {
            barrier.wait().await;
            client.book(via, &visit).await
        });
    }
    let mut answers = Vec::new();
    while let Some(entry) = racing.join_next().await {
        answers.push(entry?);
    }
    Ok(answers)
}
