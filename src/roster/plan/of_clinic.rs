//! What is the clinic's in a file, beside what is stored of it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::planned::Planned;
use crate::domain::insurance::payer_key;
use crate::domain::visit_type::visit_type_key;
use crate::domain::{ClinicSettings, ClosedDay, Payer, PayerId, VisitType, VisitTypeId};
use crate::roster::entries::{RosterPayer, RosterRules, RosterVisitType, StoredRoster};

pub(super) fn plan_rules(rules: RosterRules, stored: &ClinicSettings) -> Planned<ClinicSettings> {
    let after = ClinicSettings {
        version: stored.version,
        rules: rules.booking,
        patient_earliest: rules.patient_earliest,
        patient_latest: rules.patient_latest,
    };
    let fields = stored.differences(&after);
    let version = if fields.is_empty() { stored.version } else { stored.version + 1 };
    // As long as nothing is set, rules are new.
    let is_new = stored.are_none() && !fields.is_empty();
    let before = (!is_new).then_some(*stored);
    Planned {
        of: "the clinic".to_owned(),
        before,
        after: ClinicSettings { version, ..after },
        fields,
    }
}

pub(super) fn plan_day(day: ClosedDay, stored: &StoredRoster) -> Planned<ClosedDay> {
    let before = stored.closed_days.iter().find(|one| one.date == day.date).cloned();
    let renamed = before.as_ref().is_some_and(|before| before.name != day.name);
    let fields = if renamed { vec!["name"] } else { Vec::new() };
    Planned { of: day.date.to_string(), before, after: day, fields }
}

pub(super) fn plan_visit_type(
    file: RosterVisitType,
    stored: &StoredRoster,
    now: Timestamp,
) -> Planned<VisitType> {
    let key = visit_type_key(&file.name);
    let before = stored.visit_types.iter().find(|one| visit_type_key(&one.name) == key);
    let before = before.map(|one| VisitType::clone(one));
    let mut after = VisitType {
        id: before.as_ref().map_or_else(|| VisitTypeId::generate(now), |before| before.id),
        version: before.as_ref().map_or(1, |before| before.version),
        name: file.name,
        length: file.length,
        buffers: file.buffers,
        active: file.active,
    };
    let fields = before.as_ref().map(|before| {
        differing(&[
            ("name", before.name == after.name),
            ("duration_minutes", before.length == after.length),
            ("buffer_before_minutes", {
                before.buffers.before_minutes() == after.buffers.before_minutes()
            }),
            ("buffer_after_minutes", {
                before.buffers.after_minutes() == after.buffers.after_minutes()
            }),
            ("active", before.active == after.active),
        ])
    });
    let fields = fields.unwrap_or_default();
    after.version += i32::from(!fields.is_empty());
    Planned { of: after.name.clone(), before, after, fields }
}

pub(super) fn plan_payer(
    file: RosterPayer,
    stored: &StoredRoster,
    now: Timestamp,
) -> Planned<Payer> {
    let before = stored.payers.iter().find(|one| one.name == file.name);
    let before = before.map(|one| Payer::clone(one));
    let active = before.as_ref().is_none_or(|before| before.active);
    let mut after = Payer {
        id: before.as_ref().map_or_else(|| PayerId::generate(now), |before| before.id),
        version: before.as_ref().map_or(1, |before| before.version),
        name: file.name,
        aliases: file.aliases,
        self_pay: file.self_pay,
        active: file.active.unwrap_or(active),
    };
    let names = |payer: &Payer| -> BTreeSet<String> { payer.spellings().map(payer_key).collect() };
    let fields = before.as_ref().map(|before| {
        differing(&[
            ("aliases", names(before) == names(&after)),
            ("self_pay", before.self_pay == after.self_pay),
            ("active", before.active == after.active),
        ])
    });
    let fields = fields.unwrap_or_default();
    after.version += i32::from(!fields.is_empty());
    Planned { of: after.name.clone(), before, after, fields }
}

fn differing(same: &[(&'static str, bool)]) -> Vec<&'static str> {
    same.iter().filter(|(_, same)| !same).map(|(field, _)| *field).collect()
}
