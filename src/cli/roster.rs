//! `clinic roster`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use tokio::sync::Notify;

use super::database::{made, set_up};
use super::terminal::{Failure, say, warn};
use crate::access::Actor;
use crate::config::Config;
use crate::db::Db;
use crate::domain::{Clock, SystemClock};
use crate::roster::edit::{AppliedRoster, ApplyOptions, RosterEdits};
use crate::roster::file::read;
use crate::roster::{Roster, RosterMistakes, export};

/// What to do with a roster file.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Tell every mistake and everything odd of a file, without a database; exit code 1 with mistakes
    Check {
        /// The roster
        #[arg(value_name = "roster.json")]
        file: PathBuf,
    },
    /// Print the roster of the database as a roster file; `clinic seed --file` of it changes nothing
    Export,
    /// Make the database as a roster file says, and tell what that changes and which visits to come fit no more
    Apply(Apply),
}

/// Which file, and how.
#[derive(Args)]
pub(super) struct Apply {
    /// The roster
    #[arg(value_name = "roster.json")]
    file: PathBuf,
    /// Only tell
    #[arg(long)]
    dry_run: bool,
    /// Deactivate whoever and whatever the file does not name: providers, and payers and visit types where it
    /// names any
    #[arg(long)]
    prune: bool,
}

/// Looks at a roster file.
pub(super) fn check(file: &Path) -> Result<ExitCode, Failure> {
    let reading = read(&text_of(file)?, None, SystemClock.now());
    for mistake in &reading.mistakes {
        say(&format!("error: {mistake}"));
    }
    for oddity in &reading.oddities {
        say(&format!("warning: {oddity}"));
    }
    let (mistakes, oddities) = (reading.mistakes.len(), reading.oddities.len());
    let read = if mistakes == 0 {
        let (payers, providers) = (reading.entries.payers.len(), reading.entries.providers.len());
        format!("{payers} payers, {providers} providers; ")
    } else {
        String::new()
    };
    say(&format!("{}: {read}{mistakes} errors, {oddities} warnings", file.display()));
    Ok(if mistakes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the roster of the database, or makes that as a file says.
pub(super) async fn run(config: &Config, action: &Action) -> Result<ExitCode, Failure> {
    let db = match action {
        Action::Check { file } => return check(file),
        Action::Export => set_up(config).await?,
        Action::Apply(_) => made(config).await?,
    };
    let done = match action {
        Action::Apply(options) => apply(config, &db, options).await,
        Action::Check { .. } | Action::Export => print(&db).await,
    };
    db.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn print(db: &Db) -> Result<(), Failure> {
    say(&export(db).await?);
    Ok(())
}

async fn apply(config: &Config, db: &Db, options: &Apply) -> Result<(), Failure> {
    let (text, place) = (text_of(&options.file)?, options.file.display());
    let trail = super::audit::trail_of(config, db).await?;
    let zone = config.clinic_time_zone.clone();
    let roster = Arc::new(Roster::new(db.clone(), zone, config.clinic_rules));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let edits = RosterEdits::new(db.clone(), clock, roster, trail, Arc::new(Notify::new()));
    let reading = edits.check_file(&text).await?;
    if !reading.mistakes.is_empty() {
        let mistakes = RosterMistakes(reading.mistakes);
        return Err(format!("{place}: {mistakes}\nNothing was changed").into());
    }
    let how = ApplyOptions { dry_run: options.dry_run, prune: options.prune };
    let applied = edits.apply(&Actor::operator(), &text, how).await?;
    for oddity in &applied.oddities {
        warn(&format!("warning: {place}: {oddity}"));
    }
    tell(&applied, options.dry_run);
    Ok(())
}

fn tell(applied: &AppliedRoster, dry_run: bool) {
    for one in &applied.differences {
        let what = if one.is_new { "added".to_owned() } else { one.fields.join(", ") };
        say(&format!("{} {}: {what}", one.kind, one.of));
    }
    let (changes, affected) = (applied.differences.len(), applied.affected.len());
    if affected > 0 {
        say("These visits to come fit no more, and stay booked: move, reassign or cancel them:");
    }
    for (visit, reference) in &applied.affected {
        say(&format!("  {} at {} with {reference}", visit.id, visit.slot.starts_at()));
    }
    let end = if dry_run { "; nothing was written" } else { "" };
    say(&format!("{changes} changes, {affected} visits that fit no more{end}"));
}

/// The text of a roster file.
pub(super) fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()).into())
}
