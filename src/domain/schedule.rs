//! When a provider works: the same every week, but for hours that are in effect for some time only,
//! and days that are not as every week.
//!
//! Hours across midnight are of the day on which they open: what is said of the next day leaves them
//! as they are.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::days::{ClosedDay, DateOverride};
use super::time_slot::{TimeSlot, merge, without};
use super::working_hours::{DayHours, WeekShape, WorkingHours, resolve_opening};

/// Hours that never close count from the start of this day.
const ORIGIN: Date = date(2000, 1, 1);

/// What a day is that is not as every week.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SpecialDay {
    /// Other hours.
    Hours(Vec<DayHours>),
    /// None of those that there would be: the provider is away.
    Away,
}

/// A provider's week and the days that are not like it, with the zone that all local times are in.
#[derive(Debug, Clone)]
pub struct WeeklySchedule {
    hours: Vec<WorkingHours>,
    zone: TimeZone,
    /// In order.
    special: Vec<(Date, SpecialDay)>,
    /// The week as it is before the first day from which on it may be another.
    week: WeekShape,
    /// The first day from which on a week may be another; none where each is like the one before.
    changes_from: Option<Date>,
}

impl WeeklySchedule {
    /// The schedule of a provider who works `hours` in `zone`.
    pub fn new(hours: Vec<WorkingHours>, zone: TimeZone) -> Self {
        Self::with_days(hours, zone, &[], &[])
    }

    /// The same, but for those days. A day on which the clinic is closed is as `overrides` has it, if it
    /// does.
    pub fn with_days(
        hours: Vec<WorkingHours>,
        zone: TimeZone,
        overrides: &[DateOverride],
        closed: &[ClosedDay],
    ) -> Self {
        let overridden = |day: &ClosedDay| overrides.iter().any(|one| one.date == day.date);
        let closed = closed.iter().filter(|day| !overridden(day));
        let closed = closed.map(|day| (day.date, SpecialDay::Away));
        let overrides = overrides.iter().map(|one| match one.hours.as_slice() {
            [] => (one.date, SpecialDay::Away),
            hours => (one.date, SpecialDay::Hours(hours.to_vec())),
        });
        let mut special: Vec<(Date, SpecialDay)> = overrides.chain(closed).collect();
        special.sort_by_key(|(date, _)| *date);
        let in_effect = hours.iter().flat_map(|hours| edges(*hours));
        let changes_from = special.iter().map(|(date, _)| *date).chain(in_effect).min();
        let at_first = hours.iter().copied().filter(|hours| hours.effective_from.is_none());
        let week = WeekShape::of(&at_first.collect::<Vec<_>>());
        Self { hours, zone, special, week, changes_from }
    }

    /// The zone its local times are in.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether `visit` lies wholly inside time that is worked.
    pub fn covers(&self, visit: TimeSlot) -> bool {
        self.open_spans(visit).iter().any(|open| open.covers(visit))
    }

    /// The spans of work that overlap `window`, in order of time, touching ones as one.
    ///
    /// Each begins where work really begins, even before the window, because offered times count
    /// from there. Hours that never close have no such moment: they count from the start of the
    /// year 2000.
    pub fn open_spans(&self, window: TimeSlot) -> Vec<TimeSlot> {
        if self.changes_from.is_none() {
            return self.every_week(window);
        }
        self.spans(window, |day| self.worked_on(day))
    }

    /// The hours that overlap `window`, those of days on which the provider is away included: outside of
    /// them no day has any.
    pub fn hours_within(&self, window: TimeSlot) -> Vec<TimeSlot> {
        if self.changes_from.is_none() {
            return self.every_week(window);
        }
        self.spans(window, |day| self.hours_of(day))
    }

    /// The parts of `window` for which a day on which the provider is away is the reason that they do not
    /// work: that day, and its hours where they go on past midnight.
    pub fn away_within(&self, window: TimeSlot) -> Vec<TimeSlot> {
        let (first, last) = self.days_around(window);
        let from = self.special.partition_point(|(date, _)| *date < first);
        let near = self.special[from..].iter().take_while(|(date, _)| *date <= last);
        let away = near.filter(|(_, what)| *what == SpecialDay::Away);
        let spans = away.flat_map(|(day, _)| {
            let mut spans = self.every_week_on(*day);
            spans.extend(self.whole_day(*day));
            spans
        });
        let spans: Vec<TimeSlot> =
            spans.filter_map(|span: TimeSlot| span.intersection(window)).collect();
        if spans.is_empty() { spans } else { without(merge(spans), &self.open_spans(window)) }
    }

    /// The moments in `period` from which on the days may be others than those a week before.
    pub fn changes_within(&self, period: TimeSlot) -> Vec<Timestamp> {
        let special = self.special.iter().map(|(date, _)| *date);
        let days = special.flat_map(|day| [Some(day), day.tomorrow().ok()]).flatten();
        let days = days.chain(self.hours.iter().flat_map(|hours| edges(*hours)));
        let moments = days.filter_map(|day| Some(self.whole_day(day)?.starts_at()));
        moments.filter(|at| period.starts_at() <= *at && *at < period.ends_at()).collect()
    }

    fn special(&self, day: Date) -> Option<&SpecialDay> {
        let at = self.special.binary_search_by_key(&day, |(date, _)| *date).ok()?;
        Some(&self.special[at].1)
    }

    /// The hours that a day has by the week.
    fn every_week_on(&self, day: Date) -> Vec<TimeSlot> {
        let of_the_day = self.hours.iter().filter(|hours| hours.opens_on(day));
        of_the_day.filter_map(|hours| hours.times().resolve(day, &self.zone)).collect()
    }

    /// The hours of a day, whether they are worked or not.
    fn hours_of(&self, day: Date) -> Vec<TimeSlot> {
        match self.special(day) {
            Some(SpecialDay::Hours(hours)) => {
                hours.iter().filter_map(|hours| hours.resolve(day, &self.zone)).collect()
            }
            Some(SpecialDay::Away) | None => self.every_week_on(day),
        }
    }

    /// The hours of a day that are worked.
    fn worked_on(&self, day: Date) -> Vec<TimeSlot> {
        match self.special(day) {
            Some(SpecialDay::Away) => Vec::new(),
            _ => self.hours_of(day),
        }
    }

    /// From the first instant of a local day to the last.
    fn whole_day(&self, day: Date) -> Option<TimeSlot> {
        let start_of = |day: Date| Some(day.to_zoned_datetime(self.zone.clone()).ok()?.timestamp());
        TimeSlot::new(start_of(day)?, start_of(day.tomorrow().ok()?)?).ok()
    }

    fn local_day(&self, moment: Timestamp) -> Date {
        self.zone.to_datetime(moment).date()
    }

    /// The first and the last day whose hours can reach into `window`.
    fn days_around(&self, window: TimeSlot) -> (Date, Date) {
        let first = self.local_day(window.starts_at()).saturating_sub(Span::new().days(2));
        let last = self.local_day(window.ends_at()).saturating_add(Span::new().days(1));
        (first, last)
    }

    /// The spans where each week is like the one before.
    fn every_week(&self, window: TimeSlot) -> Vec<TimeSlot> {
        if self.week.never_closes() {
            let always = self.origin().map(|origin| TimeSlot::new(origin, window.ends_at()));
            return always.into_iter().flatten().collect();
        }
        let around = Span::new().days(self.week.lookback_days());
        let first = self.local_day(window.starts_at()).saturating_sub(around);
        let last = self.local_day(window.ends_at()).saturating_add(around);
        let spans = series(first, last).flat_map(|day| self.every_week_on(day));
        merge(spans.collect()).into_iter().filter(|open| open.overlaps(window)).collect()
    }

    /// The spans where days are as `of_day` says.
    fn spans(&self, window: TimeSlot, of_day: impl Fn(Date) -> Vec<TimeSlot>) -> Vec<TimeSlot> {
        let (first, last) = self.days_around(window);
        let mut spans = merge(series(first, last).flat_map(&of_day).collect());
        if let Some(earliest) = spans.first_mut()
            && let Some(before) = first.yesterday().ok()
        {
            let begins_at = self.beginning(earliest.starts_at(), before, of_day);
            *earliest = TimeSlot::new(begins_at, earliest.ends_at()).unwrap_or(*earliest);
        }
        spans.retain(|open| open.overlaps(window));
        spans
    }

    /// When the work began that goes on at `moment`, by the hours of `day` and those before it.
    fn beginning(
        &self,
        moment: Timestamp,
        mut day: Date,
        of_day: impl Fn(Date) -> Vec<TimeSlot>,
    ) -> Timestamp {
        let mut begins_at = moment;
        // Hours end at the end of the day after theirs at the latest.
        while day >= self.local_day(begins_at).saturating_sub(Span::new().days(2)) {
            let as_ever = self.changes_from.is_none_or(|change| day < change);
            if day < ORIGIN
                || (as_ever && self.week.never_closes() && goes_on(&of_day(day), begins_at))
            {
                return self.origin().unwrap_or(begins_at);
            }
            for span in merge(of_day(day)).iter().rev() {
                if span.ends_at() >= begins_at {
                    begins_at = begins_at.min(span.starts_at());
                }
            }
            let Ok(before) = day.yesterday() else { break };
            day = before;
        }
        begins_at
    }

    fn origin(&self) -> Option<Timestamp> {
        resolve_opening(ORIGIN.at(0, 0, 0, 0), &self.zone)
    }
}

/// The days from which on hours are in effect, and are no more.
fn edges(hours: WorkingHours) -> impl Iterator<Item = Date> {
    let until = hours.effective_until.and_then(|last| last.tomorrow().ok());
    hours.effective_from.into_iter().chain(until)
}

fn series(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(Span::new().days(1)).take_while(move |day| *day <= last)
}

fn goes_on(spans: &[TimeSlot], moment: Timestamp) -> bool {
    spans.iter().any(|span| span.starts_at() < moment && moment <= span.ends_at())
}

#[cfg(test)]
mod tests;
