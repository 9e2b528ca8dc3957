//! The parts of the harness, a file each.

mod audit;
mod backup;
mod crashes;
mod faults;
mod first_available;
mod holds;
mod keys;
mod kills;
mod load;
mod mail;
mod operations;
mod points;
mod postgres_crashes;
mod race;
mod roster;
mod rules;
mod sabotage;
mod series;
mod two_books;
mod waitlist;
mod webhooks;

use std::time::Duration;

use crate::database::Engine;
use crate::table::Row;
use crate::{Context, Trouble};

/// Every part, in the order they run.
pub(crate) const NAMES: [&str; 19] = [
    "race",
    "first-available",
    "holds",
    "series",
    "waitlist",
    "webhooks",
    "mail",
    "keys",
    "sabotage",
    "rules",
    "faults",
    "two-books",
    "backup",
    "points",
    "crashes",
    "roster",
    "audit",
    "postgres-crashes",
    "operations",
];

pub(crate) async fn run(
    name: &str,
    context: &Context,
    engine: Engine,
) -> Result<Vec<Row>, Trouble> {
    match name {
        "race" => race::run(context, engine).await,
        "first-available" => first_available::run(context, engine).await,
        "holds" => Box::pin(holds::run(context, engine)).await,
        "series" => series::run(context, engine).await,
        "waitlist" => waitlist::run(context, engine).await,
        "webhooks" => webhooks::run(context, engine).await,
        "mail" => Box::pin(mail::run(context, engine)).await,
        "operations" => operations::run(context, engine).await,
        "crashes" => crashes::run(context, engine).await,
        "postgres-crashes" if engine == Engine::Postgres => {
            Box::pin(postgres_crashes::run(context)).await
        }
        "roster" => roster::run(context, engine).await,
        "points" => points::run(context, engine).await,
        "faults" => faults::run(context, engine).await,
        "audit" => audit::run(context, engine).await,
        "rules" => rules::run(context, engine).await,
        "backup" => Box::pin(backup::run(context, engine)).await,
        "two-books" => two_books::run(context, engine).await,
        "keys" => keys::run(context, engine).await,
        "sabotage" => sabotage::run(context, engine).await,
        _ => Ok(Vec::new()),
    }
}

const DAY: i64 = 86_400;

/// Midnight UTC, so many days from today.
pub(crate) fn midnight_in(days: i64) -> i64 {
    #[expect(clippy::disallowed_methods, reason = "the servers run by the real clock, too")]
    let now = jiff::Timestamp::now().as_second();
    now - now.rem_euclid(DAY) + days * DAY
}

/// The longest of the shortest 99 %.
fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let place = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

/// How many times `part` goes into `whole`, for a note.
fn ratio(part: u64, whole: usize) -> f64 {
    let float = |number: u64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    float(part) / float(u64::try_from(whole).unwrap_or_default()).max(1.0)
}
