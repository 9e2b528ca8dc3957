//! The audit bench: what the trail costs, and how long it takes to show that it is whole.
//!
//! `cost` serves three fresh databases with the same visits from this process, whose rows of answers are
//! written strictly, batched and not at all, and drives them in turns, so that all meet the same machine:
//! the figure to read is the ratio. `verify` writes and seals as many rows as it is told and times
//! `clinic audit verify`. `docs/performance.md` has figures.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a program of its own for people at a terminal, who read rounded figures"
)]

mod cost;
#[path = "../../tests/torture/database.rs"]
#[expect(dead_code, reason = "shared with the torture harness, which uses the rest")]
mod database;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::database::{Engine, Store};

/// Something that the bench can't go on without: in words.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// What the audit trail costs, and how long it takes to verify it.
#[derive(Debug, Clone, Parser)]
#[command(name = "audit")]
pub(crate) struct Options {
    /// Only this: cost or verify
    what: Option<String>,
    /// Only this engine: sqlite or postgres
    #[arg(long)]
    engine: Option<String>,
    /// How long each way of writing is driven in each scenario, over all rounds
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
    /// How often they take turns
    #[arg(long, default_value_t = 9)]
    rounds: u32,
    /// HTTP connections
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How many rows are verified
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn wants(&self, what: &str) -> bool {
        self.what.as_deref().is_none_or(|only| only == what)
    }
}

/// A fresh database, in that folder where it is a file.
async fn store(engine: Engine, folder: &std::path::Path) -> Result<Store, Trouble> {
    match engine {
        Engine::Sqlite => Ok(Store::sqlite(folder)),
        Engine::Postgres => Store::postgres(None).await,
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut engines = vec![Engine::Sqlite];
    if database::postgres_is_there().await {
        engines.push(Engine::Postgres);
    } else {
        println!("*** NOT MEASURED ON POSTGRESQL: there is none ***");
    }
    engines.retain(|engine| options.engine.as_ref().is_none_or(|only| only == engine.name()));
    for engine in engines {
        let run = async {
            if options.wants("cost") {
                cost::run(&options, engine).await?;
            }
            if options.wants("verify") {
                verify::run(&options, engine).await?;
            }
            Ok::<_, Trouble>(())
        };
        if let Err(trouble) = run.await {
            println!("could not go on: {trouble}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
