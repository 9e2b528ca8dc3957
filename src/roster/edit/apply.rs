//! `clinic roster apply`: the database made as a roster file says, whole or not at all.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::RosterEdits;
use super::stranded::visits_to_come;
use crate::access::{Actor, Permission};
use crate::audit::{Act, Attempted, Audited, Touched};
use crate::db::{Connection, StoreError, Tx, directory, locks};
use crate::domain::provider_fit::WaysUnfit;
use crate::domain::{Appointment, Directory, ProviderId};
use crate::request::Refusal;
use crate::roster::entries::StoredRoster;
use crate::roster::file::{self, RosterReading, RosterRemark};
use crate::roster::plan::{Difference, Plan};
use crate::roster::write::{Wanted, write};

const OPERATION: &str = "clinic roster apply";

/// How a roster file is applied.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplyOptions {
    /// Whether it is only to be said what would come of it.
    pub dry_run: bool,
    /// Whether who and what the file does not name is to be active no more.
    pub prune: bool,
}

/// What came of a roster file.
#[derive(Clone, Default)]
pub struct AppliedRoster {
    /// What was not as the file has it.
    pub differences: Vec<Difference>,
    /// The visits to come that fit no more, each with the reference of its provider. They stay booked.
    pub affected: Vec<(Appointment, String)>,
    /// What is legal in the file and odd.
    pub oddities: Vec<RosterRemark>,
}

impl Attempted for AppliedRoster {
    fn is_replayed(&self) -> bool {
        false
    }
}

impl RosterEdits {
    /// What there is to say of a file, to be applied to what is stored now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn check_file(&self, text: &str) -> Result<RosterReading, StoreError> {
        let stored = StoredRoster::read(self.db.read()).await?;
        Ok(file::read(text, Some(&stored.without_those_in(text)), self.now()))
    }

    /// Makes the database as a file says that has no mistakes, for `actor`. What the file does not speak of is
    /// left as it is, unless that is to be pruned.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails, and when the roster was changed
    /// meanwhile so that the file is none any more.
    pub async fn apply(
        &self,
        actor: &Actor,
        text: &str,
        options: ApplyOptions,
    ) -> Result<AppliedRoster, Refusal> {
        let act = &Act::of(actor, OPERATION);
        let attempt = async {
            actor.require_all(Permission::ManageRoster)?;
            let work = |tx: Tx| self.apply_in(tx, text, options);
            let proof = |applied| std::future::ready((applied, None));
            self.trail.transaction("roster_edit", act, work, proof).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn apply_in(
        &self,
        tx: Tx,
        text: &str,
        options: ApplyOptions,
    ) -> Result<Audited<AppliedRoster>, Refusal> {
        let (now, usual) = (self.now(), self.roster.usual_rules());
        locks::roster(&tx).await?;
        let plan = planned(&tx, text, options, now).await?.0;
        // In one order, and before anything is written: bookings with them are before all of it or after.
        let mut changed: Vec<ProviderId> = plan.changed_providers().collect();
        changed.sort_unstable();
        for id in changed {
            locks::provider(&tx, id).await?;
        }
        let (plan, oddities) = planned(&tx, text, options, now).await?;
        let differences = plan.differences();
        if differences.is_empty() {
            let applied = AppliedRoster { oddities, ..AppliedRoster::default() };
            return Ok(Audited::RollBack(applied));
        }
        let before = directory::read(&tx, usual).await?;
        write(&tx, &plan, Wanted::All, now).await?;
        let after = directory::read(&tx, usual).await?;
        let affected = affected(&tx, &before, &after, now).await?;
        let fields: BTreeSet<&'static str> = differences.iter().map(|one| one.kind).collect();
        let applied = AppliedRoster { differences, affected, oddities };
        if options.dry_run {
            return Ok(Audited::RollBack(applied));
        }
        let fields = fields.into_iter().collect();
        Ok(Audited::Commit(applied, Touched { fields, ..Touched::default() }))
    }
}

async fn affected(
    tx: &Tx,
    before: &Directory,
    after: &Directory,
    now: Timestamp,
) -> Result<Vec<(Appointment, String)>, Refusal> {
    let ways_unfit = |directory: &Directory, visit: &Appointment| {
        let provider = directory.provider_of_visit(visit.provider_id);
        provider.map_or(WaysUnfit::ALL, |provider| provider.ways_unfit(visit, directory))
    };
    let is_meant =
        |visit: &Appointment| ways_unfit(after, visit).more_than(ways_unfit(before, visit));
    let visits = visits_to_come(tx, now, is_meant).await?;
    let with = |visit: &Appointment| {
        let provider = after.provider_of_visit(visit.provider_id);
        provider.map(|provider| provider.reference.clone()).unwrap_or_default()
    };
    Ok(visits.into_iter().map(|visit| (visit.clone(), with(&visit))).collect())
}

async fn planned(
    tx: &impl Connection,
    text: &str,
    options: ApplyOptions,
    now: Timestamp,
) -> Result<(Plan, Vec<RosterRemark>), StoreError> {
    let stored = StoredRoster::read(tx).await?;
    let reading = file::read(text, Some(&stored.without_those_in(text)), now);
    if !reading.mistakes.is_empty() {
        return Err(StoreError::Contended("the roster was changed meanwhile".to_owned()));
    }
    let mut plan = Plan::of(reading.entries, &stored, now);
    if options.prune {
        plan.prune(&stored);
    }
    Ok((plan, reading.oddities))
}
