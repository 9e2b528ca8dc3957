//! `setClosedDay`.

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::stored_day::{check_version, stored_day};
use crate::db::idempotency::Made;
use crate::db::{Tx, roster};
use crate::domain::licence::local_day;
use crate::domain::{Appointment, ClosedDay, RosterEventKind};
use crate::request::{FieldReader, Refusal, Violation};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{field, shown_text};
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::stranded::visits_to_come;
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let the clinic be closed on a day.
#[derive(Debug)]
pub struct SetClosedDay {
    terms: Terms,
    day: ClosedDay,
}

impl SetClosedDay {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(date: Date, name: &str, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let name = fields.required(field("name"), Some(name), shown_text);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok(Self { terms, day: ClosedDay { date, name: name.unwrap_or_default() } })
    }
}

impl ClinicEdit for SetClosedDay {
    const OPERATION: &'static str = "setClosedDay";
    const EVENT: RosterEventKind = RosterEventKind::ClosedDaySet;
    type Value = ClosedDay;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> Result<Outcome<ClosedDay>, Refusal> {
        check_version(tx, &self.terms).await?;
        // Somewhere it is still yesterday.
        let somewhere = at.now.saturating_sub(SignedDuration::from_hours(12)).unwrap_or(at.now);
        if self.day.date < local_day(somewhere, &TimeZone::UTC) {
            let past = Violation::new(field("date"), "must not be in the past");
            return Err(Refusal::Invalid(vec![past]));
        }
        let (before, value) = (stored_day(tx, self.day.date).await?, self.day.clone());
        let (made, mut affected) = (Made::Clinic, Vec::new());
        let fields = match &before {
            Some(before) if *before == self.day => Vec::new(),
            Some(_) => vec!["name"],
            None => vec!["date", "name"],
        };
        if !fields.is_empty() {
            roster::put_closed_day(tx, &self.day).await?;
            roster::count_clinic_change(tx).await?;
        }
        if before.is_none() {
            affected = visits_to_come(tx, at.now, |visit| self.strands(visit, at)).await?;
        }
        Ok(Outcome { value, made, fields, affected })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        _made: Made,
        _at: &Circumstances,
    ) -> Result<ClosedDay, Refusal> {
        Ok(self.day.clone())
    }
}

impl SetClosedDay {
    /// Whether a visit is on that day, where its provider is, who does not work then all the same.
    fn strands(&self, visit: &Appointment, at: &Circumstances) -> bool {
        let provider = at.directory.provider_of_visit(visit.provider_id);
        provider.is_some_and(|provider| {
            provider.day_of(visit.slot.starts_at()) == self.day.date
                && !provider.overrides.iter().any(|one| one.date == self.day.date)
        })
    }
}
