//! The providers of a file, beside what is stored of them.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::planned::Planned;
use crate::domain::insurance::payer_key;
use crate::domain::text::letters_and_digits;
use crate::domain::visit_type::visit_type_key;
use crate::domain::{
    Licence, Payer, PayerId, ProviderId, ProviderPart, ProviderRecord, TimeOff, TimeOffId,
    VisitType, VisitTypeId,
};
use crate::roster::entries::{RosterProvider, RosterTimeOff, StoredRoster};

/// What the names mean that the providers of a file use.
pub(super) struct Names {
    payers: HashMap<String, PayerId>,
    visit_types: HashMap<String, VisitTypeId>,
}

impl Names {
    pub(super) fn of(
        stored: &StoredRoster,
        payers: &[Planned<Payer>],
        visit_types: &[Planned<VisitType>],
    ) -> Self {
        let all = stored.payers.iter().map(Arc::as_ref).chain(payers.iter().map(|one| &one.after));
        let payers =
            all.flat_map(|payer| payer.spellings().map(|name| (payer_key(name), payer.id)));
        let types = stored.visit_types.iter().map(Arc::as_ref);
        let types = types.chain(visit_types.iter().map(|one| &one.after));
        Self {
            payers: payers.collect(),
            visit_types: types.map(|one| (visit_type_key(&one.name), one.id)).collect(),
        }
    }
}

pub(super) fn plan_provider(
    file: RosterProvider,
    stored: &StoredRoster,
    names: &Names,
    now: Timestamp,
) -> Planned<ProviderRecord> {
    let before = stored.providers.iter().find(|one| one.reference == file.reference);
    let payer = |name: &String| names.payers.get(&payer_key(name)).copied();
    let visit_type = |name: &String| names.visit_types.get(&visit_type_key(name)).copied();
    let after = ProviderRecord {
        id: before.map_or_else(|| ProviderId::generate(now), |before| before.id),
        version: before.map_or(1, |before| before.version),
        name: file.name,
        credentials: file.credentials,
        time_zone: file.time_zone,
        active: file.active.unwrap_or_else(|| before.is_none_or(|before| before.active)),
        licences: same_licences(file.licences, before),
        payers: file.insurances.iter().filter_map(payer).collect(),
        working_hours: file.working_hours,
        rules: file.rules.or(before.map(|before| before.rules)).unwrap_or_default(),
        visit_types: match file.visit_types {
            Some(visit_types) => visit_types.iter().filter_map(visit_type).collect(),
            None => before.map(|before| before.visit_types.clone()).unwrap_or_default(),
        },
        overrides: match file.overrides {
            Some(overrides) => overrides,
            None => before.map(|before| before.overrides.clone()).unwrap_or_default(),
        },
        time_off: match file.time_off {
            Some(time_off) => same_time_off(time_off, before, now),
            None => before.map(|before| before.time_off.clone()).unwrap_or_default(),
        },
        reference: file.reference,
    };
    let mut after = after.in_order();
    let differences = before.map(|before| before.differences(&after)).unwrap_or_default();
    after.version += i32::from(!differences.is_empty());
    let fields = differences.into_iter().map(ProviderPart::file_field).collect();
    Planned { of: after.reference.clone(), before: before.cloned(), after, fields }
}

/// One licence of one state and number stays the same one.
fn same_licences(licences: Vec<Licence>, before: Option<&ProviderRecord>) -> Vec<Licence> {
    let held = before.map(|before| before.licences.as_slice()).unwrap_or_default();
    let key = |licence: &Licence| (licence.state, letters_and_digits(&licence.number));
    let licences = licences.into_iter().map(|licence| {
        let known = held.iter().find(|held| key(held) == key(&licence)).map(|held| held.id);
        Licence { id: known.unwrap_or(licence.id), ..licence }
    });
    licences.collect()
}

/// Time off of the same span stays the same one.
fn same_time_off(
    time_off: Vec<RosterTimeOff>,
    before: Option<&ProviderRecord>,
    now: Timestamp,
) -> Vec<TimeOff> {
    let mut known: Vec<&TimeOff> =
        before.map(|before| before.time_off.iter().collect()).unwrap_or_default();
    let time_off = time_off.into_iter().map(|RosterTimeOff { slot, reason }| {
        let place = known.iter().position(|one| one.slot == slot);
        let id = place.map(|place| known.remove(place).id);
        TimeOff { id: id.unwrap_or_else(|| TimeOffId::generate(now)), slot, reason }
    });
    time_off.collect()
}
