//! What is not a throughput: latency at a steady rate, memory, starting.

use std::time::Duration;

use crate::drive;
use crate::scenarios;
use crate::stage::Stage;
use crate::table::Row;
use crate::{Options, Trouble};

/// The mix at a rate below the highest, kept whatever the answers take.
pub(crate) async fn steady(
    options: &Options,
    stage: &Stage,
    per_second: f64,
) -> Result<Row, Trouble> {
    let clients = drive::workers(stage, scenarios::MIX, 2 * options.connections).await?;
    let time = Duration::from_secs_f64(options.seconds);
    let (_, sample) = drive::at_rate(clients, &stage.facts, time, per_second).await?;
    Ok(Row::new(stage, "mix at 70 %", &[sample], &[]))
}

/// Restarts of the server: the middle and the longest time until its first answer.
pub(crate) async fn starts(stage: &Stage) -> Result<(Duration, Duration), Trouble> {
    let mut times = Vec::new();
    for _start in 0..5 {
        times.push(stage.restart().await?);
    }
    times.sort_unstable();
    Ok((times[2], times[4]))
}

/// The memory that the server holds after each tenth of a million requests.
pub(crate) async fn million(options: &Options, stage: &Stage) -> Result<Vec<(u64, u64)>, Trouble> {
    let mut clients = drive::workers(stage, scenarios::MIX, options.connections).await?;
    let (mut sent, mut held) = (0, Vec::new());
    while sent < 1_000_000 {
        let (back, sample) = drive::closed(clients, &stage.facts, Duration::from_secs(5)).await?;
        clients = back;
        sent += sample.latencies.len();
        let tenths = u64::try_from(held.len()).unwrap_or_default() + 1;
        if sent >= tenths * 100_000 {
            held.push((sent, stage.rss().await?));
        }
    }
    Ok(held)
}
