//! What a roster file says, beside what is stored: what is new, and what is there otherwise.

mod of_clinic;
mod of_providers;
mod planned;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use self::of_clinic::{plan_day, plan_payer, plan_rules, plan_visit_type};
use self::of_providers::{Names, plan_provider};
pub(super) use self::planned::Planned;
use super::entries::{RosterEntries, StoredRoster};
use crate::domain::{
    ClinicSettings, ClosedDay, Payer, PayerId, ProviderId, ProviderRecord, VisitType, VisitTypeId,
};

/// Something that is not as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind of thing: `payer`, `provider` and the like.
    pub kind: &'static str,
    /// How people tell it from others: a name, a reference, a day.
    pub of: String,
    /// Whether it is not there at all.
    pub is_new: bool,
    /// The fields that differ, as the file calls them.
    pub fields: Vec<&'static str>,
}

fn collect<T>(kind: &'static str, planned: &[Planned<T>], all: &mut Vec<Difference>) {
    all.extend(planned.iter().filter(|one| one.differs()).map(|one| Difference {
        kind,
        of: one.of.clone(),
        is_new: one.is_new(),
        fields: one.fields.clone(),
    }));
}

/// A file beside what is stored.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) rules: Vec<Planned<ClinicSettings>>,
    pub(super) closed_days: Vec<Planned<ClosedDay>>,
    pub(super) visit_types: Vec<Planned<VisitType>>,
    pub(super) payers: Vec<Planned<Payer>>,
    pub(super) providers: Vec<Planned<ProviderRecord>>,
}

impl Plan {
    /// Compares a file with what is stored; what is new has joined now.
    pub(super) fn of(file: RosterEntries, stored: &StoredRoster, now: Timestamp) -> Self {
        let rules = file.rules.map(|rules| plan_rules(rules, &stored.settings));
        let days = file.closed_days.into_iter().map(|day| plan_day(day, stored));
        let types = file.visit_types.into_iter().map(|one| plan_visit_type(one, stored, now));
        let visit_types: Vec<_> = types.collect();
        let payers: Vec<_> =
            file.payers.into_iter().map(|payer| plan_payer(payer, stored, now)).collect();
        let names = Names::of(stored, &payers, &visit_types);
        let mut joined_at = now;
        let providers = file.providers.into_iter().map(|provider| {
            let planned = plan_provider(provider, stored, &names, joined_at);
            // Lists go by id, and ids by time: so they keep the order of the roster.
            joined_at = joined_at.saturating_add(SignedDuration::from_millis(1)).unwrap_or(now);
            planned
        });
        let providers = providers.collect();
        let (rules, closed_days) = (rules.into_iter().collect(), days.collect());
        Self { rules, closed_days, visit_types, payers, providers }
    }

    /// Everything that is not as the file has it.
    pub(super) fn differences(&self) -> Vec<Difference> {
        let mut all = Vec::new();
        collect("rules", &self.rules, &mut all);
        collect("closed day", &self.closed_days, &mut all);
        collect("visit type", &self.visit_types, &mut all);
        collect("payer", &self.payers, &mut all);
        collect("provider", &self.providers, &mut all);
        all
    }

    /// The providers who are there and not as the file has them.
    pub(super) fn changed_providers(&self) -> impl Iterator<Item = ProviderId> {
        let changed = self.providers.iter().filter(|one| !one.is_new() && one.differs());
        changed.map(|one| one.after.id)
    }

    /// Adds to it that whoever and whatever the file does not name is to work, to be accepted and to be
    /// offered no more. Nothing is taken away of a kind that the file does not speak of.
    pub(super) fn prune(&mut self, stored: &StoredRoster) {
        if !self.visit_types.is_empty() {
            let kept: BTreeSet<VisitTypeId> =
                self.visit_types.iter().map(|one| one.after.id).collect();
            let missing = stored.visit_types.iter().filter(|one| !kept.contains(&one.id));
            self.visit_types.extend(missing.filter(|one| one.active).map(|one| {
                let after =
                    VisitType { active: false, version: one.version + 1, ..VisitType::clone(one) };
                gone(one.name.clone(), VisitType::clone(one), after)
            }));
        }
        if !self.payers.is_empty() {
            let kept: BTreeSet<PayerId> = self.payers.iter().map(|one| one.after.id).collect();
            let missing = stored.payers.iter().filter(|one| !kept.contains(&one.id));
            self.payers.extend(missing.filter(|one| one.active).map(|one| {
                let after = Payer { active: false, version: one.version + 1, ..Payer::clone(one) };
                gone(one.name.clone(), Payer::clone(one), after)
            }));
        }
        let kept: BTreeSet<ProviderId> = self.providers.iter().map(|one| one.after.id).collect();
        let missing = stored.providers.iter().filter(|one| !kept.contains(&one.id));
        self.providers.extend(missing.filter(|one| one.active).map(|one| {
            let after = ProviderRecord { active: false, version: one.version + 1, ..one.clone() };
            gone(one.reference.clone(), one.clone(), after)
        }));
    }
}

fn gone<T>(of: String, before: T, after: T) -> Planned<T> {
    Planned { of, before: Some(before), after, fields: vec!["active"] }
}
