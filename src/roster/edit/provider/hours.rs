//! `setWorkingHours`.

use jiff::civil::{Date, Weekday};

use crate::access::Permission;
use crate::domain::hours_overlap::overlapping_weekly;
use crate::domain::{DayHours, LocalTime, ProviderId, ProviderRecord, WorkingHours};
use crate::request::{Field, FieldReader, Refusal, Violation, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_days, check_length, item, of_item};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

const LIST: &str = "workingHours";

/// Hours of every week as a door received them.
#[derive(Debug)]
pub struct RawHours {
    /// The day on which they open.
    pub weekday: Weekday,
    /// When they open and close.
    pub span: RawSpan,
    /// The first day on which they are in effect.
    pub effective_from: Option<Date>,
    /// The last day.
    pub effective_until: Option<Date>,
}

/// Two local times as a door received them.
#[derive(Debug)]
pub struct RawSpan {
    /// When it opens.
    pub opens_at: String,
    /// When it closes.
    pub closes_at: String,
}

/// Let a provider work these hours every week and no others.
#[derive(Debug)]
pub struct SetWorkingHours {
    terms: Terms,
    hours: Vec<WorkingHours>,
}

impl SetWorkingHours {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        hours: Vec<RawHours>,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let hours = read(&mut fields, hours);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, hours }))
    }
}

impl ProviderEdit for SetWorkingHours {
    const OPERATION: &'static str = "setWorkingHours";
    const PERMISSION: Permission = Permission::ManageHours;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, _at: &Circumstances, _fields: &mut FieldReader) {
        record.working_hours.clone_from(&self.hours);
    }
}

/// Reads hours of every week.
pub(super) fn read(fields: &mut FieldReader, raw: Vec<RawHours>) -> Vec<WorkingHours> {
    check_length(fields, LIST, &raw);
    let read = raw.into_iter().enumerate().filter_map(|(n, raw)| {
        let name = |name: &str| of_item(LIST, n, name);
        let span = span(fields, raw.span, name);
        let days = (raw.effective_from, raw.effective_until);
        check_days(fields, days, name("effectiveUntil"));
        let DayHours { opens_at, closes_at } = span?;
        let (weekday, (effective_from, effective_until)) = (raw.weekday, days);
        let hours = WorkingHours { weekday, opens_at, closes_at, effective_from, effective_until };
        Some((n, hours))
    });
    let (places, hours): (Vec<usize>, Vec<WorkingHours>) = read.take(1000).unzip();
    if let Some((earlier, later)) = overlapping_weekly(&hours) {
        let why = format!("overlaps {LIST}[{}]", places[earlier]);
        fields.wrong(Violation::new(item(LIST, places[later]), why));
    }
    hours
}

/// Reads when hours open and close, on one day.
pub(super) fn span(
    fields: &mut FieldReader,
    raw: RawSpan,
    name: impl Fn(&str) -> Field,
) -> Option<DayHours> {
    let time = |text: String| text.parse::<LocalTime>();
    let opens_at = fields.required(name("opensAt"), Some(raw.opens_at), time);
    let closes_at = fields.required(name("closesAt"), Some(raw.closes_at), time);
    let (opens_at, closes_at) = (opens_at?, closes_at?);
    if closes_at <= opens_at {
        let why = "must be after opensAt: hours over midnight are two, until 24:00 and from 00:00";
        fields.wrong(Violation::new(name("closesAt"), why));
        return None;
    }
    Some(DayHours { opens_at, closes_at })
}
