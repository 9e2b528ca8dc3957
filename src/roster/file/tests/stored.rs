//! A database that has been loaded.

use std::sync::Arc;

use super::now;
use crate::domain::{ClinicSettings, OwnRules};
use crate::roster::entries::{RosterEntries, StoredRoster};
use crate::roster::plan::Plan;

/// What a database has into which those entries were loaded.
pub(super) fn stored(entries: &RosterEntries) -> StoredRoster {
    let settings = ClinicSettings {
        version: 1,
        rules: OwnRules::default(),
        patient_earliest: None,
        patient_latest: None,
    };
    let nothing = StoredRoster {
        settings,
        closed_days: Vec::new(),
        visit_types: Vec::new(),
        payers: Vec::new(),
        providers: Vec::new(),
    };
    let plan = Plan::of(entries.clone(), &nothing, now());
    StoredRoster {
        payers: plan.payers.into_iter().map(|one| Arc::new(one.after)).collect(),
        providers: plan.providers.into_iter().map(|one| one.after).collect(),
        ..nothing
    }
}
