//! What is held without being an appointment, followed change by change. What lapses stays until its row is gone,
//! and is passed over by the time alone: nobody has to tell that it has.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::busy::{HeldChange, HeldTime};
use crate::domain::{AppointmentId, ProviderId};

/// What is held, by whose time it is. A copy shares with the original who has not changed.
#[derive(Debug, Default, Clone)]
pub(super) struct HeldBook(HashMap<ProviderId, Arc<HeldTimes>>);

/// What is held of one provider's time, in the order in which it lapses, and beside each its id. What has no end is
/// last: so what lives at a moment is all from some place on.
#[derive(Debug, Default, Clone)]
struct HeldTimes {
    times: Vec<HeldTime>,
    ids: Vec<AppointmentId>,
}

/// Whether it lives no more.
fn has_lapsed(held: &HeldTime, now: Timestamp) -> bool {
    held.until.is_some_and(|until| until <= now)
}

impl HeldBook {
    /// Takes over what is held now under some ids with a provider, in place of what was.
    pub(super) fn change(&mut self, changes: &[HeldChange]) {
        for HeldChange { id, provider_id, held } in changes {
            let times = self.0.entry(*provider_id).or_default();
            if held.is_some() || times.ids.contains(id) {
                Arc::make_mut(times).put(*id, *held);
            }
            if times.ids.is_empty() {
                self.0.remove(provider_id);
            }
        }
    }

    /// What lives at `now` of what is held of a provider's time.
    pub(super) fn of_provider(&self, provider_id: ProviderId, now: Timestamp) -> &[HeldTime] {
        let Some(HeldTimes { times, .. }) = self.0.get(&provider_id).map(Arc::as_ref) else {
            return &[];
        };
        &times[times.partition_point(|held| has_lapsed(held, now))..]
    }
}

impl HeldTimes {
    fn put(&mut self, id: AppointmentId, held: Option<HeldTime>) {
        if let Some(at) = self.ids.iter().position(|other| *other == id) {
            self.ids.remove(at);
            self.times.remove(at);
        }
        if let Some(held) = held {
            let lapses_before = |other: &HeldTime| match (other.until, held.until) {
                (Some(other), Some(this)) => other < this,
                (until, _) => until.is_some(),
            };
            let at = self.times.partition_point(lapses_before);
            self.ids.insert(at, id);
            self.times.insert(at, held);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::TimeSlot;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
    }

    fn id<T: From<uuid::Uuid>>(number: u64) -> T {
        uuid::Uuid::from_u64_pair(number, 7).into()
    }

    proptest! {
        #[test]
        fn it_tells_at_each_moment_what_is_held_then_whatever_has_changed(
            steps in proptest::collection::vec((0_u64..5, 0_u64..3, 0_i64..50, 0_i64..12), 1..60),
        ) {
            let (mut book, mut rows) = (HeldBook::default(), BTreeMap::new());
            for (number, provider, minute, until) in steps {
                let slot = TimeSlot::new(at(minute), at(minute + 5)).unwrap();
                // It may be gone, have no end, or go to another provider, which is a change of both.
                let held = (until > 0).then_some(HeldTime {
                    slot,
                    visit_type_id: None,
                    until: (until > 1).then(|| at(until)),
                });
                let was = rows.remove(&number).map(|(provider, _)| provider);
                let mut changes = vec![HeldChange { id: id(number), provider_id: id(provider), held }];
                if let Some(was) = was && was != provider {
                    changes.push(HeldChange { id: id(number), provider_id: id(was), held: None });
                }
                if let Some(held) = held {
                    rows.insert(number, (provider, held));
                }
                book.change(&changes);
                // Told again, as a reading may, it is no other.
                book.change(&changes);
                for (whose, minute) in (0..3).flat_map(|whose| (0..13).map(move |minute| (whose, minute))) {
                    let of_whom = rows.values().filter(|(with, _)| *with == whose).map(|(_, held)| *held);
                    let lives = |held: &HeldTime| held.until.is_none_or(|until| until > at(minute));
                    let mut expected: Vec<_> = of_whom.filter(lives).collect();
                    let mut found = book.of_provider(id(whose), at(minute)).to_vec();
                    expected.sort_unstable_by_key(|held| (held.slot, held.until));
                    found.sort_unstable_by_key(|held| (held.slot, held.until));
                    prop_assert_eq!(found, expected);
                }
            }
            for (number, (provider, _)) in rows {
                book.change(&[HeldChange { id: id(number), provider_id: id(provider), held: None }]);
            }
            prop_assert!(book.0.is_empty());
        }
    }
}
