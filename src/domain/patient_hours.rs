//! At which times of their own day patients are offered visits.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::availability::{open_for, with_starts};
use super::patient_clock::PatientClock;
use super::schedule::WeeklySchedule;
use super::time_slot::{TimeSlot, VisitLength, merge};
use super::working_hours::LocalTime;

const MINUTES_A_DAY: u16 = LocalTime::END_OF_DAY.minutes();
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// From when to when on their own clock patients are offered visits, where any provider will do: the
/// earliest and the latest start of a day, both included, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatientHours {
    earliest: LocalTime,
    latest: LocalTime,
}

impl Default for PatientHours {
    /// From 07:00 to 21:00.
    fn default() -> Self {
        Self { earliest: LocalTime::from_hour(7), latest: LocalTime::from_hour(21) }
    }
}

impl PatientHours {
    /// The hours from one start to another; `None` where the latest is before the earliest.
    pub fn new(earliest: LocalTime, latest: LocalTime) -> Option<Self> {
        (earliest <= latest).then_some(Self { earliest, latest })
    }

    /// The earliest start of a day.
    pub fn earliest(self) -> LocalTime {
        self.earliest
    }

    /// The latest start of a day.
    pub fn latest(self) -> LocalTime {
        self.latest
    }

    /// Whether a visit that starts at that moment lies within them.
    pub fn admit(self, clock: &PatientClock, starts_at: Timestamp) -> bool {
        let local = clock.zone().to_datetime(starts_at);
        let minutes = i32::from(local.hour()) * 60 + i32::from(local.minute());
        (i32::from(self.earliest.minutes())..=i32::from(self.latest.minutes())).contains(&minutes)
    }

    /// Whether they are no bound at all.
    pub fn are_the_whole_day(self) -> bool {
        self.earliest == LocalTime::MIDNIGHT && self.latest.minutes() + 1 >= MINUTES_A_DAY
    }

    /// The parts of `window` at which a visit may start, in order and apart. A local time that a change
    /// of the clock skips is in none, one that comes twice is in both.
    pub fn within(self, clock: &PatientClock, window: TimeSlot) -> Vec<TimeSlot> {
        let mut spans = Vec::new();
        let mut begins_at = window.starts_at();
        // Between two changes of the clock all days are alike.
        while begins_at < window.ends_at() {
            let next = clock.zone().following(begins_at).next();
            let change = next.map_or(Timestamp::MAX, |change| change.timestamp());
            let Ok(even) = TimeSlot::new(begins_at, change.min(window.ends_at())) else { break };
            self.add_days(clock.zone().to_offset(begins_at), even, &mut spans);
            begins_at = change;
        }
        merge(spans)
    }

    /// Adds the hours of every day in a stretch of one offset.
    fn add_days(self, offset: Offset, even: TimeSlot, spans: &mut Vec<TimeSlot>) {
        let last = offset.to_datetime(even.ends_at()).date();
        let mut day = Some(offset.to_datetime(even.starts_at()).date());
        while let Some(date) = day.filter(|date| *date <= last) {
            let hours = self.on(date, offset).and_then(|hours| hours.intersection(even));
            spans.extend(hours);
            day = date.tomorrow().ok();
        }
    }

    fn on(self, day: Date, offset: Offset) -> Option<TimeSlot> {
        let midnight = offset.to_timestamp(day.at(0, 0, 0, 0)).ok()?;
        let after =
            |minutes: u16| midnight.checked_add(SignedDuration::from_mins(i64::from(minutes))).ok();
        // The minute of the latest start belongs to it; what is past midnight is of the next day.
        let until = (self.latest.minutes() + 1).min(MINUTES_A_DAY);
        TimeSlot::new(after(self.earliest.minutes())?, after(until)?).ok()
    }

    /// Whether a visit of that length can ever start within them in `period` with somebody who works
    /// by `schedule`, whoever is busy. Tells quickly of one who never works at the patient's day.
    pub fn ever_meet(
        self,
        clock: &PatientClock,
        schedule: &WeeklySchedule,
        length: VisitLength,
        period: TimeSlot,
    ) -> bool {
        // Between two changes of a clock each week is like the one before, but for work that goes on
        // while the clock changes, and for days that are not as every week.
        let zones = [clock.zone(), schedule.zone()];
        let changes = zones.into_iter().flat_map(|zone| changes(zone, period));
        let mut changes: Vec<Timestamp> = changes.chain(schedule.changes_within(period)).collect();
        changes.push(period.starts_at());
        let around = changes.iter().filter_map(|change| {
            let from = change.saturating_sub(A_DAY * 2).unwrap_or(Timestamp::MIN);
            let to = change.saturating_add(A_DAY * 9).unwrap_or(Timestamp::MAX);
            TimeSlot::new(from, to).ok()?.intersection(period)
        });
        merge(around.collect()).into_iter().any(|days| {
            let open = with_starts(&open_for(schedule, days, length), length);
            let hours = self.within(clock, days);
            hours.iter().any(|hours| open.iter().any(|(starts, _)| starts.overlaps(*hours)))
        })
    }
}

/// When the clock of a zone changes in a period.
fn changes(zone: &TimeZone, period: TimeSlot) -> impl Iterator<Item = Timestamp> {
    let changes = zone.following(period.starts_at()).map(|change| change.timestamp());
    changes.take_while(move |change| *change < period.ends_at())
}

#[cfg(test)]
mod tests;
