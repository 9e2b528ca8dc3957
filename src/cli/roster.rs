//! `clinic roster`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use super::terminal::{Failure, say};
use crate::domain::{Clock as _, SystemClock};
use crate::roster::file::read;

/// What to do with a roster file.
#[derive(Subcommand)]
pub(super) enum Action {
    /// Tell every mistake and everything odd of a file, without a database; exit code 1 with mistakes
    Check {
        /// The roster
        #[arg(value_name = "roster.json")]
        file: PathBuf,
    },
}

/// Looks at a roster file.
pub(super) fn run(action: &Action) -> Result<ExitCode, Failure> {
    let Action::Check { file } = action;
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

/// The text of a roster file.
pub(super) fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()).into())
}
