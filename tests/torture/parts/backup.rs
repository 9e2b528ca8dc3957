//! Backups while clients book, move and cancel; each is restored and judged by the checker, and mended with the outside
//! service as it is by then. Sabotage: what only looks like a backup, and a backup that lacks its last second.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::time::{Instant, sleep};

use super::load::{Burst, Caller, Manner, Wrong, until_stopped};
use crate::backups::{self, Backup, Way};
use crate::checker::{Kind, Report};
use crate::cluster::Cluster;
use crate::database::Engine;
use crate::history::{Entry, Operation};
use crate::roster::{self, ALWAYS};
use crate::rows::{hexadecimal, literal};
use crate::stage::{LEDGER, Setup, Stage};
use crate::table::Row;
use crate::{Context, Trouble};

const CLIENTS: usize = 8;
const LAST: Duration = Duration::from_secs(1);
const RECOVERED: &str = "base backup and WAL, PostgreSQL killed: nothing lost at all";

/// What was made under load, and restored at once.
#[derive(Default)]
struct Made {
    backups: Vec<(Backup, Stage)>,
    copies: Vec<Backup>,
    found: Report,
    backing_up: Vec<Duration>,
    restoring: Vec<Duration>,
    bytes: u64,
}

pub(super) async fn run(context: &Context, engine: Engine) -> Result<Vec<Row>, Trouble> {
    match engine {
        Engine::Sqlite => on_sqlite(context).await,
        Engine::Postgres => match Cluster::archiving().await {
            Ok(cluster) => on_postgres(context, &cluster).await,
            Err(why) => Ok(vec![Row::skipped(RECOVERED, engine, &why.to_string())]),
        },
    }
}

async fn on_sqlite(context: &Context) -> Result<Vec<Row>, Trouble> {
    let setup = Setup::with(roster::of(20, &ALWAYS));
    let mut stage = Stage::open(context, Engine::Sqlite, setup).await?;
    let burst = Arc::new(Burst::default());
    let backing_up = async {
        let made = under_load(context, &stage, &burst, Way::File).await;
        burst.stop();
        made
    };
    let (acted, made) = tokio::join!(acting(context, &stage, &burst), backing_up);
    let (mut made, wrong) = (made?, acted?);
    let mut rows = vec![live(&mut stage, wrong, wrong.unanswered + wrong.unavailable).await?];
    let copies = std::mem::take(&mut made.copies);
    rows.extend(judged(context, &stage, made, Way::File).await?);
    rows.push(copies_are_none(context, &stage, &copies).await?);
    stage.close().await?;
    Ok(rows)
}

async fn on_postgres(context: &Context, cluster: &Cluster) -> Result<Vec<Row>, Trouble> {
    let setup = Setup { admin: Some(cluster.url()), ..Setup::with(roster::of(20, &ALWAYS)) };
    let mut stage = Stage::open(context, Engine::Postgres, setup).await?;
    let burst = Arc::new(Burst::default());
    let (base, wal) = (cluster.room().join("base"), cluster.room().join("left"));
    let backing_up = async {
        let based = based(cluster, &base, &burst).await;
        let made = under_load(context, &stage, &burst, Way::Dump(cluster)).await;
        // Under load as well.
        let killed = cluster.kill().await;
        burst.stop();
        Ok::<_, Trouble>((based?, made?, killed?))
    };
    let (acted, made) = tokio::join!(acting(context, &stage, &burst), backing_up);
    let ((took, made, ()), wrong) = (made?, acted?);
    cluster.keep_wal(&wal).await?;
    let history = Backup::of_everything().known(&stage.history.entries());

    // Both before the two books drift further apart.
    let began = Instant::now();
    let whole = cluster.recovered(&base, Some(&wal)).await?;
    let recovery = began.elapsed();
    let mut recovered = backups::recovered(context, &stage, &whole).await?;
    let mut report = backups::is_whole(&recovered, &history).await?;
    let left_behind = without_wal(context, &stage, (cluster, &base), &history).await?;

    cluster.start().await?;
    stage.ready(Duration::from_mins(1)).await?;
    let mut rows = vec![live(&mut stage, wrong, 0).await?];
    rows.extend(judged(context, &stage, made, Way::Dump(cluster)).await?);
    let ledger = stage.folder().join(LEDGER);
    let mended = backups::mend(&mut recovered, &ledger, &history).await?;
    report.append(mended.report);
    close(recovered, report.total()).await?;
    rows.push(
        Row::new(RECOVERED, Engine::Postgres, 1)
            .violated(report.total())
            .note(format!("backed up in {took:.1?}, recovered in {recovery:.1?}"))
            .note(report.to_string()),
    );
    rows.push(left_behind);
    stage.close().await?;
    Ok(rows)
}

/// Clients that book, move and cancel until they are stopped.
async fn acting(context: &Context, stage: &Stage, burst: &Arc<Burst>) -> Result<Wrong, Trouble> {
    let manner =
        Manner { patients: 2000, whole_life: false, ..super::crashes::manner(stage).await? };
    let caller = |number: usize| {
        let seed = context.seed_for(&format!("backup{number}"));
        Caller::new(&format!("backup{number}"), &stage.client, &manner, seed)
    };
    Ok(until_stopped((0..CLIENTS).map(caller).collect(), burst).await?.1)
}

/// Backs up again and again, restores each at once where there was nothing, and looks whether it is whole.
async fn under_load(
    context: &Context,
    stage: &Stage,
    burst: &Arc<Burst>,
    way: Way<'_>,
) -> Result<Made, Trouble> {
    let mut rng = StdRng::seed_from_u64(context.seed_for("backup"));
    let mut made = Made::default();
    burst.under_way().await;
    for number in 0..context.scaled(20, 3) {
        sleep(Duration::from_millis(rng.random_range(300..1500))).await;
        let backup = way.back_up(stage, &format!("backup-{number}")).await?;
        let (restored, took) = way.restore(context, &backup).await?;
        let known = backup.known(&stage.history.entries());
        let found = backups::is_whole(&restored, &known).await?;
        made.found.append(found);
        made.backing_up.push(backup.took);
        made.restoring.push(took);
        made.bytes = backup.bytes;
        made.backups.push((backup, restored));
        if stage.store.engine == Engine::Sqlite {
            made.copies.push(Way::Copy.back_up(stage, &format!("copy-{number}")).await?);
        }
    }
    // Not all that there is was there when the last one was made.
    sleep(LAST).await;
    Ok(made)
}

/// A base backup, with bookings before and after it.
async fn based(cluster: &Cluster, base: &Path, burst: &Burst) -> Result<Duration, Trouble> {
    burst.under_way().await;
    sleep(LAST).await;
    let began = Instant::now();
    let (base, url) = (base.display().to_string(), cluster.url());
    let arguments = ["--pgdata", &base, "--checkpoint", "fast", "--dbname", &url];
    cluster.program("pg_basebackup", &arguments).await?;
    cluster.program("pg_verifybackup", &["--quiet", &base]).await?;
    Ok(began.elapsed())
}

/// The servers themselves, beside which all that was done.
async fn live(stage: &mut Stage, wrong: Wrong, more: usize) -> Result<Row, Trouble> {
    let (report, truth) = stage.verdict().await?;
    let violated = report.total() + wrong.bugs + more;
    if violated > 0 {
        stage.keep();
    }
    let promise = "clients beside backups: nothing lost, nobody kept from booking";
    Ok(Row::new(promise, stage.store.engine, wrong.done)
        .violated(violated)
        .note(format!("{wrong}; {} rows, {} outside", truth.booked.len(), truth.outside.len()))
        .note(report.to_string()))
}

/// What was restored is mended with the ledger as it is now; and a row for a last second that is missing.
async fn judged(
    context: &Context,
    stage: &Stage,
    made: Made,
    way: Way<'_>,
) -> Result<[Row; 3], Trouble> {
    let engine = stage.store.engine;
    let history = stage.history.entries();
    let ledger = stage.folder().join(LEDGER);
    let count = made.backups.len();
    let whole = Row::new("backup under load: whole, with all that was acknowledged", engine, count)
        .violated(made.found.total())
        .note(format!(
            "made in {:.2?}, restored in {:.2?} at the latest, the last of {} kB",
            made.backing_up.iter().max().unwrap_or(&LAST),
            made.restoring.iter().max().unwrap_or(&LAST),
            made.bytes / 1000
        ))
        .note(made.found.to_string());
    let lacking = match made.backups.last() {
        Some((backup, _)) => last_second(context, &history, backup, way).await?,
        None => Row::skipped("sabotage", engine, "no backup"),
    };
    let (mut found, mut unknown, mut slowest) = (Report::default(), 0, Duration::ZERO);
    for (backup, mut restored) in made.backups {
        let began = Instant::now();
        let mended = backups::mend(&mut restored, &ledger, &backup.known(&history)).await?;
        slowest = slowest.max(began.elapsed());
        unknown += mended.unknown;
        close(restored, mended.report.total()).await?;
        found.append(mended.report);
    }
    let mended = Row::new("restored: left, mended when told, the two books agree", engine, count)
        .violated(found.total() + usize::from(unknown == 0))
        .note(format!("{unknown} visits booked since; mended in {slowest:.1?} at the latest"))
        .note(found.to_string());
    Ok([whole, mended, lacking])
}

/// Sabotage: what was acknowledged in the last second before the backup is not in it.
async fn last_second(
    context: &Context,
    history: &[Entry],
    backup: &Backup,
    way: Way<'_>,
) -> Result<Row, Trouble> {
    let (restored, _) = way.restore(context, backup).await?;
    let engine = restored.store.engine;
    let known = backup.known(history);
    let is_last = |entry: &&Entry| {
        entry.asked.operation == Operation::Book
            && entry.done().is_some_and(|answer| answer.scheduled)
            && entry.sent + entry.took + LAST > backup.began
    };
    let last = known.iter().filter(is_last);
    let last: Vec<String> = last.filter_map(|it| hexadecimal(it.done()?.id.as_deref()?)).collect();
    for id in &last {
        let id = literal(engine, id);
        for table in ["outbox WHERE appointment_id", "appointment WHERE id"] {
            restored.store.execute(&format!("DELETE FROM {table} = {id}")).await?;
        }
    }
    let report = backups::is_whole(&restored, &known).await?;
    let red = !last.is_empty() && report.count(&[Kind::Lost]) == last.len();
    close(restored, usize::from(!red)).await?;
    Ok(sabotage("a backup without its last second", engine, 1, red, &report))
}

/// Sabotage: copies of the file while a server writes, without the one beside it. One may be whole by luck, when all
/// was just brought into it.
async fn copies_are_none(
    context: &Context,
    stage: &Stage,
    copies: &[Backup],
) -> Result<Row, Trouble> {
    let history = stage.history.entries();
    let mut report = Report::default();
    for copy in copies {
        let (restored, _) = Way::Copy.restore(context, copy).await?;
        match backups::is_whole(&restored, &copy.known(&history)).await {
            Ok(found) => report.append(found),
            Err(why) => report.add(Kind::InPart, why.to_string()),
        }
        close(restored, 0).await?;
    }
    let red = report.count(&[Kind::Lost, Kind::InPart]) > 0;
    Ok(sabotage(
        "the file copied by cp, its WAL left behind",
        Engine::Sqlite,
        copies.len(),
        red,
        &report,
    ))
}

/// Sabotage: recovered from the base backup alone, its WAL left behind.
async fn without_wal(
    context: &Context,
    stage: &Stage,
    (cluster, base): (&Cluster, &PathBuf),
    history: &[Entry],
) -> Result<Row, Trouble> {
    let alone = cluster.recovered(base, None).await?;
    let restored = backups::recovered(context, stage, &alone).await?;
    let report = backups::is_whole(&restored, history).await?;
    let red = report.count(&[Kind::Lost]) > 0;
    close(restored, 0).await?;
    Ok(sabotage("a base backup, its WAL left behind", Engine::Postgres, 1, red, &report))
}

fn sabotage(what: &str, engine: Engine, runs: usize, red: bool, report: &Report) -> Row {
    let verdict = if red { "red, as it must be" } else { "STAYED GREEN" };
    Row::new(&format!("sabotage: {what}"), engine, runs)
        .violated(usize::from(!red))
        .note(format!("{verdict}: {}", report.counts()))
}

async fn close(mut restored: Stage, violations: usize) -> Result<(), Trouble> {
    if violations > 0 {
        restored.keep();
    }
    restored.close().await
}
