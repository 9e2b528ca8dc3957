//! The availability engine: which times are free, and which of them are offered.
//!
//! One engine serves search and booking, so that a time that was offered is bookable
//! unless somebody took it.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::schedule::WeeklySchedule;
use super::time_slot::{TimeSlot, VisitLength, ceil_to_minute, merge};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// How far apart offered times lie, counted from the opening time: whole minutes, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferGrid(SignedDuration);

impl Default for OfferGrid {
    /// Every 15 minutes.
    fn default() -> Self {
        Self(SignedDuration::from_mins(15))
    }
}

impl OfferGrid {
    /// A grid of `minutes` minutes; `None` outside 1 to 480.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (1..=480).contains(&minutes).then(|| Self(SignedDuration::from_mins(i64::from(minutes))))
    }

    /// How far apart the times are, in minutes.
    pub fn minutes(self) -> u16 {
        u16::try_from(self.0.as_mins()).unwrap_or(u16::MAX)
    }

    /// The first moment at or after `earliest` that lies on the grid counted from `origin`.
    fn first_at_or_after(self, origin: Timestamp, earliest: Timestamp) -> Timestamp {
        let (step, since) = (self.0.as_secs(), earliest.duration_since(origin).as_secs());
        if since <= 0 {
            return origin;
        }
        let steps = since.unsigned_abs().div_ceil(step.unsigned_abs());
        let offset = i64::try_from(steps).unwrap_or(i64::MAX).saturating_mul(step);
        origin.saturating_add(SignedDuration::from_secs(offset)).unwrap_or(Timestamp::MAX)
    }
}

/// A provider's week and when they are busy in it.
#[derive(Debug, Clone)]
pub struct Calendar<'a> {
    schedule: &'a WeeklySchedule,
    /// In order, and apart.
    busy: Cow<'a, [TimeSlot]>,
}

impl<'a> Calendar<'a> {
    /// The calendar of a provider who works by `schedule` and is busy as `busy` says, in any order.
    pub fn new(schedule: &'a WeeklySchedule, busy: impl Into<Cow<'a, [TimeSlot]>>) -> Self {
        let busy = busy.into();
        // The visits of one provider are in order and apart, but for what is being moved.
        let apart = busy.is_sorted_by(|one, next| one.ends_at() <= next.starts_at());
        let busy = if apart { busy } else { Cow::Owned(merge(busy.into_owned())) };
        Self { schedule, busy }
    }

    /// The week.
    pub fn schedule(&self) -> &'a WeeklySchedule {
        self.schedule
    }

    /// Whether `visit` is wholly inside the working hours and nobody else is seen then.
    pub fn is_free(&self, visit: TimeSlot) -> bool {
        self.schedule.covers(visit) && !self.busy.iter().any(|span| span.overlaps(visit))
    }

    /// The times offered for a visit of that length that start inside `starts`, in order.
    ///
    /// A time is offered when it is free and either on the grid, counted from the opening time,
    /// or at the end of a busy span.
    pub fn offers(
        &self,
        starts: TimeSlot,
        length: VisitLength,
        grid: OfferGrid,
    ) -> impl Iterator<Item = TimeSlot> {
        self.offers_in(open_for(self.schedule, starts, length), starts, length, grid)
    }

    /// The same, where the open spans are known: those of [`open_for`] these or more `starts`.
    /// Many providers work the same week, and its spans are worked out once for all of them.
    pub fn offers_in<I: IntoIterator<Item = TimeSlot>>(
        &self,
        open: I,
        starts: TimeSlot,
        length: VisitLength,
        grid: OfferGrid,
    ) -> impl Iterator<Item = TimeSlot> + use<'_, 'a, I> {
        self.free_gaps(open, starts.starts_at())
            .flat_map(move |gap| gap.offers(starts.starts_at(), length, grid))
            .take_while(move |offer| offer.starts_at() < starts.ends_at())
    }

    /// What is left of the open spans between the busy ones, from `earliest` on. One by one, for
    /// who looks for the first time of a thousand providers wants no more than one of each.
    fn free_gaps<I: IntoIterator<Item = TimeSlot>>(
        &self,
        open: I,
        earliest: Timestamp,
    ) -> impl Iterator<Item = FreeGap> + use<'_, 'a, I> {
        // Busy spans are apart and in order, so their ends are in order as well.
        let next_busy = self.busy.partition_point(|busy| ceil_to_minute(busy.ends_at()) < earliest);
        let (mut busy, mut open) = (self.busy[next_busy..].iter().peekable(), open.into_iter());
        // The open span that is looked at, and from when on it is known to be free.
        let mut at: Option<(TimeSlot, Timestamp)> = None;
        let next = move || {
            let (span, free_from) = match at {
                Some(at) => at,
                None => open.next().map(|span| (span, span.starts_at()))?,
            };
            let gap_until = |end| Some(FreeGap::between(span.starts_at(), free_from, end));
            let Some(taken) = busy.peek().filter(|busy| busy.starts_at() < span.ends_at()) else {
                at = None;
                return gap_until(span.ends_at());
            };
            let gap = gap_until(taken.starts_at());
            // Past the end of this span it may reach into the next one as well.
            at = (taken.ends_at() <= span.ends_at())
                .then_some((span, free_from.max(taken.ends_at())));
            if at.is_some() {
                busy.next();
            }
            gap
        };
        std::iter::from_fn(next).flatten()
    }
}

/// The open spans that decide about visits of that length that start inside `starts`.
pub fn open_for(schedule: &WeeklySchedule, starts: TimeSlot, length: VisitLength) -> Vec<TimeSlot> {
    let ends_at = starts.ends_at().saturating_add(length.duration()).unwrap_or(Timestamp::MAX);
    schedule.open_spans(TimeSlot::new(starts.starts_at(), ends_at).unwrap_or(starts))
}

/// Those of the open spans that are long enough for a visit, each after the time in which it may start.
pub fn with_starts(open: &[TimeSlot], length: VisitLength) -> Vec<(TimeSlot, TimeSlot)> {
    let fitting = open.iter().filter_map(|open| {
        let last = open.ends_at().checked_sub(length.duration()).ok()?;
        // The last start belongs to it.
        let starts = TimeSlot::new(open.starts_at(), last.checked_add(SECOND).ok()?).ok()?;
        Some((starts, *open))
    });
    fitting.collect()
}

/// Free time without a break, and the opening time that its grid counts from.
struct FreeGap {
    opens_at: Timestamp,
    span: TimeSlot,
}

impl FreeGap {
    fn between(opens_at: Timestamp, starts_at: Timestamp, ends_at: Timestamp) -> Option<Self> {
        // A visit starts on a whole minute, even after a span that another program ended within one.
        let span = TimeSlot::new(ceil_to_minute(starts_at), ends_at).ok()?;
        Some(Self { opens_at, span })
    }

    /// Its first moment (the opening, or the end of a busy span), then the grid.
    fn offers(
        self,
        earliest: Timestamp,
        length: VisitLength,
        grid: OfferGrid,
    ) -> impl Iterator<Item = TimeSlot> {
        let first = self.span.starts_at();
        let at_once = (first >= earliest).then_some(first);
        let on_grid_from =
            if at_once.is_some() { first.saturating_add(MINUTE) } else { Ok(earliest) };
        let mut next =
            grid.first_at_or_after(self.opens_at, on_grid_from.unwrap_or(Timestamp::MAX));
        let on_grid = std::iter::from_fn(move || {
            let current = next;
            next = current.saturating_add(grid.0).ok().filter(|later| *later > current)?;
            Some(current)
        });
        at_once
            .into_iter()
            .chain(on_grid)
            .filter_map(move |starts_at| TimeSlot::starting(starts_at, length))
            .take_while(move |offer| self.span.covers(*offer))
    }
}

#[cfg(test)]
mod tests;
