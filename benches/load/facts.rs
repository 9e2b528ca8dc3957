//! What both sides of the bench know: who there is, and which request is the next.

use std::sync::atomic::{AtomicU64, Ordering};

use clinic::domain::ProviderId;
use jiff::{SignedDuration, Timestamp};
use sea_orm::prelude::DateTimeUtc;
use uuid::Uuid;

/// The state and the insurance of the many providers, and of the few.
pub(crate) const MANY: (&str, &str) = ("NY", "Aetna");
pub(crate) const FEW: (&str, &str) = ("CT", "Cigna");

/// The day on which the first 50 providers have 16 visits each, after all that is booked.
pub(crate) const FULL_DAY: u64 = 120;

/// Who there is, and how far the run is.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Today's midnight in UTC: what is stored lies around it.
    pub(crate) base: Timestamp,
    pub(crate) now: Timestamp,
    /// Those with full calendars, who all match one patient.
    pub(crate) many: Vec<Uuid>,
    /// Those always at work and with nothing stored: one for each round of a hot spot.
    pub(crate) few: Vec<Uuid>,
    pub(crate) payer: Uuid,
    next: AtomicU64,
    round: AtomicU64,
}

impl Facts {
    pub(crate) fn new(
        base: Timestamp,
        now: Timestamp,
        many: Vec<Uuid>,
        few: Vec<Uuid>,
        payer: Uuid,
    ) -> Self {
        Self { base, now, many, few, payer, next: AtomicU64::new(0), round: AtomicU64::new(0) }
    }

    /// A number that no other request of this stage has.
    pub(crate) fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_round(&self) {
        self.round.fetch_add(1, Ordering::Relaxed);
    }

    /// The provider on whom everybody falls in this round.
    pub(crate) fn hot(&self) -> Uuid {
        pick(&self.few, self.round.load(Ordering::Relaxed))
    }

    pub(crate) fn provider(&self, number: u64) -> Uuid {
        pick(&self.many, number)
    }

    pub(crate) fn in_days(&self, days: u64, minutes: u64) -> Timestamp {
        let minutes = i64::try_from(days * 1440 + minutes).unwrap_or_default();
        self.base.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(self.base)
    }
}

fn pick(among: &[Uuid], number: u64) -> Uuid {
    let count = u64::try_from(among.len()).unwrap_or(1);
    usize::try_from(number % count).map_or(Uuid::nil(), |at| among[at])
}

/// An id as clients see it.
pub(crate) fn prv(id: Uuid) -> String {
    ProviderId::from(id).to_string()
}

/// An instant as the database drivers take it.
pub(crate) fn utc(at: Timestamp) -> DateTimeUtc {
    DateTimeUtc::from_timestamp(at.as_second(), 0).unwrap_or_default()
}
