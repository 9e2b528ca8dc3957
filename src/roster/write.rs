//! Writing down what a plan changes.

use jiff::Timestamp;

use super::plan::{Plan, Planned};
use crate::db::{Connection, StoreError, roster, roster_events};
use crate::domain::{Payer, ProviderRecord, RosterEventKind};

/// Which entries of a plan are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those that are new.
    New,
    /// Those that are new or otherwise.
    All,
}

impl Wanted {
    fn of<T>(self, planned: &[Planned<T>]) -> impl Iterator<Item = &Planned<T>> {
        planned.iter().filter(move |one| match self {
            Self::New => one.is_new(),
            Self::All => one.differs(),
        })
    }
}

/// Writes them down and tells them.
///
/// # Errors
///
/// [`StoreError::Contended`] when something was changed meanwhile; [`StoreError`] when the database fails.
pub(super) async fn write(
    tx: &impl Connection,
    plan: &Plan,
    wanted: Wanted,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut events = Vec::new();
    for one in wanted.of(&plan.rules) {
        // There is always a row of them.
        let before = one.after.version - 1;
        unless_changed(roster::replace_clinic_settings(tx, before, &one.after).await?)?;
        events.push((RosterEventKind::ClinicRulesSet, None));
    }
    let mut days = 0;
    for one in wanted.of(&plan.closed_days) {
        roster::put_closed_day(tx, &one.after).await?;
        events.push((RosterEventKind::ClosedDaySet, None));
        days += 1;
    }
    if days > 0 {
        roster::count_clinic_change(tx).await?;
    }
    for one in wanted.of(&plan.visit_types) {
        events.push((
            match &one.before {
                None => {
                    roster::insert_visit_type(tx, &one.after).await?;
                    RosterEventKind::VisitTypeCreated
                }
                Some(before) => {
                    unless_changed(
                        roster::replace_visit_type(tx, before.version, &one.after).await?,
                    )?;
                    RosterEventKind::VisitTypeUpdated
                }
            },
            None,
        ));
    }
    let kinds = payers(tx, wanted.of(&plan.payers).collect()).await?;
    events.extend(kinds.into_iter().map(|kind| (kind, None)));
    for one in wanted.of(&plan.providers) {
        let kinds = provider(tx, one).await?;
        events.extend(kinds.into_iter().map(|kind| (kind, Some(one.after.id))));
    }
    roster_events::append(tx, &events, now).await
}

async fn payers(
    tx: &impl Connection,
    planned: Vec<&Planned<Payer>>,
) -> Result<Vec<RosterEventKind>, StoreError> {
    // A name may go from one to another, so all are taken before any is given.
    for one in &planned {
        match &one.before {
            None => roster::insert_payer(tx, &one.after).await?,
            Some(before) => {
                unless_changed(roster::replace_payer(tx, before.version, &one.after).await?)?;
            }
        }
    }
    for one in &planned {
        roster::insert_payer_names(tx, &one.after).await?;
    }
    let kinds = planned.into_iter().map(|one| match one.before {
        None => RosterEventKind::InsuranceCreated,
        Some(_) => RosterEventKind::InsuranceUpdated,
    });
    Ok(kinds.collect())
}

async fn provider(
    tx: &impl Connection,
    planned: &Planned<ProviderRecord>,
) -> Result<Vec<RosterEventKind>, StoreError> {
    match &planned.before {
        None => {
            roster::insert(tx, &planned.after).await?;
            Ok(vec![RosterEventKind::ProviderCreated])
        }
        Some(before) => {
            unless_changed(roster::replace(tx, before, &planned.after).await?)?;
            Ok(before.events(&planned.after))
        }
    }
}

fn unless_changed(replaced: bool) -> Result<(), StoreError> {
    if replaced { Ok(()) } else { Err(StoreError::Contended("changed meanwhile".to_owned())) }
}
