//! What of a provider's time may be offered for a visit: the hours that are worked, less what is taken
//! with the time to be kept free around it, less time off, where the rules let a visit start.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::availability::{Calendar, OfferGrid, open_for};
use super::busy::{BusyByProvider, HeldTime};
use super::eligibility::licensed_parts;
use super::provider::Provider;
use super::time_slot::{TimeSlot, VisitLength, without};
use super::us_state::UsState;
use super::visit_type::{Buffers, VisitShape};

const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Something of a provider's time that is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// When.
    pub slot: TimeSlot,
    /// What it keeps free around it.
    pub buffers: Buffers,
    /// By what.
    pub by: TakenBy,
}

/// By what time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBy {
    /// An appointment.
    Visit,
    /// Somebody who may make one, until then at most, where that is known.
    Hold(Option<Timestamp>),
}

impl Taken {
    /// When no visit can be that keeps `buffers` free: two of them are apart by the larger of what the
    /// first keeps free after it and the second before it.
    pub fn widened(self, buffers: Buffers) -> TimeSlot {
        let before = buffers.after().max(self.buffers.before());
        let after = buffers.before().max(self.buffers.after());
        let from = self.slot.starts_at().saturating_sub(before).unwrap_or(Timestamp::MIN);
        let until = self.slot.ends_at().saturating_add(after).unwrap_or(Timestamp::MAX);
        TimeSlot::new(from, until).unwrap_or(self.slot)
    }
}

/// All that is taken of a provider's time, in any order.
pub fn taken<'a, B: BusyByProvider>(
    provider: &'a Provider,
    busy: &'a B,
) -> impl Iterator<Item = Taken> + use<'a, B> {
    visits(provider, busy).chain(held_as_taken(provider, busy.held_of(provider.id)))
}

/// What of it is an appointment.
fn visits<'a, B: BusyByProvider>(
    provider: &'a Provider,
    busy: &'a B,
) -> impl Iterator<Item = Taken> + use<'a, B> {
    let kinds = busy.kinds_of(provider.id);
    busy.of_provider(provider.id).iter().enumerate().map(move |(at, slot)| {
        let kind = kinds.get(at).copied().flatten();
        Taken { slot: *slot, buffers: provider.buffers_of(kind), by: TakenBy::Visit }
    })
}

/// What of it is held without being an appointment.
fn held_as_taken<'a>(
    provider: &'a Provider,
    held: &'a [HeldTime],
) -> impl Iterator<Item = Taken> + use<'a> {
    held.iter().map(move |held| Taken {
        slot: held.slot,
        buffers: provider.buffers_of(held.visit_type_id),
        by: TakenBy::Hold(held.until),
    })
}

/// The local days of the provider on which as many visits start as may.
fn full_days(provider: &Provider, busy: &impl BusyByProvider) -> Vec<TimeSlot> {
    let Some(most) = provider.rules.most_a_day else { return Vec::new() };
    let mut starts: Vec<Timestamp> =
        taken(provider, busy).map(|taken| taken.slot.starts_at()).collect();
    starts.sort_unstable();
    let mut full = Vec::new();
    let mut rest = starts.as_slice();
    while let Some(first) = rest.first() {
        let day = provider.whole_day_of(*first);
        let visits = rest.partition_point(|at| *at < day.end).max(1);
        if visits >= usize::from(most) {
            full.extend(TimeSlot::new(day.start, day.end));
        }
        rest = &rest[visits..];
    }
    full
}

/// The local day of the provider at `moment`, if as many visits start on it as may.
pub fn full_day(
    provider: &Provider,
    busy: &impl BusyByProvider,
    moment: Timestamp,
) -> Option<TimeSlot> {
    let most = provider.rules.most_a_day?;
    let day = provider.whole_day_of(moment);
    let visits = taken(provider, busy).filter(|taken| day.contains(&taken.slot.starts_at()));
    let day = TimeSlot::new(day.start, day.end).ok();
    day.filter(|_| visits.count() >= usize::from(most))
}

/// What is looked for in a stretch of starts.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// How long a visit, and of which kind.
    pub shape: VisitShape,
    /// When it may start.
    pub starts: TimeSlot,
    /// In which state the provider has to be licensed, if that matters.
    pub state: Option<UsState>,
    /// When the patient is busy, in any order.
    pub of_patient: &'a [TimeSlot],
    /// Now.
    pub now: Timestamp,
}

impl Sought<'_> {
    /// From the last minute before it may start to the last in which it may end: what ends as the stretch
    /// begins is known as well, for its end is offered.
    pub fn window(&self) -> TimeSlot {
        let from = self.starts.starts_at().saturating_sub(A_MINUTE).unwrap_or(Timestamp::MIN);
        let until = self.starts.ends_at().saturating_add(self.shape.length.duration());
        TimeSlot::new(from, until.unwrap_or(Timestamp::MAX)).unwrap_or(self.starts)
    }
}

/// What of a provider's time may be offered in a stretch of starts.
pub struct Openings<'a> {
    calendar: Calendar<'a>,
    /// Where a visit may start, free or not: in order, and apart.
    parts: Vec<TimeSlot>,
    starts: TimeSlot,
    length: VisitLength,
    grid: OfferGrid,
}

impl<'a> Openings<'a> {
    /// Those of a provider who is busy as `busy` tells, which knows of the whole local days of the stretch
    /// where the provider has no more than so many visits a day.
    pub fn of(provider: &'a Provider, sought: &Sought<'_>, busy: &'a impl BusyByProvider) -> Self {
        let rules = &provider.rules;
        let bookable = rules.bookable_starts(sought.now);
        let within = bookable.and_then(|bookable| bookable.intersection(sought.starts));
        let parts = within.map(|within| licensed_parts(provider, sought.state, within));
        let full = full_days(provider, busy);
        let parts = without(parts.unwrap_or_default(), &full);
        Self {
            calendar: Calendar::new(&provider.schedule, not_offered(provider, sought, busy)),
            parts,
            starts: sought.starts,
            length: sought.shape.length,
            grid: rules.grid,
        }
    }

    /// The offers, in order.
    pub fn offers(&self) -> impl Iterator<Item = TimeSlot> {
        let open = open_for(self.calendar.schedule(), self.starts, self.length);
        let parts = self.parts.iter();
        parts.flat_map(move |part| {
            self.calendar.offers_in(open.clone(), *part, self.length, self.grid)
        })
    }

    /// Those that start inside `stretch`, a part of the whole, whose open spans are known.
    pub fn offers_in<'b>(
        &'b self,
        stretch: TimeSlot,
        open: &'b [TimeSlot],
    ) -> impl Iterator<Item = TimeSlot> + use<'a, 'b> {
        let parts = self.parts.iter().filter_map(move |part| part.intersection(stretch));
        parts.flat_map(move |part| {
            self.calendar.offers_in(open.iter().copied(), part, self.length, self.grid)
        })
    }
}

/// What of a provider's time is not to be offered, in any order: what is taken with what is kept free
/// around it, time off, what the scheduling service has refused, and when the patient is busy. A no to a
/// longer visit says nothing about a shorter one in the midst of it.
fn not_offered<'a>(
    provider: &Provider,
    sought: &Sought<'_>,
    busy: &'a impl BusyByProvider,
) -> Cow<'a, [TimeSlot]> {
    let (id, minutes) = (provider.id, i64::from(sought.shape.length.minutes()));
    let refused = busy.refused_of(id);
    let buffers = provider.buffers_of(sought.shape.kind);
    let nothing_around = provider.widest_buffers().are_none();
    // Nothing is kept free around visits of no kind.
    let as_they_are = nothing_around || (busy.kinds_of(id).is_empty() && buffers.are_none());
    let mut others: Vec<TimeSlot> = Vec::new();
    let held = busy.held_of(id);
    if !provider.time_off.is_empty() || !held.is_empty() {
        let window = sought.window();
        let is_near = |other: &TimeSlot| other.overlaps(window);
        others.extend(provider.time_off.iter().map(|off| off.slot).filter(is_near));
        // Most of what many hold is on other days, and is told apart without reckoning.
        if nothing_around {
            others.extend(held.iter().map(|held| held.slot).filter(is_near));
        } else {
            let held = held_as_taken(provider, held).map(|held| held.widened(buffers));
            others.extend(held.filter(is_near));
        }
    }
    others.extend(refused.iter().filter(|slot| slot.minutes() <= minutes));
    others.extend(sought.of_patient);
    if !as_they_are {
        others.extend(visits(provider, busy).map(|visit| visit.widened(buffers)));
    } else if others.is_empty() {
        return Cow::Borrowed(busy.runs_of(id));
    } else {
        others.extend(busy.runs_of(id));
    }
    Cow::Owned(others)
}
