//! Two hundred strangers want a time that is held: none has it, and whoever holds it does, also where the server is
//! killed while they book it. And what has lapsed is anybody's.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::midnight_in;
use crate::checker::{self, Kind, Report};
use crate::client::{Client, Via, Visit};
use crate::database::Engine;
use crate::history::Entry;
use crate::roster::{self, ALWAYS};
use crate::rows;
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const STRANGERS: usize = 200;
/// How long what is held is, in minutes.
const LENGTH: i64 = 30;
const REST: Via = Via { server: 0, graphql: false };

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let mut rows = vec![
        strangers(context, engine).await?,
        freed(context, engine).await?,
        token_gone(context, engine).await?,
    ];
    rows.extend(lapsed(context, engine).await?);
    Ok(rows)
}

async fn stage(context: &Context, engine: Engine) -> Result<(Stage, String), Trouble> {
    let stage = Stage::open(context, engine, Setup::with(roster::of(1, &ALWAYS))).await?;
    let provider = stage.client.providers().await?.remove(0);
    Ok((stage, provider))
}

fn visit(who: &str, provider: &str, start: i64) -> Visit {
    let (who, provider) = (who.to_owned(), Some(provider.to_owned()));
    Visit { who, provider, start: Some(start), minutes: LENGTH, ..Visit::default() }
}

/// Holds that time: the visit to be booked by its token.
async fn held(client: &Client, via: Via, wanted: Visit, minutes: i64) -> Result<Visit, Trouble> {
    let entry = client.hold(via, &wanted, minutes).await;
    let token = entry.done().and_then(|answer| answer.id.clone());
    let token = token.ok_or_else(|| format!("nothing is held: {:?}", entry.answer))?;
    let Visit { who, minutes, .. } = wanted;
    Ok(Visit { key: Some(who.clone()), who, minutes, token: Some(token), ..Visit::default() })
}

async fn strangers(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let rounds = context.scaled(100, 4);
    let mut rng = StdRng::seed_from_u64(context.seed_for("holds"));
    let (mut stage, provider) = stage(context, engine).await?;
    let deadlocks = stage.store.deadlocks().await?;
    let (mut won, mut holders, mut kills) = (0, 0, 0);
    for round in 0..rounds {
        let start = midnight_in(2) + i64::try_from(round)? * 7200;
        let via = Via { server: round % stage.servers(), graphql: round.is_multiple_of(2) };
        let wanted = visit(&format!("key-holder{round}"), &provider, start);
        let visit = held(&stage.client, via, wanted, 5).await?;
        let mut storm = storm(&stage, &provider, start, round);
        let killed = round % 4 == 3;
        let pause = Duration::from_millis(rng.random_range(0..40));
        let (booked, killing) = tokio::join!(stage.client.book(via, &visit), async {
            if killed {
                sleep(pause).await;
                stage.kill(via.server).await?;
                stage.restart(&[via.server]).await?;
            }
            Ok::<_, Trouble>(())
        });
        killing?;
        kills += usize::from(killed);
        while let Some(entry) = storm.join_next().await {
            won += usize::from(entry?.done().is_some());
        }
        let mut booked = booked;
        for _again in 0..20 {
            if booked.answer.is_some() {
                break;
            }
            booked = stage.client.book(via, &visit).await;
        }
        holders += usize::from(booked.done().is_some());
    }
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (mut report, truth) = stage.verdict().await?;
    rows::in_part(&stage.store, &mut report).await?;
    let confirmed = truth.booked.iter().filter(|row| row.is_scheduled()).count();
    let broken = won + (rounds - holders) + (rounds - confirmed.min(rounds));
    if broken + report.total() > 0 {
        stage.keep();
    }
    stage.close().await?;
    Ok(Row::new("200 strangers against a hold: none wins, the holder does", engine, rounds)
        .violated(broken + usize::try_from(deadlocks)? + report.total())
        .note(format!(
            "{won} won by strangers, {holders} by holders, {confirmed} confirmed; {kills} servers killed meanwhile; \
             {deadlocks} deadlocks"
        ))
        .note(report.to_string()))
}

/// All strangers at once: half of them want to book that very time, others one that shares a part of it, or to hold it.
fn storm(stage: &Stage, provider: &str, start: i64, round: usize) -> JoinSet<Entry> {
    let barrier = Arc::new(Barrier::new(STRANGERS));
    let mut racing = JoinSet::new();
    for number in 0..STRANGERS {
        let (client, barrier) = (stage.client.clone(), barrier.clone());
        let via = Via { server: number % stage.servers(), graphql: (number / 2).is_multiple_of(2) };
        let shift = [0, 0, -600, 600][number % 4];
        let visit = visit(&format!("stranger{round}-{number}"), provider, start + shift);
        racing.spawn(async move {
            barrier.wait().await;
            if number % 8 == 5 {
                client.hold(via, &visit, 1).await
            } else {
                client.book(via, &visit).await
            }
        });
    }
    racing
}

/// Sabotage: the row of a hold is deleted past the program, and a stranger books its time.
async fn freed(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let (stage, provider) = stage(context, engine).await?;
    let start = midnight_in(2);
    held(&stage.client, REST, visit("key-holder", &provider, start), 5).await?;
    stage.store.execute("DELETE FROM appointment WHERE status = 'HELD'").await?;
    stage.client.book(REST, &visit("stranger", &provider, start)).await;
    let report = checker::check(&stage.history.entries(), &stage.truth().await?);
    stage.close().await?;
    Ok(red("the row of a hold is deleted", engine, &report, Kind::AgainstHold))
}

/// Sabotage: the token of a hold is deleted past the program, and its holder is refused.
async fn token_gone(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let (stage, provider) = stage(context, engine).await?;
    let visit =
        held(&stage.client, REST, visit("key-holder", &provider, midnight_in(2)), 5).await?;
    stage.store.execute("DELETE FROM hold").await?;
    stage.client.book(REST, &visit).await;
    let mut report = checker::check(&stage.history.entries(), &stage.truth().await?);
    rows::in_part(&stage.store, &mut report).await?;
    stage.close().await?;
    let row = red("the token of a hold is deleted", engine, &report, Kind::HoldBroken);
    Ok(row.violated(usize::from(report.count(&[Kind::InPart]) == 0)))
}

fn red(what: &str, engine: Engine, report: &Report, kind: Kind) -> Row {
    let found = report.count(&[kind]);
    let verdict = if found > 0 { "red, as it must be" } else { "STAYED GREEN" };
    Row::new(&format!("sabotage: {what}"), engine, 1)
        .violated(usize::from(found == 0))
        .note(format!("{verdict}: {}", report.counts()))
}

/// What was held for a minute, and is nobody's any more: whoever comes has it, with no job having run. Sabotage: one
/// of the holds is made to last.
async fn lapsed(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let times = context.scaled(50, 4);
    let (stage, provider) = stage(context, engine).await?;
    for number in 0..times {
        let via = Via { server: number % stage.servers(), graphql: number.is_multiple_of(2) };
        let wanted = visit(&format!("key-holder{number}"), &provider, start_of(number)?);
        held(&stage.client, via, wanted, 1).await?;
    }
    let lasting = "UPDATE appointment SET hold_expires_at = '2099-01-01T00:00:00+00:00'
        WHERE starts_at = (SELECT max(starts_at) FROM appointment)";
    stage.store.execute(lasting).await?;
    sleep(Duration::from_secs(61)).await;
    let mut report = Report::default();
    let mut last_is_lost = false;
    for number in 0..times {
        let via = Via { server: number % stage.servers(), graphql: number.is_multiple_of(3) };
        let wanted = visit(&format!("stranger{number}"), &provider, start_of(number)?);
        let entry = stage.client.book(via, &wanted).await;
        let is_lost = entry.done().is_none();
        if number + 1 == times {
            last_is_lost = is_lost;
        } else if is_lost {
            report.add(Kind::TimeLost, format!("{:?}", entry.answer));
        }
    }
    stage.close().await?;
    let verdict = if last_is_lost { "red, as it must be" } else { "STAYED GREEN" };
    Ok(vec![
        Row::new("what has lapsed is anybody's", engine, times - 1)
            .violated(report.total())
            .note(report.to_string()),
        Row::new("sabotage: a hold is made to last", engine, 1)
            .violated(usize::from(!last_is_lost))
            .note(verdict.to_owned()),
    ])
}

fn start_of(number: usize) -> Result<i64, Trouble> {
    Ok(midnight_in(2) + i64::try_from(number)? * 3600)
}
