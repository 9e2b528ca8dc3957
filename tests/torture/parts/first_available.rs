//! Two hundred clients ask for the first free time of a provider who has a hundred.

use std::collections::BTreeSet;

use super::race::together;
use super::{midnight_in, ratio};
use crate::client::Visit;
use crate::database::Engine;
use crate::roster::{self, Hours};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const FREE: usize = 100;
const MINUTES: i64 = 10;
const MOST_ATTEMPTS: f64 = 1.05;
const WEEKDAYS: [&str; 7] =
    ["THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY"];

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    // One day in the horizon, with room for exactly a hundred.
    let day = midnight_in(2);
    let weekday = WEEKDAYS[usize::try_from(day / super::DAY % 7)?];
    let hours = Hours { weekdays: &[weekday], opens_at: "00:00", closes_at: "16:40" };
    let storms = context.scaled(10, 1);
    let setup = Setup::with(roster::of(storms * 2, &hours))
        .setting("BOOKING_HORIZON_DAYS", "7")
        .setting("SLOT_GRID_MINUTES", "10");
    let mut stage = Stage::open(context, engine, setup).await?;
    let providers = stage.client.providers().await?;
    let earliest: BTreeSet<i64> =
        (0..FREE).map(|place| day + i64::try_from(place).unwrap() * MINUTES * 60).collect();
    let deadlocks = stage.store.deadlocks().await?;

    let mut rows = Vec::new();
    for (clients, providers) in [(200, &providers[..storms]), (FREE, &providers[storms..])] {
        let (mut broken, mut attempts, mut answered, mut other) = (0, 0, 0, Vec::new());
        for (storm, provider) in providers.iter().enumerate() {
            let visit = |client: usize| Visit {
                who: format!("storm{clients}-{storm}-{client}"),
                provider: Some(provider.clone()),
                minutes: MINUTES,
                ..Visit::default()
            };
            let before = stage.client.counter("clinic_hold_attempts_total").await?;
            let answers = together(&stage, (0..clients).map(visit).collect()).await?;
            attempts += stage.client.counter("clinic_hold_attempts_total").await? - before;
            let won: Vec<i64> = answers
                .iter()
                .filter_map(|entry| entry.done())
                .map(|answer| answer.start.unwrap_or_default())
                .collect();
            let none = answers.iter().filter(|entry| entry.has_code("NO_AVAILABILITY")).count();
            let distinct: BTreeSet<i64> = won.iter().copied().collect();
            if won.len() != FREE || distinct != earliest || none != clients - FREE {
                broken += 1;
                other.push(format!("{} won, {} distinct, {none} none", won.len(), distinct.len()));
            }
            answered += won.len() + none;
        }
        let ratio = ratio(attempts, answered);
        let promise = format!("first available, {clients} clients, {FREE} times");
        rows.push(
            Row::new(&promise, engine, storms)
                .violated(broken + usize::from(ratio > MOST_ATTEMPTS))
                .note(format!(
                    "{attempts} attempts for {answered} honest answers: {ratio:.3} each (at most 1.05)"
                ))
                .note(other.join(", ")),
        );
    }
    let deadlocks = stage.store.deadlocks().await? - deadlocks;
    let (report, _) = stage.verdict().await?;
    stage.close().await?;
    rows.push(
        Row::new("first available: both books agree", engine, storms * 2)
            .violated(report.total() + usize::try_from(deadlocks)?)
            .note(format!("{deadlocks} deadlocks"))
            .note(report.to_string()),
    );
    Ok(rows)
}
