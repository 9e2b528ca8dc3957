//! `clinic seed`.

use std::path::Path;

use super::terminal::{Failure, say};
use crate::config::Config;
use crate::db::{Db, migrations};
use crate::domain::{Clock as _, SystemClock};
use crate::roster;

/// Loads a roster file, or the demo roster.
pub(super) async fn run(config: &Config, file: Option<&Path>) -> Result<(), Failure> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
        None => roster::DEMO.to_owned(),
    };
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    migrations::up(&db).await?;
    let loaded = roster::load(&db, &text, SystemClock.now()).await;
    db.close().await;
    let place =
        file.map_or_else(|| "the demo roster".to_owned(), |file| file.display().to_string());
    let roster = loaded.map_err(|error| format!("{place}: {error}; nothing was loaded"))?;
    say(&format!(
        "Loaded {place}: {} payers, {} providers",
        roster.payers.len(),
        roster.providers.len()
    ));
    Ok(())
}
