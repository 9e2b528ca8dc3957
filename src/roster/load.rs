//! Loading a roster into the database: all of a file, or nothing of it.

use jiff::Timestamp;

use super::file::{RosterMistake, parse};
use crate::db::roster::{self, RosterEntries};
use crate::db::{Db, StoreError, migrations};

/// The demo roster.
pub const DEMO: &str = include_str!("../../data/demo-roster.json");

/// A roster can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The file is not a roster.
    #[error(transparent)]
    Wrong(#[from] RosterMistake),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads `text` and writes it to the database, all of it or nothing; a second time changes nothing.
///
/// # Errors
///
/// [`RosterError`].
pub async fn load(db: &Db, text: &str, now: Timestamp) -> Result<RosterEntries, RosterError> {
    let tx = migrations::begin_setup(db).await?;
    let known = roster::known_payer_names(&tx).await?;
    let entries = parse(text, &known, roster::known_self_pay(&tx).await?)?;
    roster::load(&tx, &entries, now).await?;
    tx.commit().await?;
    Ok(entries)
}

/// Loads the demo roster where there is no provider at all.
///
/// # Errors
///
/// [`RosterError`].
pub async fn load_demo_if_empty(db: &Db, now: Timestamp) -> Result<bool, RosterError> {
    // Without the lock first: nearly every start finds providers.
    if !roster::is_empty(db.read()).await? {
        return Ok(false);
    }
    let tx = migrations::begin_setup(db).await?;
    if !roster::is_empty(&tx).await? {
        return Ok(false);
    }
    let known = roster::known_payer_names(&tx).await?;
    roster::load(&tx, &parse(DEMO, &known, roster::known_self_pay(&tx).await?)?, now).await?;
    tx.commit().await?;
    Ok(true)
}
