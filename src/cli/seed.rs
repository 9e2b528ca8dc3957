//! `clinic seed`.

use std::path::Path;
use std::process::ExitCode;

use super::database::made;
use super::terminal::{Failure, say, warn};
use crate::config::Config;
use crate::domain::{Clock as _, SystemClock};
use crate::roster::{self, Difference, LoadedRoster, RosterTally};

/// Something is stored otherwise than the roster has it, and was left so.
const LEFT_DIFFERENT: u8 = 2;

/// Adds a roster file, or the demo roster, to the database.
pub(super) async fn run(config: &Config, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = match file {
        Some(file) => super::roster::text_of(file)?,
        None => roster::DEMO.to_owned(),
    };
    let db = made(config).await?;
    let loaded = roster::load(&db, &text, SystemClock.now()).await;
    db.close().await;
    let place =
        file.map_or_else(|| "the demo roster".to_owned(), |file| file.display().to_string());
    let loaded = loaded.map_err(|error| format!("{place}: {error}\nNothing was loaded"))?;
    // The demo roster shows odd things on purpose.
    for oddity in loaded.oddities.iter().filter(|_| file.is_some()) {
        warn(&format!("warning: {place}: {oddity}"));
    }
    Ok(tell(&place, &loaded))
}

fn tell(place: &str, loaded: &LoadedRoster) -> ExitCode {
    say(&format!("Loaded {place}"));
    for tally in loaded.tallies.iter().filter(|tally| is_told(tally)) {
        let RosterTally { kind, added, unchanged, different } = tally;
        say(&format!("  {kind}: {added} added, {unchanged} unchanged, {different} left different"));
    }
    if loaded.different.is_empty() {
        return ExitCode::SUCCESS;
    }
    say("Left as they are in the database, although the roster has them otherwise:");
    for Difference { kind, of, fields, .. } in &loaded.different {
        say(&format!("  {kind} {of}: {}", fields.join(", ")));
    }
    ExitCode::from(LEFT_DIFFERENT)
}

/// Payers and providers are told also where there are none: a roster is of these.
fn is_told(tally: &RosterTally) -> bool {
    !tally.is_empty() || ["payers", "providers"].contains(&tally.kind)
}
