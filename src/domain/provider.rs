//! Providers: the clinicians who see patients (FHIR: Practitioner).

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::days::{ClosedDay, DateOverride, TimeOff};
use super::ids::{PayerId, ProviderId, VisitTypeId};
use super::insurance::Payer;
use super::licence::{Licence, local_day};
use super::rules::{BookingRules, OwnRules};
use super::schedule::WeeklySchedule;
use super::time_slot::rfc3339_in;
use super::us_state::UsState;
use super::visit_type::{Buffers, TypeBuffers, VisitType};
use super::working_hours::WorkingHours;
use super::zone_data::zone_named;

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
    /// What visits keep free around them by their kind.
    pub type_buffers: Arc<TypeBuffers>,
    /// Days on which they do not work as every week, in order.
    pub overrides: Vec<DateOverride>,
    /// Time off, by start.
    pub time_off: Vec<TimeOff>,
    /// When they work, Monday first, as it was written.
    pub working_hours: Vec<WorkingHours>,
    /// The same with the days that are not as every week, as a calendar, shared with all who work the same.
    pub schedule: Arc<WeeklySchedule>,
}

/// What the clinic has that visits with its providers are judged by.
#[derive(Debug, Clone, Default)]
pub struct ClinicSide {
    /// The rules of whoever has none of their own.
    pub rules: BookingRules,
    /// All kinds of visits, by name.
    pub visit_types: Vec<Arc<VisitType>>,
    /// What these keep free around them.
    pub type_buffers: Arc<TypeBuffers>,
    /// The days on which the clinic is closed, in order.
    pub closed_days: Vec<ClosedDay>,
}

impl ClinicSide {
    /// The kinds of visits that one offers for whom `own` are set.
    pub fn offered(&self, own: &[VisitTypeId]) -> Arc<[Arc<VisitType>]> {
        let offers =
            |one: &&Arc<VisitType>| one.active && (own.is_empty() || own.contains(&one.id));
        self.visit_types.iter().filter(offers).map(Arc::clone).collect()
    }
}

impl Provider {
    /// The same provider with all that follows from what is set for them and from what the clinic has,
    /// worked out anew: rules, kinds of visits, calendar.
    #[must_use]
    pub fn by(self, clinic: &ClinicSide) -> Self {
        let zone = zone_named(&self.time_zone).unwrap_or(TimeZone::UTC);
        let (hours, closed) = (self.working_hours.clone(), &clinic.closed_days);
        let schedule = WeeklySchedule::with_days(hours, zone, &self.overrides, closed);
        Self {
            rules: clinic.rules.with(&self.own_rules),
            visit_types: clinic.offered(&self.own_visit_types),
            type_buffers: Arc::clone(&clinic.type_buffers),
            schedule: Arc::new(schedule),
            ..self
        }
    }

    /// The same provider, who works the same week as `other` in memory where the two weeks are equal.
    #[must_use]
    pub fn sharing(self, other: &Self) -> Self {
        let week = |one: &Self| {
            let Self { time_zone, working_hours, overrides, .. } = one;
            (time_zone.clone(), working_hours.clone(), overrides.clone())
        };
        if week(&self) == week(other) {
            return Self { schedule: Arc::clone(&other.schedule), ..self };
        }
        self
    }

    /// Whether they offer that kind of visit; visits of no kind everybody does.
    pub fn offers(&self, kind: Option<VisitTypeId>) -> bool {
        kind.is_none_or(|kind| self.visit_types.iter().any(|one| one.id == kind))
    }

    /// What a visit of that kind with them keeps free around it.
    pub fn buffers_of(&self, kind: Option<VisitTypeId>) -> Buffers {
        self.rules.buffers.larger(self.type_buffers.of_kind(kind))
    }

    /// Whether it matters to a visit with them which others there are near it, or on the same day.
    pub fn minds_other_visits(&self) -> bool {
        self.rules.most_a_day.is_some() || !self.widest_buffers().are_none()
    }

    /// On each side the most that any visit with them keeps free around it.
    pub fn widest_buffers(&self) -> Buffers {
        self.rules.buffers.larger(self.type_buffers.widest())
    }

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

    /// Whether the payer's insurance is accepted; that of one whom the clinic takes no more is not.
    pub fn accepts(&self, payer: PayerId) -> bool {
        self.payers.iter().any(|accepted| accepted.id == payer && accepted.active)
    }

    /// The instant on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`.
    pub fn local(&self, instant: Timestamp) -> String {
        rfc3339_in(self.schedule.zone(), instant)
    }
}
