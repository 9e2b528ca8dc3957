//! Providers: the clinicians who see patients (FHIR: Practitioner).

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::days::{DateOverride, TimeOff};
use super::ids::{PayerId, ProviderId, VisitTypeId};
use super::insurance::Payer;
use super::licence::{Licence, local_day};
use super::rules::{BookingRules, OwnRules};
use super::time_slot::rfc3339_in;
use super::us_state::UsState;
use super::visit_type::VisitType;
use super::working_hours::{WeeklySchedule, WorkingHours};

/// A clinician, with what decides whom they may treat and when.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its identifier.
    pub id: ProviderId,
    /// The clinic's own key, as its roster file has it.
    pub reference: String,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// The name patients see.
    pub name: String,
    /// Degrees and titles, such as `MD`.
    pub credentials: String,
    /// IANA name of the zone its working hours are in.
    pub time_zone: String,
    /// Every licence, also those that are not valid now, by state.
    pub licences: Vec<Licence>,
    /// The payers whose insurance is accepted, by name.
    pub payers: Vec<Arc<Payer>>,
    /// Whether they work here; who does not any more is in no search.
    pub active: bool,
    /// The rules that are their own.
    pub own_rules: OwnRules,
    /// The rules by which visits with them are booked.
    pub rules: BookingRules,
    /// The kinds of visits that are set for them; none: all that are active.
    pub own_visit_types: Vec<VisitTypeId>,
    /// The kinds of visits that they offer, by name; shared with all who offer the same.
    pub visit_types: Arc<[Arc<VisitType>]>,
    /// Days on which they do not work as every week, in order.
    pub overrides: Vec<DateOverride>,
    /// Time off, by start.
    pub time_off: Vec<TimeOff>,
    /// When they work, Monday first, as it was written.
    pub working_hours: Vec<WorkingHours>,
    /// The same, as a calendar, shared with all who work the same week.
    pub schedule: Arc<WeeklySchedule>,
}

impl Provider {
    /// The day it is at the provider's.
    pub fn day_of(&self, instant: Timestamp) -> Date {
        local_day(instant, self.schedule.zone())
    }

    /// From the first instant to the last of the day it is at the provider's, which may be longer or
    /// shorter than 24 hours.
    pub fn whole_day_of(&self, instant: Timestamp) -> Range<Timestamp> {
        let day = self.day_of(instant);
        let start_of =
            |day: Date| Some(day.to_zoned_datetime(self.schedule.zone().clone()).ok()?.timestamp());
        let from = start_of(day).unwrap_or(Timestamp::MIN);
        let to = day.tomorrow().ok().and_then(start_of).unwrap_or(Timestamp::MAX);
        from..to
    }

    /// When they work, Monday first; hours across midnight as two spans, one on each day.
    pub fn weekly_hours(&self) -> Vec<WorkingHours> {
        let hours = self.working_hours.iter().copied();
        let mut shown: Vec<WorkingHours> =
            hours.flat_map(WorkingHours::split_at_midnight).collect();
        shown.sort_by_key(|span| span.minutes_of_week());
        shown
    }

    /// The states for which a licence is valid on the day it is at the provider's, by code.
    pub fn licensed_states(&self, instant: Timestamp) -> Vec<UsState> {
        let day = self.day_of(instant);
        let valid = self.licences.iter().filter(|licence| licence.is_valid_on(day));
        let mut states: Vec<UsState> = valid.map(|licence| licence.state).collect();
        states.dedup();
        states
    }

    /// Whether there is a licence for the state that is valid on the day it is at the provider's.
    pub fn is_licensed(&self, state: UsState, instant: Timestamp) -> bool {
        // The day is worked out for those of the state alone: most providers have none.
        let mut of_state = self.licences.iter().filter(|licence| licence.state == state);
        of_state.any(|licence| licence.is_valid_on(self.day_of(instant)))
    }

    /// Whether the payer's insurance is accepted.
    pub fn accepts(&self, payer: PayerId) -> bool {
        self.payers.iter().any(|accepted| accepted.id == payer)
    }

    /// The instant on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`.
    pub fn local(&self, instant: Timestamp) -> String {
        rfc3339_in(self.schedule.zone(), instant)
    }
}
