//! `setDateOverride`.

use jiff::civil::Date;

use super::hours::{RawSpan, span};
use crate::access::Permission;
use crate::domain::hours_overlap::overlapping_on_a_day;
use crate::domain::licence::local_day;
use crate::domain::{DateOverride, DayHours, ProviderId, ProviderRecord, zone_named};
use crate::request::{FieldReader, Refusal, Violation, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_length, field, item, of_item};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

const LIST: &str = "hours";

/// Let a provider work these hours on one day, or as every week again.
#[derive(Debug)]
pub struct SetDateOverride {
    terms: Terms,
    date: Date,
    /// None: as every week.
    hours: Option<Vec<DayHours>>,
}

impl SetDateOverride {
    /// Reads what a door received: empty hours are none that day.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        date: Date,
        hours: Option<Vec<RawSpan>>,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let hours = hours.map(|hours| read(&mut fields, hours));
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, date, hours }))
    }
}

fn read(fields: &mut FieldReader, raw: Vec<RawSpan>) -> Vec<DayHours> {
    check_length(fields, LIST, &raw);
    let read = raw.into_iter().enumerate().filter_map(|(n, raw)| {
        let hours = span(fields, raw, |name| of_item(LIST, n, name))?;
        Some((n, hours))
    });
    let (places, hours): (Vec<usize>, Vec<DayHours>) = read.take(1000).unzip();
    if let Some((earlier, later)) = overlapping_on_a_day(&hours) {
        let why = format!("overlaps {LIST}[{}]", places[earlier]);
        fields.wrong(Violation::new(item(LIST, places[later]), why));
    }
    hours
}

impl ProviderEdit for SetDateOverride {
    const OPERATION: &'static str = "setDateOverride";
    const PERMISSION: Permission = Permission::ManageHours;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader) {
        let today = zone_named(&record.time_zone).map(|zone| local_day(at.now, &zone));
        if self.hours.is_some() && today.is_some_and(|today| self.date < today) {
            let why = "must not be in the past, where the provider is";
            fields.wrong(Violation::new(field("date"), why));
        }
        record.overrides.retain(|one| one.date != self.date);
        let hours = self.hours.clone();
        record.overrides.extend(hours.map(|hours| DateOverride { date: self.date, hours }));
    }
}
