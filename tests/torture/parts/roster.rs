//! Providers go on leave, lose a licence or are deactivated while clients book, move and reassign, and
//! servers are killed: nobody is booked against what was committed before.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tokio::time::sleep;

use super::load::{Burst, Caller, Manner, Wrong, until_stopped};
use super::{DAY, midnight_in};
use crate::checker::{Kind, Report};
use crate::client::{Via, Visit};
use crate::database::Engine;
use crate::edits::{self, Counted, EDITS, Edit};
use crate::roster::{self, ALWAYS};
use crate::rows::{hexadecimal, literal};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 8;
const PROVIDERS: usize = 6;
/// Few days, so that many bookings meet an edit.
const DAYS: i64 = 4;
/// How long each edit counts.
const FOR: Duration = Duration::from_millis(150);

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    let promise = "the roster is edited and servers are killed: no booking against an edit";
    let rounds = context.scaled(60, 3);
    let (report, note) = edited(context, engine, rounds).await?;
    let honest = Row::new(promise, engine, rounds).violated(report.total()).note(note);
    let honest = honest.note(report.to_string());
    Ok(vec![honest, taken_away(context, engine).await?])
}

async fn edited(
    context: &Context,
    engine: Engine,
    rounds: usize,
) -> Result<(Report, String), Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for("roster"));
    let setup = Setup::with(roster::of(PROVIDERS, &ALWAYS)).setting("ANSWER_WITHIN_MS", "1000");
    let mut stage = Stage::open(context, engine, setup).await?;
    let mut callers = callers(context, &stage).await?;
    let providers = stage.client.providers().await?;
    let (mut counted, mut wrong) = (Vec::new(), Wrong::default());
    for round in 0..rounds {
        stage.faults(&json!({ "latency_ms": rng.random_range(0..20), "error_rate": 0.02 })).await?;
        let burst = Arc::new(Burst::default());
        let victim = rng.random_range(0..stage.servers());
        let mut dice = StdRng::seed_from_u64(rng.random());
        let editing = async {
            burst.under_way().await;
            let mut done = Vec::new();
            for edit in EDITS {
                let provider = &providers[dice.random_range(0..PROVIDERS)];
                let day = midnight_in(dice.random_range(1..DAYS));
                let (on, by) = ((edit, provider.as_str()), dice.random_range(0..2));
                let begun = Counted::begin(&stage.client, by, on, (day, day + DAY)).await?;
                let (mut edit, undo) = begun;
                sleep(FOR).await;
                edit.end(&stage.client, dice.random_range(0..2), undo).await?;
                done.push(edit);
            }
            Ok::<_, Trouble>(done)
        };
        let killing = async {
            if round % 2 == 1 {
                burst.under_way().await;
                sleep(FOR * 2).await;
                stage.kill(victim).await?;
                stage.restart(&[victim]).await?;
            }
            Ok::<_, Trouble>(())
        };
        let editing = async {
            let both = tokio::try_join!(editing, killing);
            burst.stop();
            both
        };
        let (acted, edited) = tokio::join!(until_stopped(callers, &burst), editing);
        counted.extend(edited?.0);
        let (back, its) = acted?;
        callers = back;
        wrong.add(its);
    }
    let (mut report, truth) = stage.verdict().await?;
    edits::check(&stage.history.entries(), &counted, &mut report);
    if report.total() + wrong.bugs > 0 {
        stage.keep();
    }
    for _bug in 0..wrong.bugs {
        report.add(Kind::Untrue, "an INTERNAL");
    }
    stage.close().await?;
    let note = format!("{wrong}; {} edits, {} rows", counted.len(), truth.booked.len());
    Ok((report, note))
}

/// Sabotage: time off is taken away past the program, and so it is booked. The checker has to see that.
async fn taken_away(context: &Context, engine: Engine) -> Result<Row, Trouble> {
    let setup = Setup::with(roster::of(1, &ALWAYS));
    let stage = Stage::open(context, engine, setup).await?;
    let provider = stage.client.providers().await?.remove(0);
    let visit = |who: &str, start: i64| Visit {
        who: who.to_owned(),
        provider: Some(provider.clone()),
        start: Some(start),
        minutes: 30,
        ..Visit::default()
    };
    let via = Via { server: 0, graphql: true };
    // The directory is in memory from now on.
    stage.client.book(via, &visit("before", midnight_in(9))).await;
    let day = midnight_in(2);
    let edit = (Edit::TimeOff, provider.as_str());
    let (mut edit, undo) = Counted::begin(&stage.client, 0, edit, (day, day + DAY)).await?;
    let id = hexadecimal(&provider).ok_or("an id that can't be read")?;
    let gone = format!("DELETE FROM time_off WHERE provider_id = {}", literal(engine, &id));
    stage.store.execute(&gone).await?;
    stage.client.book(via, &visit("against", day + 3600)).await;
    edit.end(&stage.client, 0, undo).await.ok();
    let mut report = Report::default();
    edits::check(&stage.history.entries(), &[edit], &mut report);
    let found = report.count(&[Kind::AgainstRule]);
    stage.close().await?;
    let promise = "sabotage: time off is taken away past the program";
    Ok(Row::new(promise, engine, 1)
        .violated(usize::from(found != 1))
        .note(format!("{found} booking found against it")))
}

async fn callers(context: &Context, stage: &Stage) -> Result<Vec<Caller>, Trouble> {
    let manner = Manner {
        providers: Arc::new(stage.client.providers().await?),
        days: DAYS,
        longest: 30,
        patients: 400,
        keyed_in: 4,
        held_in: 4,
        book_in_ten: 6,
        move_in_ten: 2,
        whole_life: true,
    };
    let caller = |number: usize| {
        let seed = context.seed_for(&format!("roster{number}"));
        Caller::new(&format!("roster{number:02}"), &stage.client, &manner, seed)
    };
    Ok((0..CLIENTS).map(caller).collect())
}
