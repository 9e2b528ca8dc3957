//! An outside service that is slow, rude, forgetful or gone: five hundred bookings under each
//! fault.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::load::{Caller, Manner, Wrong};
use super::p99;
use crate::checker::{self, Kind};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::history::Entry;
use crate::roster::{self, ALWAYS};
use crate::stage::{SETTLED_WITHIN, Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 16;
const PENDING_WITHIN: Duration = Duration::from_millis(500);
/// What the mock is told to stumble over, in a name.
const POISON: &str = "Poison";
/// So many of a hundred bookings are confirmed at once beside poison.
const CONFIRMED_PERCENT: usize = 95;
/// The five seconds that a breaker is open, and the call that closes it.
const BREAKERS_CLOSE_WITHIN: Duration = Duration::from_secs(8);
const DRAINED_WITHIN: Duration = Duration::from_secs(30);

fn faults() -> [(&'static str, Value); 12] {
    [
        // Longer than a call may take: the service acts on what nobody waits for any more.
        ("latency", json!({ "latency_ms": 2200 })),
        ("error", json!({ "error_rate": 0.4 })),
        ("refuse", json!({ "refuse_rate": 0.4 })),
        ("drop", json!({ "drop_rate": 0.4 })),
        ("lost_reply", json!({ "lost_reply_rate": 0.4 })),
        ("garbage", json!({ "garbage_rate": 0.4 })),
        (
            "lying",
            json!({
                "wrong_reference_rate": 0.1, "wrong_time_rate": 0.1, "wrong_length_rate": 0.1,
                "wrong_id_rate": 0.1,
            }),
        ),
        ("down", json!({ "down": true })),
        ("latency+drop", json!({ "latency_ms": 150, "drop_rate": 0.3 })),
        ("lost_reply+garbage", json!({ "lost_reply_rate": 0.3, "garbage_rate": 0.3 })),
        ("error+lost_reply", json!({ "error_rate": 0.3, "lost_reply_rate": 0.3 })),
        (
            "mixture",
            json!({
                "latency_ms": 20, "error_rate": 0.1, "refuse_rate": 0.1, "drop_rate": 0.1,
                "lost_reply_rate": 0.15, "garbage_rate": 0.1,
            }),
        ),
    ]
}

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let bookings = context.scaled(500, 20);
    let mut rng = StdRng::seed_from_u64(context.seed_for("faults"));
    let mut stage = Stage::open(context, engine, Setup::with(roster::of(30, &ALWAYS))).await?;
    let manner = Manner {
        patients: 2000,
        keyed_in: 4,
        held_in: 0,
        book_in_ten: 8,
        move_in_ten: 1,
        whole_life: false,
        ..super::crashes::manner(&stage).await?
    };
    let mut rows = Vec::new();
    for (name, mut faults) in faults() {
        faults["seed"] = rng.random::<u32>().into();
        stage.faults(&faults).await?;
        if name == "down" {
            rows.extend(while_down(&stage, bookings).await?);
            continue;
        }
        let mut acting = JoinSet::new();
        for number in 0..CLIENTS {
            let seed = context.seed_for(&format!("faults-{name}-{number}"));
            let mut caller = Caller::new(&format!("{name}{number}"), &stage.client, &manner, seed);
            // A fifth of what is asked moves or cancels: that much more, for as many bookings.
            let share = (bookings * 5 / 4).div_ceil(CLIENTS);
            acting.spawn(async move {
                let mut wrong = Wrong::default();
                for _operation in 0..share {
                    wrong.note(&caller.act().await);
                }
                wrong
            });
        }
        let mut wrong = Wrong::default();
        while let Some(its) = acting.join_next().await {
            wrong.add(its?);
        }
        let left = crate::rows::unsettled(&stage.store).await?;
        stage.no_faults().await?;
        let drained = stage.settled(SETTLED_WITHIN).await?;
        let failed = wrong.unanswered + wrong.unavailable + wrong.bugs;
        rows.push(
            row(&stage, &format!("outside service: {name}"), wrong.asked, failed).await?.note(
                format!("{wrong}; {} unsettled at the end, settled after {drained:.1?}", left.1),
            ),
        );
    }
    rows.extend(while_poisoned(&stage, bookings).await?);
    let (report, truth) = stage.verdict().await?;
    stage.close().await?;
    rows.push(
        Row::new("after all faults: both books agree", engine, truth.booked.len())
            .violated(report.total())
            .note(format!("{} ever made outside", truth.outside.len()))
            .note(report.to_string()),
    );
    Ok(rows)
}

/// A row with everything the checker finds now.
async fn row(stage: &Stage, promise: &str, runs: usize, failed: usize) -> Result<Row, Trouble> {
    let truth = stage.truth().await?;
    let report = checker::check(&stage.history.entries(), &truth);
    let stuck = report.count(&[Kind::Stuck]);
    Ok(Row::new(promise, stage.store.engine, runs)
        .violated(report.total() + failed)
        .note(if stuck > 0 { format!("{stuck} STUCK") } else { String::new() })
        .note(report.to_string()))
}

/// The service is down: bookings are accepted all the same, at once, and settled when it is back.
async fn while_down(stage: &Stage, bookings: usize) -> Result<Vec<Row>, Trouble> {
    // The first ones find out that it is down; then the breakers are open.
    drop(pending(stage, "open", 40).await?);
    let answers = pending(stage, "down", bookings).await?;
    let accepted = answers
        .iter()
        .filter_map(|entry| entry.done())
        .filter(|answer| answer.status.as_deref() == Some("PENDING") && !answer.scheduled);
    let missing = answers.len() - accepted.count();
    let slow = p99(answers.iter().map(|entry| entry.took).collect());
    sleep(Duration::from_secs(1)).await;
    stage.no_faults().await?;
    let back = Instant::now();
    let drained = stage.settled(SETTLED_WITHIN).await?;
    let late = drained.is_none_or(|took| took > DRAINED_WITHIN);
    let after = row(stage, "outside service: down, then back: all settled in 30 s", bookings, 0);
    Ok(vec![
        Row::new("outside service: down: PENDING, p99 < 500 ms", stage.store.engine, bookings)
            .violated(missing + usize::from(slow > PENDING_WITHIN))
            .note(format!("p99 {} ms, {missing} not accepted", slow.as_millis())),
        after
            .await?
            .violated(usize::from(late))
            .note(format!("settled {:.1?} after its return", drained.unwrap_or(back.elapsed()))),
    ])
}

/// The service stumbles over, or hangs for, the visits of one provider or of some patients: nobody else is
/// to notice.
async fn while_poisoned(stage: &Stage, bookings: usize) -> Result<Vec<Row>, Trouble> {
    let providers = stage.client.providers().await?;
    // What came before may have opened the breakers.
    sleep(BREAKERS_CLOSE_WITHIN).await;
    // Longer than a call may take.
    let hangs = 2_500;
    let poisons = [
        ("a provider: 500", json!({ "poisoned_provider": providers[0] })),
        ("a provider: 503", json!({ "poisoned_provider": providers[0], "poison_status": 503 })),
        (
            "a provider: hangs",
            json!({ "poisoned_provider": providers[0], "poison_latency_ms": hangs }),
        ),
        ("a name: 400", json!({ "poisoned_name": POISON, "poison_status": 400 })),
    ];
    let mut rows = Vec::new();
    for (number, (what, faults)) in poisons.into_iter().enumerate() {
        stage.faults(&faults).await?;
        // A quarter of all is poison, of a provider who is nobody else's, or with everybody.
        let of_one = faults.get("poisoned_provider").is_some();
        let asked = (0..bookings + bookings / 3).map(|n| {
            let is_poison = n % 4 == 0;
            let provider = if is_poison && of_one { 0 } else { 1 + n % (providers.len() - 1) };
            let name = if is_poison { POISON } else { "sound" };
            (is_poison, format!("{name}{number}-{n}"), providers[provider].clone())
        });
        let (poison, sound): (Vec<_>, Vec<_>) = asked.partition(|(is_poison, ..)| *is_poison);
        let visits = |asked: Vec<(bool, String, String)>| {
            asked.into_iter().map(|(_, who, provider)| (who, provider)).collect::<Vec<_>>()
        };
        let (poison, sound) = (visits(poison), visits(sound));
        let asked = sound.len();
        let (poisoned, answers) = tokio::join!(
            book_each(stage, poison, CLIENTS / 4),
            book_each(stage, sound, CLIENTS * 3 / 4)
        );
        let confirmed =
            answers?.iter().filter_map(|entry| entry.done()).filter(|it| it.scheduled).count();
        let stumbled =
            poisoned?.iter().filter_map(|entry| entry.done()).filter(|it| !it.scheduled).count();
        stage.no_faults().await?;
        let drained = stage.settled(SETTLED_WITHIN).await?;
        let promise = format!("outside service: poisoned, {what}: others are booked");
        let share = confirmed * 100 / asked.max(1);
        rows.push(
            row(stage, &promise, asked, usize::from(share < CONFIRMED_PERCENT))
                .await?
                .note(format!(
                    "{confirmed} of {asked} others confirmed at once ({share} %), {stumbled} stumbled over; settled after \
                     {drained:.1?}"
                )),
        );
    }
    Ok(rows)
}

/// Books, [`CLIENTS`] at a time, at the first free times of each provider.
async fn pending(stage: &Stage, name: &str, count: usize) -> Result<Vec<Entry>, Trouble> {
    let providers = stage.client.providers().await?;
    let visit =
        |number: usize| (format!("{name}{number}"), providers[number % providers.len()].clone());
    book_each(stage, (0..count).map(visit).collect(), CLIENTS).await
}

/// Books for each of these patients with that provider, so many at a time, at the first free times.
async fn book_each(
    stage: &Stage,
    visits: Vec<(String, String)>,
    clients: usize,
) -> Result<Vec<Entry>, Trouble> {
    let visits = Arc::new(visits);
    let mut asking = JoinSet::new();
    for caller in 0..clients {
        let (client, visits) = (stage.client.clone(), Arc::clone(&visits));
        asking.spawn(async move {
            let mut answers = Vec::new();
            for number in (caller..visits.len()).step_by(clients) {
                let (who, provider) = visits[number].clone();
                let visit =
                    Visit { who, provider: Some(provider), minutes: 30, ..Visit::default() };
                let via = Via { server: number % client.servers(), graphql: number % 3 == 0 };
                answers.push(client.book(via, &visit).await);
            }
            answers
        });
    }
    let mut all = Vec::new();
    while let Some(answers) = asking.join_next().await {
        all.extend(answers?);
    }
    Ok(all)
}
