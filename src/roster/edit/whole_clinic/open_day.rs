//! `removeClosedDay`.

use jiff::civil::Date;

use super::stored_day::{check_version, stored_day};
use crate::db::idempotency::Made;
use crate::db::{Tx, roster};
use crate::domain::{ClosedDay, RosterEventKind};
use crate::request::{FieldReader, Refusal};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let the clinic not be closed on a day after all.
#[derive(Debug)]
pub struct RemoveClosedDay {
    terms: Terms,
    date: Date,
}

impl RemoveClosedDay {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(date: Date, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok(Self { terms, date })
    }
}

impl ClinicEdit for RemoveClosedDay {
    const OPERATION: &'static str = "removeClosedDay";
    const EVENT: RosterEventKind = RosterEventKind::ClosedDayRemoved;
    /// The day as it was, where it was one.
    type Value = Option<ClosedDay>;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        _at: &Circumstances,
    ) -> Result<Outcome<Option<ClosedDay>>, Refusal> {
        check_version(tx, &self.terms).await?;
        let before = stored_day(tx, self.date).await?;
        let fields = if before.is_some() { vec!["date"] } else { Vec::new() };
        if before.is_some() {
            roster::remove_closed_day(tx, self.date).await?;
            roster::count_clinic_change(tx).await?;
        }
        Ok(Outcome { value: before, made: Made::Clinic, fields, affected: Vec::new() })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        _made: Made,
        _at: &Circumstances,
    ) -> Result<Option<ClosedDay>, Refusal> {
        Ok(None)
    }
}
