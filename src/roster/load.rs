//! Loading a roster into the database: all of a file that is not there yet, or nothing of it.

use std::fmt;

use jiff::Timestamp;

use super::entries::StoredRoster;
use super::file::{RosterRemark, read};
use super::plan::{Difference, Plan, Planned};
use super::write::{Wanted, write};
use crate::db::{Db, StoreError, Tx, migrations, roster};

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

/// How many entries of one kind were added, were there, and are there otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterTally {
    /// What they are, in the plural.
    pub kind: &'static str,
    /// Were not there, and are now.
    pub added: usize,
    /// Are there just as the file has them.
    pub unchanged: usize,
    /// Are there otherwise.
    pub different: usize,
}

impl RosterTally {
    fn of<T>(kind: &'static str, planned: &[Planned<T>]) -> Self {
        let added = planned.iter().filter(|one| one.is_new()).count();
        let different = planned.iter().filter(|one| !one.is_new() && one.differs()).count();
        Self { kind, added, unchanged: planned.len() - added - different, different }
    }

    /// Whether a file speaks of none.
    pub fn is_empty(&self) -> bool {
        self.added + self.unchanged + self.different == 0
    }
}

/// What became of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedRoster {
    /// How many of each kind there are in it.
    pub tallies: Vec<RosterTally>,
    /// What is stored otherwise, and was left so.
    pub different: Vec<Difference>,
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
    let stored = StoredRoster::read(tx).await?;
    let reading = read(text, Some(&stored), now);
    if !reading.mistakes.is_empty() {
        return Err(RosterError::Wrong(RosterMistakes(reading.mistakes)));
    }
    let plan = Plan::of(reading.entries, &stored, now);
    write(tx, &plan, Wanted::New, now).await?;
    let tallies = vec![
        RosterTally::of("rules", &plan.rules),
        RosterTally::of("closed days", &plan.closed_days),
        RosterTally::of("visit types", &plan.visit_types),
        RosterTally::of("payers", &plan.payers),
        RosterTally::of("providers", &plan.providers),
    ];
    let mut different = plan.differences();
    different.retain(|one| !one.is_new);
    Ok(LoadedRoster { tallies, different, oddities: reading.oddities })
}
