//! What the database is trusted with, taken away while the servers serve: the rules that keep
//! visits apart, and its willingness to write.

use std::time::Duration;

use super::race::together;
use super::{DAY, midnight_in};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::roster::{self, ALWAYS};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

/// Ends every other session of the database.
const END_SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

const CLIENTS: usize = 50;
const BACK_WITHIN: Duration = Duration::from_secs(20);
const RULES: [&str; 4] = [
    "appointment_provider_no_overlap",
    "appointment_patient_no_overlap",
    "appointment_provider_no_overlap_all",
    "appointment_patient_no_overlap_all",
];

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(1, &ALWAYS))).await?;
    let rounds = context.scaled(20, 2);
    let mut rows = vec![dropped(&stage, rounds).await?];
    if engine == Engine::Postgres {
        rows.push(without_writes(&stage, rounds).await?);
    }
    let (report, truth) = stage.verdict().await?;
    stage.close().await?;
    rows.push(
        Row::new("after all that: nothing overlaps, both books agree", engine, truth.booked.len())
            .violated(report.total())
            .note(report.to_string()),
    );
    Ok(rows)
}

/// What came of so many who want one time.
#[derive(Default)]
struct Asked {
    booked: usize,
    unavailable: usize,
    other: usize,
}

/// All want the same time of the only provider.
async fn ask(stage: &Stage, name: &str, round: usize) -> Result<Asked, Trouble> {
    let provider = stage.client.providers().await?.remove(0);
    let start = midnight_in(2) + i64::try_from(round)? * DAY / 48;
    let visit = |client: usize| Visit {
        who: format!("{name}{round}-{client}"),
        provider: Some(provider.clone()),
        start: Some(start),
        minutes: 30,
        ..Visit::default()
    };
    let mut asked = Asked::default();
    for entry in together(stage, (0..CLIENTS).map(visit).collect()).await? {
        if entry.done().is_some() {
            asked.booked += 1;
        } else if entry.has_code("UNAVAILABLE") {
            asked.unavailable += 1;
        } else {
            asked.other += 1;
        }
    }
    Ok(asked)
}

/// How many servers say that they are ready.
async fn ready(stage: &Stage) -> Result<usize, Trouble> {
    let mut ready = 0;
    for server in 0..stage.servers() {
        let answer = stage.client.http.get(stage.client.url(server, "/readyz")).send().await?;
        ready += usize::from(answer.status().is_success());
    }
    Ok(ready)
}

/// Whether all of them are ready again in time, and one can be booked.
async fn is_back(stage: &Stage, name: &str, round: usize) -> Result<bool, Trouble> {
    if stage.ready(BACK_WITHIN).await.is_err() {
        return Ok(false);
    }
    let visit = Visit { who: format!("{name}-back{round}"), minutes: 5, ..Visit::default() };
    Ok(stage.client.book(Via { server: 0, graphql: false }, &visit).await.done().is_some())
}

/// The statements that take the rules away, and those that bring them back.
async fn to_drop(stage: &Stage) -> Result<(Vec<String>, Vec<String>), Trouble> {
    let sql = stage.store.engine.sql(
        "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%_no_overlap_%'",
        "SELECT 'ALTER TABLE appointment DROP CONSTRAINT ' || conname,
                'ALTER TABLE appointment ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid)
           FROM pg_constraint WHERE conname LIKE '%_no_overlap%'",
    );
    let (mut drop, mut restore) = (Vec::new(), Vec::new());
    for row in stage.store.query(sql).await? {
        drop.push(row.try_get_by_index(0)?);
        restore.push(row.try_get_by_index(1)?);
    }
    if drop.len() < RULES.len() {
        Err("the rules were not found".into())
    } else {
        Ok((drop, restore))
    }
}

async fn dropped(stage: &Stage, rounds: usize) -> Result<Row, Trouble> {
    let engine = stage.store.engine;
    let (drop, restore) = to_drop(stage).await?;
    let (mut violations, mut refused, mut told_ready) = (0, 0, 0);
    for round in 0..rounds {
        for sql in &drop {
            stage.store.execute(sql).await?;
        }
        if engine == Engine::Sqlite {
            // There only a look finds it, which is each minute's or this.
            told_ready += ready(stage).await?;
        }
        let asked = ask(stage, "dropped", round).await?;
        told_ready += ready(stage).await?;
        for sql in &restore {
            stage.store.execute(sql).await?;
        }
        violations +=
            asked.booked + asked.other + usize::from(!is_back(stage, "dropped", round).await?);
        refused += asked.unavailable;
    }
    Ok(Row::new("rules dropped under load: nobody is booked, and then again", engine, rounds)
        .violated(violations + told_ready)
        .note(format!("{refused} told UNAVAILABLE, {told_ready} times ready all the same")))
}

/// As after a failover to a standby: sessions end, and new ones may not write.
async fn without_writes(stage: &Stage, rounds: usize) -> Result<Row, Trouble> {
    let name = stage.store.url.rsplit('/').next().ok_or("no database in the URL")?;
    let (mut violations, mut refused, mut told_ready) = (0, 0, 0);
    for round in 0..rounds {
        let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
        stage.store.execute(&set).await?;
        stage.store.execute(END_SESSIONS).await?;
        let asked = ask(stage, "standby", 100 + round).await?;
        told_ready += ready(stage).await?;
        let reset = format!(
            "BEGIN READ WRITE; ALTER DATABASE {name} RESET default_transaction_read_only; COMMIT"
        );
        stage.store.execute(&reset).await?;
        stage.store.execute(END_SESSIONS).await?;
        violations +=
            asked.booked + asked.other + usize::from(!is_back(stage, "standby", round).await?);
        refused += asked.unavailable;
    }
    Ok(Row::new(
        "no writes, as on a standby: UNAVAILABLE, and then again",
        Engine::Postgres,
        rounds,
    )
    .violated(violations + told_ready)
    .note(format!("{refused} told UNAVAILABLE, {told_ready} times ready all the same")))
}
