//! The rules about when a visit may be: the clinic's, and each provider's own.

use jiff::{SignedDuration, Timestamp};

use super::availability::OfferGrid;
use super::patient_hours::PatientHours;
use super::time_slot::{TimeSlot, ceil_to_minute, just_after};
use super::visit_type::Buffers;

/// The rules that a provider or the clinic has set; what is not set is as the next above has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnRules {
    /// How far apart offered times lie, 1 to 480 minutes.
    pub grid_minutes: Option<u16>,
    /// What is kept free before each visit, 0 to 480 minutes.
    pub buffer_before_minutes: Option<u16>,
    /// What is kept free after each visit, 0 to 480 minutes.
    pub buffer_after_minutes: Option<u16>,
    /// How long before its start a visit is booked at the latest, 0 to 525,600 minutes.
    pub notice_minutes: Option<u32>,
    /// How far ahead a visit may start, 1 to 730 days.
    pub horizon_days: Option<u16>,
    /// How many visits may start on one local day of a provider, 1 to 1,000.
    pub max_appointments_per_day: Option<u16>,
}

/// The rules by which visits with a provider are booked, each their own or the clinic's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookingRules {
    /// Which times are offered.
    pub grid: OfferGrid,
    /// What is kept free around each visit.
    pub buffers: Buffers,
    /// How long before its start a visit is booked at the latest.
    pub notice: SignedDuration,
    /// How far ahead a visit may start.
    pub horizon: SignedDuration,
    /// How many visits may start on one local day of the provider; any number when not set.
    pub most_a_day: Option<u16>,
}

impl Default for BookingRules {
    /// Every 15 minutes for 90 days, and nothing else.
    fn default() -> Self {
        Self {
            grid: OfferGrid::default(),
            buffers: Buffers::default(),
            notice: SignedDuration::ZERO,
            horizon: SignedDuration::from_hours(24 * 90),
            most_a_day: None,
        }
    }
}

impl BookingRules {
    /// These rules, but for those that are set in `own`. What is out of its bounds counts as not set.
    #[must_use]
    pub fn with(self, own: &OwnRules) -> Self {
        let before = own.buffer_before_minutes.unwrap_or(self.buffers.before_minutes());
        let after = own.buffer_after_minutes.unwrap_or(self.buffers.after_minutes());
        let notice = own.notice_minutes.map(|minutes| SignedDuration::from_mins(minutes.into()));
        let horizon = own.horizon_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        Self {
            grid: own.grid_minutes.and_then(OfferGrid::from_minutes).unwrap_or(self.grid),
            buffers: Buffers::from_minutes(before, after).unwrap_or(self.buffers),
            notice: notice.unwrap_or(self.notice),
            horizon: horizon.unwrap_or(self.horizon),
            most_a_day: own.max_appointments_per_day.or(self.most_a_day),
        }
    }

    /// The last moment at which a visit may start.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.horizon).unwrap_or(Timestamp::MAX)
    }

    /// The first minute in which a visit may start.
    pub fn earliest_start(&self, now: Timestamp) -> Timestamp {
        ceil_to_minute(now.saturating_add(self.notice).unwrap_or(Timestamp::MAX))
    }

    /// When a visit may start; none where the horizon ends before visits are booked.
    pub fn bookable_starts(&self, now: Timestamp) -> Option<TimeSlot> {
        TimeSlot::new(self.earliest_start(now), just_after(self.horizon_ends_at(now))).ok()
    }
}

/// The clinic's own rules.
#[derive(Debug, Clone, Copy)]
pub struct ClinicRules {
    /// Counts the committed changes of what is set below.
    pub version: i32,
    /// What the clinic has set; what it has not is as the program was started.
    pub own: OwnRules,
    /// The rules by which visits are booked where the provider has none of their own.
    pub booking: BookingRules,
    /// At which times of their own day patients are offered visits.
    pub patient_hours: PatientHours,
    /// How many visits to come one patient may have at most.
    pub most_open_visits: u32,
}

impl Default for ClinicRules {
    /// As the program is started where nothing is set.
    fn default() -> Self {
        Self {
            version: 0,
            own: OwnRules::default(),
            booking: BookingRules::default(),
            patient_hours: PatientHours::default(),
            most_open_visits: 20,
        }
    }
}

impl ClinicRules {
    /// The last moment at which a visit may start.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        self.booking.horizon_ends_at(now)
    }
}
