//! When one provider is busy, in order: a hundred visits are judged by a day of it each.

use jiff::Timestamp;

use crate::domain::busy::{BusyByProvider, BusyTime, HeldTime, LONGEST_APPOINTMENT};
use crate::domain::{ProviderId, TimeSlot, VisitTypeId};

/// When one provider is busy.
pub(super) struct ProviderBook {
    provider_id: ProviderId,
    /// In order.
    visits: Vec<(TimeSlot, Option<VisitTypeId>)>,
    held: Vec<HeldTime>,
    refused: Vec<TimeSlot>,
}

impl ProviderBook {
    /// What is known of that provider.
    pub(super) fn of(provider_id: ProviderId, busy: &impl BusyByProvider) -> Self {
        let kinds = busy.kinds_of(provider_id);
        let visits = busy.of_provider(provider_id).iter().enumerate();
        let mut visits: Vec<_> =
            visits.map(|(at, slot)| (*slot, kinds.get(at).copied().flatten())).collect();
        visits.sort_unstable_by_key(|(slot, _)| *slot);
        let held = busy.held_of(provider_id).to_vec();
        let refused = busy.refused_of(provider_id).to_vec();
        Self { provider_id, visits, held, refused }
    }

    /// What of it overlaps a window.
    pub(super) fn near(&self, window: TimeSlot) -> BusyTime {
        let mut near = BusyTime::default();
        let earliest =
            window.starts_at().saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
        let first = self.visits.partition_point(|(slot, _)| slot.starts_at() < earliest);
        let visits = self.visits.get(first..).unwrap_or_default().iter();
        let visits = visits.take_while(|(slot, _)| slot.starts_at() < window.ends_at());
        for (slot, kind) in visits.filter(|(slot, _)| slot.overlaps(window)) {
            near.add_of_provider(self.provider_id, *slot, *kind);
        }
        for held in self.held.iter().filter(|held| held.slot.overlaps(window)) {
            near.add_held(self.provider_id, *held);
        }
        for refused in self.refused.iter().filter(|slot| slot.overlaps(window)) {
            near.add_refused(self.provider_id, *refused);
        }
        near
    }
}
