//! The clinic's own rules about when a visit may be.

use jiff::{SignedDuration, Timestamp};

use super::availability::OfferGrid;
use super::patient_hours::PatientHours;
use super::time_slot::{TimeSlot, VisitLength};

/// The clinic's own rules, all of them settings.
#[derive(Debug, Clone, Copy)]
pub struct ClinicRules {
    /// How far ahead a visit may start.
    pub horizon: SignedDuration,
    /// Which times are offered.
    pub grid: OfferGrid,
    /// At which times of their own day patients are offered visits.
    pub patient_hours: PatientHours,
    /// How many visits to come one patient may have at most.
    pub most_open_visits: u32,
}

/// Why no visit may start at a time, whoever is free then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbookable {
    /// It is before now.
    InPast,
    /// It is after the booking horizon.
    BeyondHorizon {
        /// The last moment at which a visit may start.
        ends_at: Timestamp,
    },
}

impl ClinicRules {
    /// The last moment at which a visit may start.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.horizon).unwrap_or(Timestamp::MAX)
    }

    /// The visit of `length` at exactly that time, if a visit may start then at all.
    ///
    /// # Errors
    ///
    /// [`Unbookable`].
    pub fn bookable_slot(
        &self,
        starts_at: Timestamp,
        length: VisitLength,
        now: Timestamp,
    ) -> Result<TimeSlot, Unbookable> {
        let ends_at = self.horizon_ends_at(now);
        if starts_at < now {
            return Err(Unbookable::InPast);
        }
        TimeSlot::starting(starts_at, length)
            .filter(|_| starts_at <= ends_at)
            .ok_or(Unbookable::BeyondHorizon { ends_at })
    }
}
