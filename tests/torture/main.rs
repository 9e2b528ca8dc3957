//! The torture chamber: the real program, killed, starved and lied to, while somebody outside
//! keeps count. Run it with `just torture`; `docs/torture.md` says what each row means.
//!
//! It starts `clinic` and `clinic mock-scheduler` as processes of their own, on a fresh database
//! each time, speaks to them only over HTTP, and writes down everything asked and answered. At the
//! end of each part an independent checker compares that history with the raw rows of the database
//! and the ledger of the outside service. The checker shares no code with the program: it has its
//! own sweep, its own reading of identifiers, its own SQL.
//!
//! What it does follows from `--seed`; when it happens does not, for that is up to the machine.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program of its own for people at a terminal; a harness that can't go on has failed"
)]

mod backups;
mod checker;
mod client;
mod cluster;
mod compare;
mod database;
mod edits;
mod held;
mod history;
mod mailbox;
mod parts;
mod processes;
mod roster;
mod rows;
mod stage;
mod table;
mod told;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::database::Engine;
use crate::table::{Row, Table};

/// A part of the harness that can't go on: in words.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// Never double-booked, never lost: the long version.
#[derive(Debug, Clone, Parser)]
#[command(name = "torture")]
pub(crate) struct Options {
    /// What everything random follows from; drawn, and printed, unless given
    #[arg(long)]
    seed: Option<u64>,
    /// How much of the full run: 0.1 is a tenth of every count
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// Only these parts: race, first-available, holds, series, waitlist, webhooks, mail, keys,
    /// sabotage, rules, faults, two-books, backup, points, crashes, roster, audit,
    /// postgres-crashes, operations
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only this engine: sqlite or postgres
    #[arg(long)]
    engine: Option<String>,
    /// Access is closed: the servers want a token, and the clients bring it
    #[arg(long)]
    closed: bool,
    /// Keep the history, the logs and the ledgers of every part, not only of one that failed
    #[arg(long)]
    keep: bool,
}

/// No part may take longer, at any scale.
const LONGEST: Duration = Duration::from_hours(2);

/// What every part is told.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    seed: u64,
    scale: f64,
    /// Whether the servers want a token.
    closed: bool,
    keep: bool,
}

impl Context {
    /// A seed for one use: it follows from the seed of the run and from what it is for.
    fn seed_for(&self, use_: &str) -> u64 {
        use_.bytes().fold(self.seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// So many of `full`, but `least` at any scale.
    fn scaled(&self, full: u32, least: u32) -> usize {
        let count = (f64::from(full) * self.scale).max(f64::from(least)).min(1e7);
        format!("{count:.0}").parse().unwrap_or(1)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let options = Options::parse();
    drop(rustls::crypto::ring::default_provider().install_default());
    let seed = options.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let closed = if options.closed { " --closed" } else { "" };
    println!("torture --seed {seed} --scale {}{closed}", options.scale);
    tokio::select! {
        table = run(&options, seed) => {
            println!("\n{table}");
            if table.violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        // What is dropped here kills its processes and drops its databases.
        () = told_to_stop() => {
            println!("stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options, seed: u64) -> Table {
    let Options { scale, closed, keep, .. } = *options;
    let context = Context { seed, scale, closed, keep };
    let mut table = Table::default();
    let mut engines = vec![Engine::Sqlite];
    if database::postgres_is_there().await {
        engines.push(Engine::Postgres);
    } else {
        table.add(Row::skipped("everything on PostgreSQL", Engine::Postgres, "there is none"));
    }
    engines.retain(|engine| options.engine.as_ref().is_none_or(|only| only == engine.name()));
    let wanted = |name: &str| options.only.is_empty() || options.only.iter().any(|it| it == name);
    for name in parts::NAMES.into_iter().filter(|name| wanted(name)) {
        for engine in engines.iter().copied() {
            let began = tokio::time::Instant::now();
            println!("\n== {name} on {}", engine.name());
            let part = Box::pin(parts::run(name, &context, engine));
            let part = tokio::time::timeout(LONGEST, part).await;
            let rows = part.unwrap_or_else(|late| Err(late.into())).unwrap_or_else(|trouble| {
                vec![
                    Row::new(name, engine, 0)
                        .violated(1)
                        .note(format!("COULD NOT RUN: {}", causes(&*trouble))),
                ]
            });
            for row in rows {
                println!("   {row}");
                table.add(row);
            }
            println!("   {:.0} s", began.elapsed().as_secs_f64());
        }
    }
    if table.is_empty() {
        table.add(Row::new("no such part", Engine::Sqlite, 0).violated(1));
    }
    table
}

/// An error and what caused it.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(ToString::to_string).collect::<Vec<String>>().join(": ")
}

async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
