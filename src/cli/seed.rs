//! `clinic seed`.

use std::path::Path;
use std::process::ExitCode;

use super::terminal::{Failure, say, warn};
use crate::config::Config;
use crate::db::{Db, migrations};
use crate::domain::{Clock as _, SystemClock};
use crate::roster::{self, LoadedRoster, RosterTally};

/// Something is stored otherwise than the roster has it, and was left so.
const LEFT_DIFFERENT: u8 = 2;

/// Adds a roster file, or the demo roster, to the database.
pub(super) async fn run(config: &Config, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let text = match file {
        Some(file) => super::roster::text_of(file)?,
        None => roster::DEMO.to_owned(),
    };
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    migrations::up(&db).await?;
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
    let counts = |tally: &RosterTally| {
        let (added, unchanged, different) = (tally.added, tally.unchanged, tally.different.len());
        format!("{added} added, {unchanged} unchanged, {different} left different")
    };
    say(&format!("Loaded {place}"));
    say(&format!("  payers: {}", counts(&loaded.payers)));
    say(&format!("  providers: {}", counts(&loaded.providers)));
    let payers = loaded.payers.different.iter().map(|one| ("payer", one));
    let providers = loaded.providers.different.iter().map(|one| ("provider", one));
    let different: Vec<_> = payers.chain(providers).collect();
    if different.is_empty() {
        return ExitCode::SUCCESS;
    }
    say("Left as they are in the database, although the roster has them otherwise:");
    for (kind, difference) in different {
        say(&format!("  {kind} {}: {}", difference.of, difference.fields.join(", ")));
    }
    ExitCode::from(LEFT_DIFFERENT)
}
