//! Which starts will do for one who waits.

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};

use crate::domain::patient_clock::PatientClock;
use crate::domain::patient_hours::PatientHours;
use crate::domain::time_slot::{TimeSlot, just_after, merge};
use crate::domain::working_hours::LocalTime;

const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Days of the week, one at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0b111_1111);

    /// These; none where there is none.
    pub fn of(days: &[Weekday]) -> Option<Self> {
        Self::from_bits(days.iter().fold(0, |bits, day| bits | bit(*day)))
    }

    /// As the database holds them: a bit a day, Monday the lowest.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// From what the database holds.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (1..=Self::ALL.0).contains(&bits).then_some(Self(bits))
    }

    /// Whether that day is one of them.
    pub fn contain(self, day: Weekday) -> bool {
        self.0 & bit(day) != 0
    }

    /// The days, from Monday on.
    pub fn days(self) -> impl Iterator<Item = Weekday> {
        let week = Weekday::Monday.cycle_forward().take(7);
        week.filter(move |day| self.contain(*day))
    }
}

fn bit(day: Weekday) -> u8 {
    1 << day.to_monday_zero_offset().unsigned_abs()
}

/// From the first start to the last that will do, on which days, and at which times of day on the patient's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitlistWindow {
    /// The earliest start.
    pub earliest: Timestamp,
    /// The latest start, which belongs to it.
    pub latest: Timestamp,
    /// On which days of the patient's week.
    pub weekdays: Weekdays,
    /// The earliest start of a day.
    pub local_from: LocalTime,
    /// Before when a visit starts on a day.
    pub local_until: LocalTime,
}

impl WaitlistWindow {
    /// The spans of starts of it that lie in `within`, in the hours at which patients are offered visits: in order
    /// and apart. A local time that a change of the clock skips is in none, one that comes twice in both.
    pub fn starts(
        &self,
        clock: &PatientClock,
        hours: PatientHours,
        within: TimeSlot,
    ) -> Vec<TimeSlot> {
        let all = TimeSlot::new(self.earliest, just_after(self.latest));
        let Some(within) = all.ok().and_then(|all| all.intersection(within)) else {
            return Vec::new();
        };
        let Some(hours) = self.hours(hours) else { return Vec::new() };
        if self.weekdays == Weekdays::ALL {
            return hours.within(clock, within);
        }
        let (first, last) =
            (local_day(clock, within.starts_at()), local_day(clock, within.ends_at()));
        let mut day = Some(first);
        let mut spans = Vec::new();
        while let Some(date) = day.filter(|date| *date <= last) {
            if self.weekdays.contain(date.weekday())
                && let Some(of_day) =
                    whole_day(clock, date).and_then(|day| day.intersection(within))
            {
                spans.extend(hours.within(clock, of_day));
            }
            day = date.tomorrow().ok();
        }
        merge(spans)
    }

    /// Its times of day as far as patients are offered visits then; none where they never are.
    fn hours(&self, hours: PatientHours) -> Option<PatientHours> {
        let last = LocalTime::from_minutes(self.local_until.minutes().checked_sub(1)?)?;
        PatientHours::new(hours.earliest().max(self.local_from), hours.latest().min(last))
    }

    /// Why no visit can ever be in it for a patient who lives by that clock, if none can: the field that says
    /// so, and what is wrong.
    pub fn fault(
        &self,
        clock: &PatientClock,
        hours: PatientHours,
        now: Timestamp,
    ) -> Option<(WindowField, &'static str)> {
        if self.latest < self.earliest {
            return Some((WindowField::Latest, "must not be before earliest"));
        }
        if self.latest <= now {
            return Some((WindowField::Latest, "must be in the future"));
        }
        if self.local_until <= self.local_from {
            return Some((WindowField::LocalUntil, "must be after localFrom"));
        }
        if self.hours(hours).is_none() {
            let why = "must meet the hours at which patients are offered visits (patientEarliest, \
                       patientLatest of the clinic's rules)";
            return Some((WindowField::LocalFrom, why));
        }
        let from = self.earliest.max(now);
        // Days repeat every week, and no change of a clock takes more than some hours of one.
        let a_while =
            from.saturating_add(SignedDuration::from_hours(24 * 16)).unwrap_or(self.latest);
        let until = just_after(self.latest.min(a_while));
        let within = TimeSlot::new(from, until.max(from.saturating_add(A_MINUTE).unwrap_or(until)));
        let starts = within.map(|within| self.starts(clock, hours, within)).unwrap_or_default();
        let why =
            "must be a day and a time of day between earliest and latest, on the patient's clock";
        starts.is_empty().then_some((WindowField::Weekdays, why))
    }
}

/// A field of a window that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowField {
    /// The latest start.
    Latest,
    /// The days of the week.
    Weekdays,
    /// The earliest start of a day.
    LocalFrom,
    /// The end of the starts of a day.
    LocalUntil,
}

fn local_day(clock: &PatientClock, moment: Timestamp) -> Date {
    clock.zone().to_datetime(moment).date()
}

fn whole_day(clock: &PatientClock, date: Date) -> Option<TimeSlot> {
    let starts_at = midnight(clock, date)?;
    let ends_at = midnight(clock, date.tomorrow().ok()?)?;
    TimeSlot::new(starts_at, ends_at).ok()
}

fn midnight(clock: &PatientClock, date: Date) -> Option<Timestamp> {
    clock.zone().to_ambiguous_timestamp(date.at(0, 0, 0, 0)).compatible().ok()
}
