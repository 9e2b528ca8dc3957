//! Sabotage: each safeguard is taken away in its turn, and the checker must see what comes of it.
//! A row here is a violation when the checker stays green.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::{DAY, midnight_in};
use crate::checker::{self, Kind};
use crate::client::{Via, Visit};
use crate::database::{Engine, Store};
use crate::roster::{self, ALWAYS};
use crate::rows::{self, Booked, hexadecimal, literal};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const WRITERS: u64 = 8;
const REST: Via = Via { server: 0, graphql: false };
const GRAPHQL: Via = Via { server: 0, graphql: true };

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let (guarded, open) = check_then_insert(context, engine).await?;
    Ok(vec![
        guarded,
        open,
        outbox_off(context, engine).await?,
        freed_before_cancelled(context, engine).await?,
        key_ignored(context, engine).await?,
        row_lost(context, engine).await?,
    ])
}

async fn stage(context: &Context, engine: Engine) -> Result<Stage, Trouble> {
    Stage::open(context, engine, Setup::with(roster::of(4, &ALWAYS))).await
}

/// Red, as it must be?
async fn red(mut stage: Stage, what: &str, kinds: &[Kind]) -> Result<Row, Trouble> {
    let truth = stage.truth().await?;
    let report = checker::check(&stage.history.entries(), &truth);
    let found = report.count(kinds);
    let engine = stage.store.engine;
    if found == 0 {
        stage.keep();
    }
    stage.close().await?;
    let verdict = if found > 0 { "red, as it must be" } else { "STAYED GREEN" };
    Ok(Row::new(&format!("sabotage: {what}"), engine, 1)
        .violated(usize::from(found == 0))
        .note(format!("{verdict}: {}", report.counts())))
}

/// Raw writers that look first and insert then: with the rule in the database none gets through
/// wrongly, without it they do.
async fn check_then_insert(context: &Context, engine: Engine) -> Result<(Row, Row), Trouble> {
    let stage = stage(context, engine).await?;
    for (number, provider) in stage.client.providers().await?.into_iter().enumerate() {
        let who = format!("raw{number}");
        let visit = Visit { who, provider: Some(provider), minutes: 5, ..Visit::default() };
        stage.client.book(REST, &visit).await.done().ok_or("could not book")?;
    }
    let models = rows::booked(&stage.store).await?;
    let refused = raw_writers(context, &stage.store, &models, 4).await?;
    let mut report = checker::Report::default();
    checker::overlaps(&rows::booked(&stage.store).await?, &mut report);
    let verified = stage.command(&["verify"]).await?;
    let guarded = Row::new("control: raw check-then-insert, rules in place", engine, 1)
        .violated(report.total() + usize::from(refused == 0) + usize::from(verified != Some(0)))
        .note(format!("clinic verify: {verified:?}"))
        .note(format!("{refused} raw writes refused by the database"))
        .note(report.to_string());

    for rule in [
        "provider_no_overlap",
        "patient_no_overlap",
        "provider_no_overlap_all",
        "patient_no_overlap_all",
    ]
    .map(|rule| format!("appointment_{rule}"))
    {
        match engine {
            Engine::Postgres => {
                let sql = format!("ALTER TABLE appointment DROP CONSTRAINT {rule}");
                stage.store.execute(&sql).await?;
            }
            Engine::Sqlite => {
                for event in ["insert", "update"] {
                    stage.store.execute(&format!("DROP TRIGGER {rule}_{event}")).await?;
                }
            }
        }
    }
    raw_writers(context, &stage.store, &models, 6).await?;
    let what = "rules dropped, raw check-then-insert";
    let mut report = checker::Report::default();
    checker::overlaps(&rows::booked(&stage.store).await?, &mut report);
    // Both rules were dropped, and each must be missed.
    let both = [Kind::ProviderOverlap, Kind::PatientOverlap].map(|kind| report.count(&[kind]));
    let verified = stage.command(&["verify"]).await?;
    let row = red(stage, what, &[Kind::ProviderOverlap]).await?;
    let open = row
        .violated(usize::from(both.contains(&0)) + usize::from(verified != Some(1)))
        .note(format!("{} of a provider, {} of a patient", both[0], both[1]));
    Ok((guarded, open))
}

/// Says how many writes the database refused.
async fn raw_writers(
    context: &Context,
    store: &Store,
    models: &[Booked],
    day: i64,
) -> Result<usize, Trouble> {
    let mut writing = JoinSet::new();
    let barrier = Arc::new(Barrier::new(usize::try_from(WRITERS)?));
    for writer in 0..WRITERS {
        let (engine, barrier) = (store.engine, barrier.clone());
        let connection = store.connect().await?;
        let models = models.to_vec();
        let mut rng = StdRng::seed_from_u64(context.seed_for(&format!("raw{day}-{writer}")));
        writing.spawn(async move {
            use sea_orm::{ConnectionTrait as _, Statement};
            let backend = connection.get_database_backend();
            let mut refused = 0;
            for half_hour in 0..20 {
                barrier.wait().await;
                let start = midnight_in(day) + half_hour * DAY / 48;
                // All want the same provider, or all the same patient.
                let random = rng.random_range(0..models.len());
                let (provider, patient) =
                    if half_hour % 2 == 0 { (0, random) } else { (random, 0) };
                let insert = insert(engine, &models, (provider, patient), start, &mut rng);
                let look = insert.0;
                let taken = connection.query_one_raw(Statement::from_string(backend, look)).await;
                sleep(Duration::from_millis(rng.random_range(2..8))).await;
                if taken.is_ok_and(|row| row.is_none())
                    && connection.execute_unprepared(&insert.1).await.is_err()
                {
                    refused += 1;
                }
            }
            drop(connection.close().await);
            refused
        });
    }
    let mut refused = 0;
    while let Some(its) = writing.join_next().await {
        refused += its?;
    }
    Ok(refused)
}

/// The look and the insert of a writer who has never heard of races.
fn insert(
    engine: Engine,
    models: &[Booked],
    (provider, patient): (usize, usize),
    start: i64,
    rng: &mut StdRng,
) -> (String, String) {
    let instant = |seconds: i64| {
        let instant = jiff::Timestamp::from_second(seconds).unwrap();
        format!("'{}'", instant.strftime("%Y-%m-%dT%H:%M:%S+00:00"))
    };
    let (starts_at, ends_at) = (instant(start), instant(start + 1800));
    let raw = format!("{:032x}", rng.random::<u128>());
    let [id, provider, patient, model] = [
        raw.clone(),
        models[provider].provider.clone(),
        models[patient].patient.clone().unwrap(),
        models[0].id.clone(),
    ]
    .map(|hexadecimal| literal(engine, &hexadecimal));
    let look = format!(
        "SELECT 1 AS taken FROM appointment WHERE (provider_id = {provider} OR patient_id = {patient})
         AND status = 'CONFIRMED' AND starts_at < {ends_at} AND ends_at > {starts_at}"
    );
    let insert = format!(
        "INSERT INTO appointment (id, provider_id, patient_id, starts_at, ends_at, status, version,
             state, insurance_id, external_id, created_at, updated_at)
         SELECT {id}, {provider}, {patient}, {starts_at}, {ends_at}, 'CONFIRMED', 1,
             state, insurance_id, '{raw}', created_at, updated_at
         FROM appointment WHERE id = {model}"
    );
    (look, insert)
}

/// The outbox rows of a few bookings are deleted while the service is down: they stay `PENDING`,
/// the others are settled.
async fn outbox_off(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let stage = stage(context, engine).await?;
    stage.faults(&json!({ "down": true })).await?;
    let mut ids = Vec::new();
    for number in 0..8 {
        let visit = Visit { who: format!("outbox{number}"), minutes: 30, ..Visit::default() };
        ids.push(booked(&stage, &visit).await?);
    }
    for id in &ids[..3] {
        let sql = format!("DELETE FROM outbox WHERE appointment_id = {}", literal(engine, id));
        stage.store.execute(&sql).await?;
    }
    stage.no_faults().await?;
    // Until the others are settled, and somewhat longer.
    let until = Instant::now() + Duration::from_secs(40);
    while rows::unsettled(&stage.store).await?.0 > 0 && Instant::now() < until {
        sleep(Duration::from_millis(200)).await;
    }
    sleep(Duration::from_secs(2)).await;
    red(stage, "outbox rows deleted before recovery", &[Kind::Stuck]).await
}

/// A reply is lost and so is the note that it may come; then a cancellation frees the time.
async fn freed_before_cancelled(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let stage = stage(context, engine).await?;
    stage.faults(&json!({ "lost_reply_rate": 1.0 })).await?;
    let visit = Visit { who: "lost".to_owned(), minutes: 30, ..Visit::default() };
    let entry = stage.client.book(REST, &visit).await;
    let id = entry.done().and_then(|answer| answer.id.clone()).ok_or("could not book")?;
    let far = engine.sql("'2099-01-01T00:00:00+00:00'", "'2099-01-01T00:00:00+00:00'::timestamptz");
    stage
        .store
        .execute(&format!("UPDATE outbox SET unanswered_key = NULL, due_at = {far}"))
        .await?;
    stage.client.cancel(REST, &id).await.done().ok_or("could not cancel")?;
    stage.no_faults().await?;
    stage.settled(Duration::from_secs(40)).await?;
    red(stage, "freed with an attempt unanswered", &[Kind::Orphan]).await
}

/// The note of a key is deleted: its repetition is a second booking.
async fn key_ignored(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let stage = stage(context, engine).await?;
    let key = Some("sabotaged".to_owned());
    let visit = Visit { who: "key-sabotaged".to_owned(), minutes: 30, key, ..Visit::default() };
    let first = booked(&stage, &visit).await?;
    let again = stage.client.book(GRAPHQL, &visit).await;
    if again.done().and_then(|answer| hexadecimal(answer.id.as_deref()?)) != Some(first) {
        return Err("the key did not work to begin with".into());
    }
    stage.store.execute("DELETE FROM idempotency_key").await?;
    booked(&stage, &visit).await?;
    red(stage, "key forgotten", &[Kind::KeySplit]).await
}

/// An acknowledged booking is deleted, and another one is moved without the service's knowledge.
async fn row_lost(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let stage = stage(context, engine).await?;
    for who in ["gone", "moved"] {
        let visit = Visit { who: who.to_owned(), minutes: 30, ..Visit::default() };
        let id = booked(&stage, &visit).await?;
        let id = literal(engine, &id);
        let later = engine.sql(
            "ends_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', ends_at, '+5 minutes')",
            "ends_at = ends_at + interval '5 minutes'",
        );
        let sql = match who {
            "gone" => format!("DELETE FROM appointment WHERE id = {id}"),
            _ => format!("UPDATE appointment SET {later} WHERE id = {id}"),
        };
        stage.store.execute(&sql).await?;
    }
    let truth = stage.truth().await?;
    let report = checker::check(&stage.history.entries(), &truth);
    let kinds = [Kind::Lost, Kind::NotOutside, Kind::Untrue, Kind::Orphan];
    let missed = kinds.into_iter().filter(|kind| report.count(&[*kind]) == 0).count();
    let row = red(stage, "a booking deleted, another changed past the program", &kinds).await?;
    Ok(row.violated(missed))
}

/// Books; gives the id as the database has it.
async fn booked(stage: &Stage, visit: &Visit) -> Result<String, Trouble> {
    let entry = stage.client.book(REST, visit).await;
    let id = entry.done().and_then(|answer| hexadecimal(answer.id.as_deref()?));
    id.ok_or_else(|| format!("could not book: {:?}", entry.answer).into())
}
