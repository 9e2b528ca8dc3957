//! The load bench: what the server carries, against a raw ceiling measured in the same run.
//!
//! It starts the release build of `clinic` and of its mock scheduling service as processes of
//! their own, on a fresh database with a stated number of appointments, and drives them over HTTP
//! from N connections. Between the rounds it does the same work itself: the same transactions, as
//! prepared statements over as many connections, without HTTP and GraphQL. Machines are noisy, so
//! the figure to read is the ratio of the two. `docs/performance.md` says how.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a program of its own for people at a terminal, who read rounded figures"
)]

mod beside;
mod ceiling;
mod count;
mod crowded;
mod data;
#[path = "../../tests/torture/database.rs"]
#[expect(dead_code, reason = "shared with the torture harness, which uses the rest")]
mod database;
mod drive;
mod edits;
mod extras;
mod facts;
mod followers;
mod held;
mod listeners;
#[path = "../../tests/torture/processes.rs"]
#[expect(dead_code, reason = "shared with the torture harness, which uses the rest")]
mod processes;
mod raw;
mod scenarios;
mod stage;
mod table;
mod told;
mod waiting;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;

use crate::database::Engine;
use crate::scenarios::Scenario;
use crate::stage::Stage;
use crate::table::{Note, Row, Table};

/// Something that the bench can't go on without: in words.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The server against a raw ceiling, alternately, in one run.
#[derive(Debug, Clone, Parser)]
#[command(name = "load")]
pub(crate) struct Options {
    /// Only scenarios whose name begins so, such as book-first,search
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only this engine: sqlite or postgres
    #[arg(long)]
    engine: Option<String>,
    /// How many appointments are stored before anything is measured
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 1_000_000])]
    stored: Vec<u32>,
    /// HTTP connections, and database connections of the ceiling
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// How long the server is driven in each scenario, over all rounds
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
    /// How often server and ceiling take turns
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Writes the figures there too, for comparing two commits
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also sends a million requests and watches the memory
    #[arg(long)]
    long: bool,
    /// Keeps the servers' logs
    #[arg(long)]
    keep: bool,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| name.starts_with(only.as_str()))
    }

    fn turn(&self) -> Duration {
        Duration::from_secs_f64(self.seconds / f64::from(self.rounds))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut table = Table::default();
    let measured = tokio::select! {
        measured = run(&options, &mut table) => measured,
        // What is dropped here kills its processes and drops its databases.
        () = told_to_stop() => Err("stopped".into()),
    };
    println!("\n{table}");
    let written = options.json.as_ref().map_or(Ok(()), |file| table.write(file, &options));
    match measured.and(written) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            println!("could not go on: {trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn run(options: &Options, table: &mut Table) -> Result<(), Trouble> {
    let mut engines = vec![Engine::Sqlite];
    if database::postgres_is_there().await {
        engines.push(Engine::Postgres);
    } else {
        println!("*** NOT MEASURED ON POSTGRESQL: there is none ***");
    }
    engines.retain(|engine| options.engine.as_ref().is_none_or(|only| only == engine.name()));
    for engine in engines {
        for stored in options.stored.iter().copied() {
            println!("\n== {} with {stored} appointments stored", engine.name());
            let stage = Stage::open(options, engine, stored).await?;
            measure(options, &stage, table).await?;
            stage.close().await?;
        }
    }
    Ok(())
}

/// Everything on one stage.
async fn measure(options: &Options, stage: &Stage, table: &mut Table) -> Result<(), Trouble> {
    let idle = stage.rss().await?;
    let mut highest_mix = 0.0_f64;
    for scenario in scenarios::ALL.into_iter().filter(|it| options.wants(it.name)) {
        let row = alternate(options, stage, scenario).await?;
        if scenario.name == "mix" {
            highest_mix = row.per_second;
        }
        table.add(row);
    }
    if highest_mix > 0.0 {
        let row = extras::steady(options, stage, 0.7 * highest_mix).await?;
        table.add(row);
    }
    if options.wants("edits") {
        table.add_all(edits::measure(options, stage).await?, []);
    }
    if options.wants("crowded") {
        let (rows, note) = crowded::measure(options, stage).await?;
        table.add_all(rows, [note]);
    }
    if options.wants("held") {
        let (rows, notes) = held::measure(options, stage).await?;
        table.add_all(rows, notes);
    }
    if options.wants("waiting") {
        let (rows, notes) = waiting::measure(options, stage).await?;
        table.add_all(rows, notes);
    }
    if options.wants("told") {
        let (rows, notes) = told::measure(options, stage).await?;
        table.add_all(rows, notes);
    }
    if options.wants("followers") {
        let (rows, notes) = followers::measure(options, stage).await?;
        table.add_all(rows, notes);
    }
    let mut note = |what: &str, value: String| table.note(Note::new(stage, what, value));
    if options.wants("memory") {
        note("memory, idle", table::mebibytes(idle));
        note("memory, after the scenarios", table::mebibytes(stage.rss().await?));
    }
    if options.long {
        for (requests, rss) in extras::million(options, stage).await? {
            note(&format!("memory, after {requests} more requests"), table::mebibytes(rss));
        }
    }
    if options.wants("start") {
        let (median, longest) = extras::starts(stage).await?;
        note(
            "start on this database, to the first answer",
            format!("{median:.0?}, at most {longest:.0?}"),
        );
    }
    let counted = count::statements(options, stage).await?;
    table.counted(stage, &counted);
    Ok(())
}

/// Ceiling and server in turns, so that both meet the same machine.
async fn alternate(options: &Options, stage: &Stage, scenario: Scenario) -> Result<Row, Trouble> {
    let mut ceiling = ceiling::workers(stage, scenario, options.connections).await?;
    let mut server = drive::workers(stage, scenario, options.connections).await?;
    let warm = Duration::from_millis(300);
    ceiling = drive::closed(ceiling, &stage.facts, warm).await?.0;
    server = drive::closed(server, &stage.facts, warm).await?.0;
    let (mut raws, mut answers) = (Vec::new(), Vec::new());
    for _round in 0..options.rounds {
        Arc::clone(&stage.facts).next_round();
        let raw = drive::closed(ceiling, &stage.facts, options.turn() / 2).await?;
        let answer = drive::closed(server, &stage.facts, options.turn()).await?;
        (ceiling, server) = (raw.0, answer.0);
        raws.push(raw.1);
        answers.push(answer.1);
    }
    let one = drive::workers(stage, scenario, 1).await?;
    let alone = drive::closed(one, &stage.facts, Duration::from_secs(1)).await?.1;
    Ok(Row::new(stage, scenario.name, &answers, &raws).with_alone(&alone))
}
