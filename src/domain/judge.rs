//! Whether a provider can have a visit at a time, and every reason why not.
//!
//! It says of a time what `openings` says of many: against what is offered there is no reason, and what
//! there is none against can be booked, whether it is on the grid or not. Whom a provider may treat is
//! asked elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::busy::BusyByProvider;
use super::ids::VisitTypeId;
use super::openings::{Taken, TakenBy, full_day, taken};
use super::overruling::Policy;
use super::provider::Provider;
use super::time_slot::TimeSlot;

/// Why a visit can't be at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It would begin before now.
    InPast,
    /// It would begin after the booking horizon.
    BeyondHorizon {
        /// The last moment at which a visit may start.
        ends_at: Timestamp,
    },
    /// It would begin sooner than visits are booked.
    NoticeTooShort {
        /// The first moment at which a visit may start.
        earliest_starts_at: Timestamp,
    },
    /// It would not lie wholly inside the hours.
    OutsideWorkingHours,
    /// The provider is away: time off, a day without work, or one on which the clinic is closed.
    ProviderAway,
    /// As many visits start on that day as may.
    DailyLimitReached,
    /// The patient has another visit then.
    PatientDoubleBooked,
    /// Somebody has the time.
    SlotTaken,
    /// Somebody is about to take the time.
    SlotHeld {
        /// Until when at most; none where that is not known.
        until: Option<Timestamp>,
    },
    /// Another visit is too near.
    InBuffer,
}

impl Obstacle {
    /// Its place in the order in which obstacles are told. Of several providers the one is told of who
    /// comes furthest.
    pub fn rank(self) -> u8 {
        match self {
            Self::InPast => 0,
            Self::BeyondHorizon { .. } => 1,
            Self::NoticeTooShort { .. } => 2,
            Self::OutsideWorkingHours => 3,
            Self::ProviderAway => 4,
            Self::DailyLimitReached => 5,
            Self::PatientDoubleBooked => 6,
            Self::SlotTaken => 7,
            Self::SlotHeld { .. } => 8,
            Self::InBuffer => 9,
        }
    }

    /// Whether other times are told to whom meets it.
    pub fn has_alternatives(self) -> bool {
        matches!(self, Self::SlotTaken | Self::SlotHeld { .. } | Self::InBuffer)
    }

    /// The rule that stands behind it, where it is one that can be overruled.
    pub fn policy(self) -> Option<Policy> {
        match self {
            Self::BeyondHorizon { .. } => Some(Policy::BeyondHorizon),
            Self::NoticeTooShort { .. } => Some(Policy::NoticeTooShort),
            Self::OutsideWorkingHours => Some(Policy::OutsideWorkingHours),
            Self::ProviderAway => Some(Policy::ProviderAway),
            Self::DailyLimitReached => Some(Policy::DailyLimitReached),
            Self::InBuffer => Some(Policy::InBuffer),
            Self::InPast | Self::PatientDoubleBooked | Self::SlotTaken | Self::SlotHeld { .. } => {
                None
            }
        }
    }
}

/// A reason why a visit can't be at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// Which.
    pub obstacle: Obstacle,
    /// When it holds, where that is a span of time.
    pub span: Option<TimeSlot>,
}

impl Reason {
    /// Whether it counts where those rules are overruled.
    pub fn stands(&self, overruled: &[Policy]) -> bool {
        self.obstacle.policy().is_none_or(|policy| !overruled.contains(&policy))
    }
}

/// A visit that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// When.
    pub slot: TimeSlot,
    /// Of which kind.
    pub kind: Option<VisitTypeId>,
    /// When the patient is busy, in any order.
    pub of_patient: &'a [TimeSlot],
    /// Now.
    pub now: Timestamp,
}

/// What a schedule says of the time of a visit.
#[derive(Debug, Clone, Copy)]
struct ByTheHours {
    inside: bool,
    away: Option<TimeSlot>,
}

/// Judges one visit with one provider after another: those who work the same week are asked for it
/// once.
#[derive(Debug)]
pub struct Judge<'a> {
    visit: Judged<'a>,
    /// By where the schedule is in memory.
    known: HashMap<usize, ByTheHours>,
}

impl<'a> Judge<'a> {
    /// The judge of that visit.
    pub fn of(visit: Judged<'a>) -> Self {
        Self { visit, known: HashMap::new() }
    }

    /// Every reason why that provider can't have the visit, in the order in which they are told. `busy`
    /// knows of the whole local days around it.
    pub fn reasons(&mut self, provider: &Provider, busy: &impl BusyByProvider) -> Vec<Reason> {
        let (Judged { slot, kind, of_patient, now }, hours) = (self.visit, self.hours(provider));
        let mut reasons = too_soon_or_late(provider, slot.starts_at(), now);
        let mut add = |obstacle, span| reasons.push(Reason { obstacle, span });
        if !hours.inside {
            add(Obstacle::OutsideWorkingHours, None);
        }
        let off = provider.time_off.iter().map(|off| off.slot).find(|off| off.overlaps(slot));
        if let Some(away) = off.or(hours.away) {
            add(Obstacle::ProviderAway, Some(away));
        }
        if let Some(day) = full_day(provider, busy, slot.starts_at()) {
            add(Obstacle::DailyLimitReached, Some(day));
        }
        if let Some(other) = of_patient.iter().find(|other| other.overlaps(slot)) {
            add(Obstacle::PatientDoubleBooked, Some(*other));
        }
        let (buffers, mut near) = (provider.buffers_of(kind), None);
        let (mut visit, mut held) = (None, None);
        for other in taken(provider, busy).filter(|other| other.widened(buffers).overlaps(slot)) {
            let first = match other.by {
                _ if !other.slot.overlaps(slot) => &mut near,
                TakenBy::Visit => &mut visit,
                TakenBy::Hold(_) => &mut held,
            };
            first.get_or_insert(other);
        }
        match (visit, held) {
            (Some(visit), _) => add(Obstacle::SlotTaken, Some(visit.slot)),
            (None, Some(Taken { slot, by, .. })) => {
                let until = if let TakenBy::Hold(until) = by { until } else { None };
                add(Obstacle::SlotHeld { until }, Some(slot));
            }
            (None, None) => {}
        }
        if let Some(near) = near {
            add(Obstacle::InBuffer, Some(near.widened(buffers)));
        }
        reasons
    }

    fn hours(&mut self, provider: &Provider) -> ByTheHours {
        let (schedule, slot) = (&provider.schedule, self.visit.slot);
        *self.known.entry(Arc::as_ptr(schedule).addr()).or_insert_with(|| ByTheHours {
            inside: schedule.hours_within(slot).iter().any(|hours| hours.covers(slot)),
            away: schedule.away_within(slot).first().copied(),
        })
    }
}

/// What the rules say of a start at that time.
fn too_soon_or_late(provider: &Provider, starts_at: Timestamp, now: Timestamp) -> Vec<Reason> {
    let rules = &provider.rules;
    let (ends_at, earliest) = (rules.horizon_ends_at(now), rules.earliest_start(now));
    let mut reasons = Vec::new();
    let mut add = |obstacle| reasons.push(Reason { obstacle, span: None });
    if starts_at < now {
        add(Obstacle::InPast);
    }
    if starts_at > ends_at {
        add(Obstacle::BeyondHorizon { ends_at });
    }
    if !rules.notice.is_zero() && starts_at < earliest {
        add(Obstacle::NoticeTooShort { earliest_starts_at: earliest });
    }
    reasons
}

#[cfg(test)]
mod tests;
