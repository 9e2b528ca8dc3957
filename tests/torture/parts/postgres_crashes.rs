//! `kill -9` of `PostgreSQL` under load: of a private cluster, never of the machine's.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{Instant, sleep};

use super::crashes::{acknowledged, manner};
use super::load::{Burst, Caller, Wrong, until_stopped};
use crate::cluster::Cluster;
use crate::database::Engine;
use crate::roster::{self, ALWAYS};
use crate::stage::{Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const PROMISE: &str = "kill -9 of PostgreSQL: nothing lost, the servers recover";
const CLIENTS: usize = 8;
/// How soon after `PostgreSQL` is back the servers must serve again.
const RECOVERED_WITHIN: Duration = Duration::from_secs(15);

pub(super) async fn run(context: &Context) -> Result<Vec<Row>, Trouble> {
    let kills = context.scaled(20, 2);
    let cluster = match Cluster::create().await {
        Ok(cluster) => cluster,
        Err(why) => return Ok(vec![Row::skipped(PROMISE, Engine::Postgres, &why.to_string())]),
    };
    let mut rng = StdRng::seed_from_u64(context.seed_for("postgres-crashes"));
    let setup = Setup { admin: Some(cluster.url()), ..Setup::with(roster::of(20, &ALWAYS)) };
    let mut stage = Stage::open(context, Engine::Postgres, setup).await?;
    let manner = manner(&stage).await?;
    let mut callers: Vec<Caller> = (0..CLIENTS)
        .map(|number| {
            let seed = context.seed_for(&format!("postgres-crashes{number}"));
            Caller::new(&format!("pg{number:02}"), &stage.client, &manner, seed)
        })
        .collect();
    let (mut wrong, mut late, mut slowest) = (Wrong::default(), 0, Duration::ZERO);
    for _kill in 0..kills {
        let before = Duration::from_millis(rng.random_range(50..600));
        let down_for = Duration::from_millis(rng.random_range(0..1500));
        let burst = Arc::new(Burst::default());
        let killing = async {
            burst.under_way().await;
            sleep(before).await;
            cluster.kill().await?;
            sleep(down_for).await;
            cluster.start().await?;
            let back = Instant::now();
            let ready = stage.ready(RECOVERED_WITHIN).await;
            // Some load on the recovered pool, too.
            sleep(Duration::from_millis(200)).await;
            Ok::<_, Trouble>((ready.is_ok(), back.elapsed()))
        };
        let killing = async {
            let killed = killing.await;
            burst.stop();
            killed
        };
        let (acted, killed) = tokio::join!(until_stopped(callers, &burst), killing);
        let (recovered, took) = killed?;
        late += usize::from(!recovered);
        slowest = slowest.max(took);
        let (back, its) = acted?;
        callers = back;
        wrong.add(its);
        for caller in &mut callers {
            caller.ask_again().await;
        }
    }
    let (report, truth) = stage.verdict().await?;
    let acknowledged = acknowledged(&stage);
    if wrong.bugs > 0 {
        stage.keep();
    }
    stage.close().await?;
    drop(cluster);
    let row = Row::new(PROMISE, Engine::Postgres, kills)
        .violated(report.total() + wrong.bugs + late)
        .note(format!(
            "{wrong}; {acknowledged} bookings acknowledged, {} rows; ready {slowest:.1?} after it was back at the latest",
            truth.booked.len()
        ))
        .note(report.to_string());
    Ok(vec![row])
}
