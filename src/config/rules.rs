//! The clinic's rules, and how patient we are with the scheduling service.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::reader::Reader;
use super::scheduler::SchedulerTimes;
use crate::domain::availability::OfferGrid;
use crate::domain::{
    BookingRules, ClinicRules, HoldLimits, OfferLength, OwnRules, PatientHours, zone_named,
};
use crate::links::LinkRules;
use crate::settling::SettlingRules;

/// 30 days.
const MOST_CUTOFF_MINUTES: i64 = 30 * 24 * 60;
/// How many calls of the scheduling service one holder of a lease makes in a row at most, and
/// what the rest of the work may take.
const CALLS_A_LEASE: u32 = 4;
const LEASE_MARGIN: Duration = Duration::from_secs(7);
/// So long at least a call is taken to be under way outside after nobody waits for it any more.
const LATE_AT_LEAST: Duration = Duration::from_secs(5);

impl Reader<'_> {
    pub(super) fn clinic_rules(&mut self) -> ClinicRules {
        let horizon_days: i64 = self.within("BOOKING_HORIZON_DAYS", 90, 1, 730);
        let grid = self.within("SLOT_GRID_MINUTES", 15, 1, 480);
        ClinicRules {
            patient_hours: self.patient_hours(),
            most_open_visits: self.within("MAX_OPEN_VISITS_PER_PATIENT", 20, 1, 100_000),
            version: 0,
            own: OwnRules::default(),
            booking: BookingRules {
                horizon: SignedDuration::from_hours(24 * horizon_days),
                grid: OfferGrid::from_minutes(grid).unwrap_or_default(),
                ..BookingRules::default()
            },
        }
    }

    pub(super) fn hold_limits(&mut self) -> HoldLimits {
        let usual = HoldLimits::default();
        HoldLimits {
            of_a_token: self.within("HOLDS_PER_TOKEN", usual.of_a_token, 1, 100_000),
            ..usual
        }
    }

    /// How long a time is offered to one who waits.
    pub(super) fn offer_length(&mut self) -> OfferLength {
        let minutes = self.within("WAITLIST_OFFER_MINUTES", 30, 1, 1440);
        OfferLength::from_minutes(minutes).unwrap_or_default()
    }

    /// What patients may do by their links.
    pub(super) fn link_rules(&mut self) -> LinkRules {
        let cutoff = self.within("CANCEL_CUTOFF_MINUTES", 0, 0, MOST_CUTOFF_MINUTES);
        let contact = self.text("CLINIC_CONTACT");
        let is_line =
            |text: &String| text.chars().count() <= 200 && !text.chars().any(char::is_control);
        if contact.as_ref().is_some_and(|contact| !is_line(contact)) {
            self.wrong("CLINIC_CONTACT", "must be a line of at most 200 characters");
        }
        let contact = contact.filter(is_line);
        LinkRules { cutoff: SignedDuration::from_mins(cutoff), contact }
    }

    fn patient_hours(&mut self) -> PatientHours {
        let usual = PatientHours::default();
        let expected = "must be a time of day such as 07:00";
        let earliest = self.parsed("PATIENT_EARLIEST", usual.earliest(), expected);
        let latest = self.parsed("PATIENT_LATEST", usual.latest(), expected);
        PatientHours::new(earliest, latest).unwrap_or_else(|| {
            self.wrong("PATIENT_LATEST", "must not be before PATIENT_EARLIEST");
            usual
        })
    }

    pub(super) fn time_zone(&mut self, variable: &'static str) -> Option<TimeZone> {
        let zone = zone_named(&self.text(variable)?);
        if zone.is_none() {
            self.wrong(variable, "must be an IANA time zone such as America/New_York");
        }
        zone
    }

    pub(super) fn settling_rules(&mut self, times: SchedulerTimes) -> SettlingRules {
        let lease = times.call * CALLS_A_LEASE + LEASE_MARGIN;
        SettlingRules {
            answer_within: self.milliseconds("ANSWER_WITHIN_MS", 3000),
            hold_for: SignedDuration::from_mins(self.within("HOLD_MINUTES", 15, 1, 1440)),
            late_for: SignedDuration::try_from((times.call * 2).max(LATE_AT_LEAST))
                .unwrap_or(SignedDuration::MAX),
            lease: SignedDuration::try_from(lease).unwrap_or(SignedDuration::MAX),
        }
    }
}
