//! `setRules`.

use crate::access::Permission;
use crate::domain::{OwnRules, ProviderId, ProviderRecord};
use crate::request::{FieldChange, FieldReader, Refusal, Violation, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::field;
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

/// What is to become of the rules, as a door received it: what is left out stays, what is cleared is as
/// the next above has it.
#[derive(Debug, Default)]
pub struct RawRules {
    /// How far apart offered times lie.
    pub grid_minutes: FieldChange<i32>,
    /// What is kept free before each visit.
    pub buffer_before_minutes: FieldChange<i32>,
    /// What is kept free after each visit.
    pub buffer_after_minutes: FieldChange<i32>,
    /// How long before its start a visit is booked at the latest.
    pub notice_minutes: FieldChange<i32>,
    /// How far ahead a visit may start.
    pub horizon_days: FieldChange<i32>,
    /// How many visits may start on one day.
    pub max_appointments_per_day: FieldChange<i32>,
}

/// What is to become of the rules.
#[derive(Debug, Clone)]
pub(in crate::roster::edit) struct RulesChange {
    grid_minutes: FieldChange<u16>,
    buffer_before_minutes: FieldChange<u16>,
    buffer_after_minutes: FieldChange<u16>,
    notice_minutes: FieldChange<u32>,
    horizon_days: FieldChange<u16>,
    max_appointments_per_day: FieldChange<u16>,
}

impl RawRules {
    /// Reads them.
    pub(in crate::roster::edit) fn read(self, fields: &mut FieldReader) -> RulesChange {
        RulesChange {
            grid_minutes: bounded(fields, "gridMinutes", self.grid_minutes, 1, 480),
            buffer_before_minutes: bounded(
                fields,
                "bufferBeforeMinutes",
                self.buffer_before_minutes,
                0,
                480,
            ),
            buffer_after_minutes: bounded(
                fields,
                "bufferAfterMinutes",
                self.buffer_after_minutes,
                0,
                480,
            ),
            notice_minutes: bounded(fields, "noticeMinutes", self.notice_minutes, 0, 525_600),
            horizon_days: bounded(fields, "horizonDays", self.horizon_days, 1, 730),
            max_appointments_per_day: bounded(
                fields,
                "maxAppointmentsPerDay",
                self.max_appointments_per_day,
                1,
                1000,
            ),
        }
    }
}

impl RulesChange {
    /// What becomes of these rules.
    pub(in crate::roster::edit) fn of(&self, before: &OwnRules) -> OwnRules {
        OwnRules {
            grid_minutes: changed(&self.grid_minutes, before.grid_minutes),
            buffer_before_minutes: changed(
                &self.buffer_before_minutes,
                before.buffer_before_minutes,
            ),
            buffer_after_minutes: changed(&self.buffer_after_minutes, before.buffer_after_minutes),
            notice_minutes: changed(&self.notice_minutes, before.notice_minutes),
            horizon_days: changed(&self.horizon_days, before.horizon_days),
            max_appointments_per_day: changed(
                &self.max_appointments_per_day,
                before.max_appointments_per_day,
            ),
        }
    }
}

fn changed<T: Copy>(change: &FieldChange<T>, before: Option<T>) -> Option<T> {
    match change {
        FieldChange::Stays => before,
        FieldChange::Cleared => None,
        FieldChange::Is(value) => Some(*value),
    }
}

/// A number from `least` to `most`.
fn bounded<T: TryFrom<i32>>(
    fields: &mut FieldReader,
    name: &str,
    change: FieldChange<i32>,
    least: i32,
    most: i32,
) -> FieldChange<T> {
    change.map(|number| {
        let number = Some(number).filter(|number| (least..=most).contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let why = format!("must be from {least} to {most}");
            fields.wrong(Violation::new(field(format!("rules.{name}")), why));
        }
        number
    })
}

/// Let visits with a provider be booked by these rules.
#[derive(Debug)]
pub struct SetRules {
    terms: Terms,
    rules: RulesChange,
}

impl SetRules {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        rules: RawRules,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let rules = rules.read(&mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, rules }))
    }
}

impl ProviderEdit for SetRules {
    const OPERATION: &'static str = "setRules";
    const PERMISSION: Permission = Permission::ManageRoster;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, _at: &Circumstances, _fields: &mut FieldReader) {
        record.rules = self.rules.of(&record.rules);
    }
}
