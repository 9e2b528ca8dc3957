//! The command line: one file a command.

mod access;
mod audit;
mod backup;
mod database;
mod health;
mod migrate;
mod mock_scheduler;
mod outbox;
mod patients;
mod person;
mod race;
mod reconcile;
mod roster;
mod schema;
mod seed;
mod serve;
mod server;
mod terminal;
mod token;
mod verify;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use self::terminal::Failure;
use crate::config::Config;
use crate::telemetry;
use crate::traces::Traces;

/// How long the last traces may take once everything else has ended.
const LAST_TRACES_WITHIN: Duration = Duration::from_secs(2);

/// The booking server for virtual clinics.
#[derive(Parser)]
#[command(name = "clinic", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Apply pending migrations and start the server (the default)
    Serve,
    /// Change or show the database schema
    Migrate {
        #[command(subcommand)]
        action: migrate::Action,
    },
    /// Add a roster of payers and providers to the database; who is there already is left as they are
    ///
    /// Says what was added, what is unchanged, and what is left although the roster has it
    /// otherwise; with any of the last the exit code is 2.
    Seed {
        /// The roster; the demo roster unless given
        #[arg(long, value_name = "roster.json")]
        file: Option<std::path::PathBuf>,
    },
    /// Check a roster file, print the roster as one, or make the database as one says
    Roster {
        #[command(subcommand)]
        action: roster::Action,
    },
    /// Print the GraphQL schema
    Schema,
    /// Run the mocked external scheduling service alone
    MockScheduler {
        /// The port to listen on, on 127.0.0.1
        #[arg(long, default_value_t = 9090)]
        port: u16,
        /// Where it keeps its ledger; in memory unless given
        #[arg(long, value_name = "ledger.jsonl")]
        ledger: Option<std::path::PathBuf>,
    },
    /// Look at the patients
    Patients {
        #[command(subcommand)]
        action: patients::Action,
    },
    /// Say who may sign in; the first administrator is made here
    Person {
        #[command(subcommand)]
        action: person::Action,
    },
    /// Say which machines may call
    Token {
        #[command(subcommand)]
        action: token::Action,
    },
    /// Fire simultaneous bookings at one free time of a running server, and count who won
    Race {
        /// The server; this machine's, on PORT, unless given
        #[arg(long)]
        url: Option<String>,
        /// How many book at once
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(2..=2000))]
        clients: u16,
    },
    /// Compare the book with the external scheduling service's, both ways
    ///
    /// Exit code 1 when they differ, or when not all could be compared; 2 when there was something to
    /// mend and nobody to ask.
    Reconcile(reconcile::Options),
    /// Verify, print or shorten the audit trail
    Audit {
        #[command(subcommand)]
        action: audit::Action,
    },
    /// Write the database of SQLite, while it is in use, into a new file that is a whole backup
    ///
    /// On PostgreSQL that is its own programs' work (docs/backup.md).
    Backup {
        /// The file to write; nothing is overwritten
        file: std::path::PathBuf,
        /// With the key of the audit trail in a file beside it: whoever has both can write a trail that verifies
        #[arg(long)]
        with_key: bool,
    },
    /// Show whether the database is as this program can have left it: the rules that keep bookings apart, the
    /// book itself, the outbox, holds and the audit trail
    ///
    /// For after a restore, and for every day. Reads everything. Exit code 1 when something is wrong; says
    /// what, and with which appointments.
    Verify {
        /// Remove holds that have lapsed: their time is free without that, but for who writes by hand
        #[arg(long)]
        clean: bool,
        #[command(flatten)]
        trail: audit::VerifyOptions,
    },
    /// Ask a running server whether it can serve; exit code 1 unless it can
    Health {
        /// The server; this machine's, on BIND and PORT, unless given
        #[arg(long)]
        url: Option<String>,
    },
    /// List the visits that are not settled with the external scheduling service, or have them tried at once
    Outbox {
        #[command(subcommand)]
        action: Option<outbox::Action>,
    },
}

/// Runs the command that the arguments name.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match Box::pin(dispatch(arguments.command.unwrap_or(Command::Serve))).await {
        Ok(code) => code,
        Err(failure) => {
            // Not a log line: there may be no log yet.
            drop(writeln!(std::io::stderr(), "clinic: {failure}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    // What needs no settings does not mind wrong ones.
    match command {
        Command::Schema => {
            schema::run();
            Ok(ExitCode::SUCCESS)
        }
        Command::Roster { action: roster::Action::Check { file } } => roster::check(&file),
        command => Box::pin(with_settings(command, &Config::from_environment()?)).await,
    }
}

async fn with_settings(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let traces = traces_of(&command, config)?;
    telemetry::start_logging(&config.log_filter, config.log_format, &traces);
    for remark in &config.remarks {
        // Whatever the log is filtered by: it may be why there is no token.
        terminal::warn(&format!("clinic: {remark}"));
    }
    let done = Box::pin(run_command(command, config)).await;
    traces.stop(LAST_TRACES_WITHIN).await;
    done
}

/// Those who serve have their traces sent, if the settings say where.
fn traces_of(command: &Command, config: &Config) -> Result<Traces, Failure> {
    let program = match command {
        Command::Serve => "clinic",
        Command::MockScheduler { .. } => "clinic-mock-scheduler",
        _ => return Ok(Traces::none()),
    };
    match &config.traces {
        Some(settings) => Ok(Traces::start(settings, program)?),
        None => Ok(Traces::none()),
    }
}

async fn run_command(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve => serve::run(config).await?,
        Command::Migrate { action } => migrate::run(config, action).await?,
        Command::Seed { file } => return seed::run(config, file.as_deref()).await,
        Command::MockScheduler { port, ledger } => {
            mock_scheduler::run(config, port, ledger.as_deref()).await?;
        }
        Command::Patients { action } => patients::run(config, action).await?,
        Command::Person { action } => person::run(config, action).await?,
        Command::Token { action } => token::run(config, action).await?,
        Command::Race { url, clients } => race::run(config, url.as_deref(), clients.into()).await?,
        Command::Reconcile(options) => return reconcile::run(config, &options).await,
        Command::Backup { file, with_key } => backup::run(config, &file, with_key).await?,
        Command::Verify { clean, trail } => return verify::run(config, clean, trail).await,
        Command::Health { url } => health::run(config, url.as_deref()).await?,
        Command::Audit { action } => return audit::run(config, action).await,
        Command::Outbox { action } => outbox::run(config, action).await?,
        Command::Roster { action } => return roster::run(config, &action).await,
        Command::Schema => {}
    }
    Ok(ExitCode::SUCCESS)
}
