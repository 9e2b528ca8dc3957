//! The naive reading: what the clock on the wall shows at each minute, and what the rules say of it.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;

use crate::domain::provider::ClinicSide;
use crate::domain::visit_type::TypeBuffers;
use crate::domain::{
    BookingRules, Buffers, ClosedDay, DateOverride, DayHours, LocalTime, OwnRules, Provider,
    ProviderId, TimeOff, TimeOffId, TimeSlot, VisitLength, VisitType, VisitTypeId, WeeklySchedule,
    WorkingHours, zone_named,
};

pub(super) const DAY: i64 = 24 * 60;
/// Work is looked for so many days before a window: nobody here works for longer without a break.
const BEFORE: i64 = 9;
/// The id of the other kind of visit.
pub(super) const OTHER: uuid::Uuid = uuid::Uuid::from_u64_pair(14, 7);
pub(super) const WINDOW: i64 = 1;

/// Minutes from the first of a window on that are looked at.
pub(super) type Span = (i64, i64);

/// Hours of each week: the weekday, when they open, for how long, and the days from and until they count.
pub(super) type Weekly = (i64, i64, i64, Option<i64>, Option<i64>);

#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) zone: &'static str,
    /// Minutes since 1970.
    pub(super) from: i64,
    pub(super) week: Vec<Weekly>,
    pub(super) overrides: Vec<(i64, Option<(i64, i64)>)>,
    pub(super) closed: Vec<i64>,
    pub(super) off: Vec<Span>,
    /// With whether it is of the other kind.
    pub(super) taken: Vec<(Span, bool)>,
    pub(super) of_patient: Vec<Span>,
    pub(super) rules: OwnRules,
    pub(super) kind: Option<Buffers>,
    pub(super) other: Buffers,
    pub(super) now: i64,
    pub(super) length: i64,
}

pub(super) fn instant(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

pub(super) fn slot((from, to): Span) -> TimeSlot {
    TimeSlot::new(instant(from), instant(to)).unwrap()
}

fn civil_minute(local: DateTime) -> i64 {
    local.duration_since(date(1970, 1, 1).at(0, 0, 0, 0)).as_mins()
}

fn day(number: i64) -> Date {
    date(1970, 1, 1).saturating_add(jiff::Span::new().days(number))
}

fn time(minutes: i64) -> LocalTime {
    LocalTime::from_minutes(u16::try_from(minutes).unwrap()).unwrap()
}

impl Case {
    fn first_day(&self) -> i64 {
        let local = zone_named(self.zone).unwrap().to_datetime(instant(self.from));
        civil_minute(local).div_euclid(DAY)
    }

    pub(super) fn at(&self, (from, to): Span) -> Span {
        (self.from + from, self.from + to)
    }

    pub(super) fn provider(&self) -> Provider {
        let first = self.first_day();
        let hours = |opens: i64, minutes: i64| DayHours {
            opens_at: time(opens),
            closes_at: time((opens + minutes - 1) % DAY + 1),
        };
        let week = self.week.iter().map(|(weekday, opens, minutes, from, until)| {
            let DayHours { opens_at, closes_at } = hours(*opens, *minutes);
            let weekday = Weekday::from_monday_zero_offset(i8::try_from(*weekday).unwrap());
            WorkingHours {
                effective_from: from.map(|from| day(first + from)),
                effective_until: until.map(|until| day(first + from.unwrap_or(-9) + until)),
                ..WorkingHours::weekly(weekday.unwrap(), opens_at, closes_at)
            }
        });
        let overrides = self.overrides.iter().map(|(at, span)| DateOverride {
            date: day(first + at),
            hours: span.iter().map(|(opens, minutes)| hours(*opens, *minutes)).collect(),
        });
        let time_off = self.off.iter().map(|span| TimeOff {
            id: TimeOffId::NOBODY,
            slot: slot(self.at(*span)),
            reason: None,
        });
        let closed = self.closed.iter();
        let closed =
            closed.map(|at| ClosedDay { date: day(first + at), name: String::new() }).collect();
        let mut kinds = vec![kind(OTHER.into(), self.other)];
        kinds.extend(self.kind.map(|buffers| kind(VisitTypeId::NOBODY, buffers)));
        let clinic = ClinicSide {
            type_buffers: Arc::new(TypeBuffers::of(kinds.iter().map(AsRef::as_ref))),
            visit_types: kinds,
            closed_days: closed,
            rules: BookingRules::default(),
        };
        let provider = Provider {
            id: ProviderId::NOBODY,
            reference: String::new(),
            version: 1,
            name: String::new(),
            credentials: String::new(),
            time_zone: self.zone.to_owned(),
            licences: Vec::new(),
            payers: Vec::new(),
            active: true,
            own_rules: self.rules,
            rules: BookingRules::default(),
            own_visit_types: Vec::new(),
            visit_types: Arc::default(),
            type_buffers: Arc::default(),
            overrides: overrides.collect(),
            time_off: time_off.collect(),
            working_hours: week.collect(),
            schedule: Arc::new(WeeklySchedule::new(Vec::new(), TimeZone::UTC)),
        };
        provider.by(&clinic)
    }
}

fn kind(id: VisitTypeId, buffers: Buffers) -> Arc<VisitType> {
    Arc::new(VisitType {
        id,
        version: 1,
        name: String::new(),
        length: VisitLength::DEFAULT,
        buffers,
        active: true,
    })
}

/// What the clock on the wall shows at each minute, and what the rules say of it.
pub(super) struct Wall<'a> {
    case: &'a Case,
    first: i64,
    shown: Vec<i64>,
    hours: Vec<bool>,
    worked: Vec<bool>,
    away: Vec<bool>,
}

impl<'a> Wall<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let zone = zone_named(case.zone).unwrap();
        let (first, last) = (case.from - BEFORE * DAY, case.from + 6 * DAY);
        let shown: Vec<i64> =
            (first..last).map(|at| civil_minute(zone.to_datetime(instant(at)))).collect();
        let count = shown.len();
        let mut wall = Self {
            case,
            first,
            shown,
            hours: vec![false; count],
            worked: vec![false; count],
            away: vec![false; count],
        };
        // The latest time that the clock has shown so far, and the earliest that it is yet to show.
        let (mut reached, mut to_come) = (wall.shown.clone(), wall.shown.clone());
        for at in 1..count {
            reached[at] = reached[at].max(reached[at - 1]);
        }
        for at in (1..count).rev() {
            to_come[at - 1] = to_come[at - 1].min(to_come[at]);
        }
        for at in 0..count - 1 {
            let inside = |opens: i64, closes: i64| {
                opens <= reached[at] && (to_come[at] < closes || to_come[at + 1] <= closes)
            };
            let (today, mut is_away) = (reached[at].div_euclid(DAY), false);
            for day in today - 2..=today {
                let mut hours = wall.hours_of(day).into_iter();
                let works = hours
                    .any(|(opens, minutes)| inside(day * DAY + opens, day * DAY + opens + minutes));
                wall.hours[at] |= works;
                if wall.is_off(day) {
                    is_away |= works || wall.shown[at].div_euclid(DAY) == day;
                } else {
                    wall.worked[at] |= works;
                }
            }
            let minute = first + i64::try_from(at).unwrap();
            let mut off = case.off.iter().map(|span| case.at(*span));
            let is_off = off.any(|(from, to)| (from..to).contains(&minute));
            wall.away[at] = is_off || (is_away && !wall.worked[at]);
        }
        wall
    }

    /// What is said of a day by name, if anything is: hours, or none of them.
    fn said_of(&self, day: i64) -> Option<Vec<(i64, i64)>> {
        let at = day - self.case.first_day();
        let said = self.case.overrides.iter().find(|(date, _)| *date == at);
        let closed = self.case.closed.contains(&at).then(Vec::new);
        said.map(|(_, span)| span.iter().copied().collect()).or(closed)
    }

    fn is_off(&self, day: i64) -> bool {
        self.said_of(day).is_some_and(|hours| hours.is_empty())
    }

    fn hours_of(&self, day: i64) -> Vec<(i64, i64)> {
        if let Some(said) = self.said_of(day).filter(|hours| !hours.is_empty()) {
            return said;
        }
        let at = day - self.case.first_day();
        let in_effect = self.case.week.iter().filter(|(weekday, _, _, from, until)| {
            // 1970 began on a Thursday.
            (day + 3).rem_euclid(7) == *weekday
                && from.is_none_or(|from| from <= at)
                && until.is_none_or(|until| at <= from.unwrap_or(-9) + until)
        });
        in_effect.map(|(_, opens, minutes, ..)| (*opens, *minutes)).collect()
    }

    fn at(&self, minute: i64) -> usize {
        usize::try_from(minute - self.first).unwrap()
    }

    fn day_of(&self, minute: i64) -> i64 {
        self.shown[self.at(minute)].div_euclid(DAY)
    }

    fn near(&self, minute: i64) -> Vec<(Span, bool)> {
        let case = self.case;
        let end = minute + case.length;
        let wide = |own: Option<u16>, kind: Option<Buffers>, of: fn(Buffers) -> u16| {
            i64::from(own.unwrap_or(0).max(kind.map_or(0, of)))
        };
        let around = |kind: Option<Buffers>| {
            let before = wide(case.rules.buffer_before_minutes, kind, Buffers::before_minutes);
            (before, wide(case.rules.buffer_after_minutes, kind, Buffers::after_minutes))
        };
        let (before, after) = around(case.kind);
        let spans = case.taken.iter().map(|(span, of_other)| {
            let (own_before, own_after) = around(of_other.then_some(case.other));
            (case.at(*span), after.max(own_before), before.max(own_after))
        });
        let met =
            spans.filter(|((from, to), ahead, behind)| *from < end + ahead && minute < to + behind);
        met.map(|((from, to), ahead, behind)| {
            ((from - ahead, to + behind), from < end && minute < to)
        })
        .collect()
    }

    pub(super) fn obstacles(&self, minute: i64) -> Vec<u8> {
        let (case, rules) = (self.case, &self.case.rules);
        let visit = self.at(minute)..self.at(minute + case.length);
        let most = rules.max_appointments_per_day.map(usize::from);
        let starts = case.taken.iter().map(|(span, _)| case.at(*span).0);
        let that_day = starts.filter(|from| self.day_of(*from) == self.day_of(minute)).count();
        let of_patient = case.of_patient.iter().map(|span| case.at(*span));
        let near = self.near(minute);
        let notice = i64::from(rules.notice_minutes.unwrap_or(0));
        let horizon = i64::from(rules.horizon_days.unwrap_or(90)) * DAY;
        let all = [
            minute < case.now,
            minute > case.now + horizon,
            notice > 0 && minute < case.now + notice,
            !self.hours[visit.clone()].iter().all(|inside| *inside),
            self.away[visit].iter().any(|away| *away),
            most.is_some_and(|most| that_day >= most),
            of_patient.into_iter().any(|(from, to)| from < minute + case.length && minute < to),
            near.iter().any(|(_, overlaps)| *overlaps),
            false,
            near.iter().any(|(_, overlaps)| !overlaps),
        ];
        let met = all.iter().zip(0..).filter(|(met, _)| **met);
        met.map(|(_, rank)| rank).collect()
    }

    /// Whether a time that nothing is against is offered: on the grid, or when something is over.
    pub(super) fn is_offered(&self, minute: i64) -> bool {
        let at = self.at(minute);
        let began = (0..=at).rev().find(|at| !self.worked[at - 1]).unwrap();
        let grid = i64::from(self.case.rules.grid_minutes.unwrap_or(15));
        let over = self.near(minute - 1).into_iter().map(|(span, _)| span.1);
        let others = self.case.off.iter().chain(&self.case.of_patient);
        let mut over = over.chain(others.map(|span| self.case.at(*span).1));
        (at - began).try_into().is_ok_and(|since: i64| since % grid == 0)
            || over.any(|end| end == minute)
    }
}
