//! From local times to instants: the same time of day all year, in one zone.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};

use super::calendar::starts;
use super::{Ending, MOST_STARTS, MOST_YEARS, RecurrenceRule, Until};
use crate::domain::working_hours::resolve_opening;

/// When a visit of a series starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// The instant.
    pub at: Timestamp,
    /// How a change of the clock has to do with it.
    pub change: Option<ClockChange>,
}

/// How a change of the clock has to do with a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// That local time does not exist on the day: it is the first moment after the gap.
    Skipped(DateTime),
    /// The local time comes twice on the day, and this is the first time.
    FirstOfTwo,
    /// The same, and this is the second time, as it was asked for.
    SecondOfTwo,
}

/// When the visits of a series are to start, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesTimes {
    /// By a rule, from a first start on.
    By {
        /// The first start.
        starts_at: Timestamp,
        /// The rule.
        rule: RecurrenceRule,
    },
    /// At these instants, in order and apart.
    At(Vec<Timestamp>),
}

/// Why a rule makes no series in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCourse {
    /// The first start is none of the rule's.
    StartsOtherwise,
    /// It ends before the first start.
    EndsBeforeStart,
    /// It has more starts than one series may.
    TooMany,
    /// It goes on for longer than a series may.
    TooLong,
    /// The library does not take it.
    NotTaken,
}

impl SeriesTimes {
    /// The starts on the clock of that zone, in order.
    ///
    /// # Errors
    ///
    /// [`NoCourse`].
    pub fn on_clock(&self, zone: &TimeZone) -> Result<Vec<Start>, NoCourse> {
        match self {
            Self::By { starts_at, rule } => rule.on_clock(*starts_at, zone),
            Self::At(times) => {
                Ok(times.iter().map(|at| Start { at: *at, change: twice(*at, zone) }).collect())
            }
        }
    }

    /// The first start.
    pub fn first(&self) -> Timestamp {
        match self {
            Self::By { starts_at, .. } => *starts_at,
            Self::At(times) => times.first().copied().unwrap_or_default(),
        }
    }
}

impl RecurrenceRule {
    fn on_clock(&self, starts_at: Timestamp, zone: &TimeZone) -> Result<Vec<Start>, NoCourse> {
        let start = zone.to_datetime(starts_at);
        let furthest = start.checked_add(Span::new().years(MOST_YEARS));
        let furthest = furthest.unwrap_or(DateTime::MAX);
        let (last, most) = match self.ending {
            Ending::Count(count) => (furthest, count),
            Ending::Until(until) => {
                let last = until.last(zone);
                if last > furthest {
                    return Err(NoCourse::TooLong);
                }
                // A day more: which instants are too late is judged below.
                let a_day_more = last.checked_add(Span::new().days(1)).unwrap_or(DateTime::MAX);
                (a_day_more, MOST_STARTS + 1)
            }
        };
        if !self.has(starts_at, start) {
            return Err(NoCourse::EndsBeforeStart);
        }
        let locals = starts(self, (start, last), most).ok_or(NoCourse::NotTaken)?;
        if locals.first() != Some(&start) {
            return Err(NoCourse::StartsOtherwise);
        }
        let mut course = Vec::new();
        for local in locals {
            // The start is what was asked for, also where its local time comes twice.
            let one = if local == start {
                Some(Start { at: starts_at, change: twice(starts_at, zone) })
            } else {
                on_clock(local, zone)
            };
            let Some(one) = one.filter(|one| self.has(one.at, local)) else { break };
            course.push(one);
        }
        match self.ending {
            Ending::Count(count) if course.len() < count => Err(NoCourse::TooLong),
            _ if course.len() > MOST_STARTS => Err(NoCourse::TooMany),
            _ => Ok(course),
        }
    }

    /// Whether a start is not past its end.
    fn has(&self, at: Timestamp, local: DateTime) -> bool {
        match self.ending {
            Ending::Count(_) => true,
            Ending::Until(Until::Day(last)) => local.date() <= last,
            Ending::Until(Until::Local(last)) => local <= last,
            Ending::Until(Until::Instant(last)) => at <= last,
        }
    }
}

impl Until {
    /// The last moment on a clock of that zone.
    fn last(self, zone: &TimeZone) -> DateTime {
        match self {
            Self::Day(day) => day.at(23, 59, 59, 0),
            Self::Local(local) => local,
            Self::Instant(instant) => zone.to_datetime(instant),
        }
    }
}

/// The start at a local time; none at the end of time.
pub(super) fn on_clock(local: DateTime, zone: &TimeZone) -> Option<Start> {
    let at = resolve_opening(local, zone)?;
    let is_skipped = zone.to_datetime(at) != local;
    let change = if is_skipped { Some(ClockChange::Skipped(local)) } else { twice(at, zone) };
    Some(Start { at, change })
}

/// Whether the local time of an instant comes twice, and which of the two it is.
fn twice(at: Timestamp, zone: &TimeZone) -> Option<ClockChange> {
    let ambiguous = zone.to_ambiguous_timestamp(zone.to_datetime(at));
    let AmbiguousOffset::Fold { .. } = ambiguous.offset() else { return None };
    let is_first = ambiguous.earlier().is_ok_and(|first| first == at);
    Some(if is_first { ClockChange::FirstOfTwo } else { ClockChange::SecondOfTwo })
}
