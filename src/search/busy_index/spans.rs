//! The spans of one provider, by start, and beside each the appointment that it is.

use std::sync::OnceLock;

use jiff::Timestamp;

use crate::domain::busy::AppointmentTime;
use crate::domain::time_slot::merge;
use crate::domain::{AppointmentId, TimeSlot, VisitTypeId};

/// Spans by start, and beside each the appointment that it is.
#[derive(Debug, Default, Clone)]
pub(super) struct BusySpans {
    slots: Vec<TimeSlot>,
    appointments: Vec<AppointmentId>,
    kinds: Vec<Option<VisitTypeId>>,
    /// How many of them are of any kind.
    of_a_kind: usize,
    /// The same time in runs without a break, once somebody has asked since the last change: a full day is
    /// one of them, however many visits it has.
    runs: OnceLock<Vec<TimeSlot>>,
}

/// An appointment, and of which kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Visit {
    id: AppointmentId,
    kind: Option<VisitTypeId>,
}

impl Visit {
    pub(super) fn of(time: &AppointmentTime) -> Self {
        Self { id: time.appointment_id, kind: time.visit_type_id }
    }
}

impl BusySpans {
    pub(super) fn slots(&self) -> &[TimeSlot] {
        &self.slots
    }

    /// Those that `other` has not, each with its appointment.
    pub(super) fn but<'a>(
        &'a self,
        other: Option<&'a Self>,
    ) -> impl Iterator<Item = (TimeSlot, AppointmentId)> + 'a {
        let all = self.all();
        all.filter(move |(slot, visit)| other.is_none_or(|other| !other.has(*slot, *visit)))
            .map(|(slot, visit)| (slot, visit.id))
    }

    fn all(&self) -> impl Iterator<Item = (TimeSlot, Visit)> {
        let visits = self.appointments.iter().zip(&self.kinds);
        let visits = visits.map(|(id, kind)| Visit { id: *id, kind: *kind });
        self.slots.iter().copied().zip(visits)
    }

    fn has(&self, slot: TimeSlot, visit: Visit) -> bool {
        let first = self.slots.partition_point(|earlier| *earlier < slot);
        let same = self.slots[first..].iter().take_while(|other| **other == slot).count();
        (first..first + same)
            .any(|at| self.appointments[at] == visit.id && self.kinds[at] == visit.kind)
    }

    /// Of which kind each is; none where none is of any.
    pub(super) fn kinds(&self) -> Option<&[Option<VisitTypeId>]> {
        (self.of_a_kind > 0).then_some(&self.kinds)
    }

    /// The runs that overlap `window`, in order.
    pub(super) fn runs(&self, window: TimeSlot) -> &[TimeSlot] {
        let runs = self.runs.get_or_init(|| merge(self.slots.clone()));
        let first = runs.partition_point(|run| run.ends_at() <= window.starts_at());
        let met = runs[first..].partition_point(|run| run.starts_at() < window.ends_at());
        &runs[first..first + met]
    }

    /// Where the first is that starts at `moment` or later.
    pub(super) fn first_from(&self, moment: Timestamp) -> usize {
        self.slots.partition_point(|slot| slot.starts_at() < moment)
    }

    pub(super) fn have(&self, id: AppointmentId) -> bool {
        self.appointments.contains(&id)
    }

    /// Takes out those of an appointment, and says how many these were.
    pub(super) fn remove(&mut self, id: AppointmentId) -> usize {
        if !self.have(id) {
            return 0;
        }
        let before = self.slots.len();
        self.retain(|_, visit| visit.id != id);
        before - self.slots.len()
    }

    pub(super) fn insert(&mut self, slot: TimeSlot, visit: Visit) {
        self.runs = OnceLock::new();
        let at = self.slots.partition_point(|earlier| *earlier < slot);
        self.slots.insert(at, slot);
        self.appointments.insert(at, visit.id);
        self.kinds.insert(at, visit.kind);
        self.of_a_kind += usize::from(visit.kind.is_some());
    }

    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = (TimeSlot, Visit)>) {
        let mut all = self.take();
        all.extend(more);
        all.sort_unstable();
        self.put(&all);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(TimeSlot, Visit) -> bool) {
        let mut kept = self.take();
        kept.retain(|(slot, visit)| keep(*slot, *visit));
        self.put(&kept);
    }

    fn take(&mut self) -> Vec<(TimeSlot, Visit)> {
        self.runs = OnceLock::new();
        let visits = self.appointments.drain(..).zip(self.kinds.drain(..));
        let visits = visits.map(|(id, kind)| Visit { id, kind });
        self.slots.drain(..).zip(visits).collect()
    }

    fn put(&mut self, all: &[(TimeSlot, Visit)]) {
        self.of_a_kind = all.iter().filter(|(_, visit)| visit.kind.is_some()).count();
        self.slots.extend(all.iter().map(|(slot, _)| *slot));
        self.appointments.extend(all.iter().map(|(_, visit)| visit.id));
        self.kinds.extend(all.iter().map(|(_, visit)| visit.kind));
    }
}
