//! Loading a roster into the database: all of a file that is not there yet, or nothing of it.

use std::fmt;

use jiff::Timestamp;

use super::comparison::{RosterTally, compare};
use super::file::{RosterRemark, read};
use crate::db::roster;
use crate::db::{Db, StoreError, Tx, migrations};

/// The demo roster.
pub const DEMO: &str = include_str!("../../data/demo-roster.json");

/// Everything that is wrong with a roster file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterMistakes(pub Vec<RosterRemark>);

impl fmt::Display for RosterMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [one] = self.0.as_slice() {
            return write!(f, "{one}");
        }
        write!(f, "{} mistakes", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

/// A roster can't be loaded.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// The file is not a roster.
    #[error("{0}")]
    Wrong(RosterMistakes),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedRoster {
    /// Its payers.
    pub payers: RosterTally,
    /// Its providers.
    pub providers: RosterTally,
    /// What is legal in the file and odd.
    pub oddities: Vec<RosterRemark>,
}

/// Reads `text` and adds to the database what of it is not there, all of that or nothing. What is
/// there otherwise is left as it is.
///
/// # Errors
///
/// [`RosterError`].
pub async fn load(db: &Db, text: &str, now: Timestamp) -> Result<LoadedRoster, RosterError> {
    let tx = migrations::begin_setup(db).await?;
    let loaded = add(&tx, text, now).await?;
    tx.commit().await?;
    Ok(loaded)
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
    add(&tx, DEMO, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn add(tx: &Tx, text: &str, now: Timestamp) -> Result<LoadedRoster, RosterError> {
    let stored = roster::stored(tx).await?;
    let reading = read(text, Some(&stored), now);
    if !reading.mistakes.is_empty() {
        return Err(RosterError::Wrong(RosterMistakes(reading.mistakes)));
    }
    let comparison = compare(reading.entries, &stored);
    roster::add(tx, &comparison.missing, now).await?;
    let (payers, providers) = (comparison.payers, comparison.providers);
    Ok(LoadedRoster { payers, providers, oddities: reading.oddities })
}
