//! Moving a visit to another time.

use jiff::Timestamp;

use super::overrule::{Overrule, RawOverrule};
use super::visit::{RawVisit, WhichVisit, given};
use crate::domain::VisitLength;
use crate::request::{Field, FieldReader, Refusal, whole_minute};

/// Move a visit to another time.
#[derive(Debug, Clone)]
pub struct RescheduleAppointment {
    /// Which.
    pub visit: WhichVisit,
    /// The new start.
    pub starts_at: Timestamp,
    /// The new length; as it was when not given.
    pub length: Option<VisitLength>,
    /// What of the clinic's policy does not count.
    pub overrule: Overrule,
}

impl RescheduleAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        visit: RawVisit,
        starts_at: Option<Timestamp>,
        duration_minutes: Option<i64>,
        overrule: &RawOverrule,
    ) -> Result<Self, Refusal> {
        let read = |fields: &mut FieldReader| {
            let starts_at = fields.required(Field::StartsAt, starts_at, whole_minute);
            (starts_at, fields.length(duration_minutes), Overrule::read(fields, overrule))
        };
        let (visit, (starts_at, length, overrule)) = visit
            .with(read, |(starts_at, length, overrule)| {
                Ok((given(starts_at)?, length, overrule))
            })?;
        Ok(Self { visit, starts_at, length, overrule })
    }
}
