//! The waitlist: who waits for a time, and what they are offered. An offer is a time that is held for one of them
//! until they have answered, or have not.

mod window;

pub use window::{WaitlistWindow, Weekdays, WindowField};

use jiff::{SignedDuration, Timestamp};

use super::appointment_event::EventPosition;
use super::ids::{AppointmentId, PatientId, PayerId, ProviderId, WaitlistEntryId};
use super::named::named;
use super::time_slot::TimeSlot;
use super::us_state::UsState;
use super::visit_type::VisitShape;

named! {
    /// Where an entry of the waitlist stands.
    WaitlistStatus {
        /// A time is looked for.
        Waiting "WAITING",
        /// A time is held for them; also while what they have accepted is being booked.
        Offered "OFFERED",
        /// They have a visit by it; final.
        Booked "BOOKED",
        /// They wait no more; final.
        Left "LEFT",
        /// The latest start that would have done has passed; final.
        Lapsed "LAPSED",
    }
}

named! {
    /// What became of an offer.
    OfferOutcome {
        /// It was taken.
        Accepted "ACCEPTED",
        /// It was not wanted.
        Declined "DECLINED",
        /// Nobody had answered when it ended.
        Lapsed "LAPSED",
        /// It was taken, and the scheduling service would not have it.
        Refused "REFUSED",
    }
}

/// A time that was offered to one who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistOffer {
    /// Identifies it, what it holds, and the visit that it becomes where that is a new one.
    pub id: AppointmentId,
    /// Whose time.
    pub provider_id: ProviderId,
    /// Which time.
    pub slot: TimeSlot,
    /// When it was offered.
    pub offered_at: Timestamp,
    /// From when on it holds nothing.
    pub expires_at: Timestamp,
    /// What became of it; none while it is open.
    pub outcome: Option<OfferOutcome>,
}

impl WaitlistOffer {
    /// Whether it may be answered yet.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.outcome.is_none() && now < self.expires_at
    }
}

/// Somebody who waits for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistEntry {
    /// Identifies it.
    pub id: WaitlistEntryId,
    /// Counts its committed changes, from 1.
    pub version: i32,
    /// Where it stands.
    pub status: WaitlistStatus,
    /// Who waits.
    pub patient_id: PatientId,
    /// The state they are in.
    pub state: UsState,
    /// The payer of the visit.
    pub payer_id: PayerId,
    /// With whom; none where anybody who fits will do.
    pub provider_id: Option<ProviderId>,
    /// How long a visit, and of which kind.
    pub shape: VisitShape,
    /// Which starts will do.
    pub window: WaitlistWindow,
    /// The visit that moves to the time that is found, instead of a new one.
    pub instead_of: Option<AppointmentId>,
    /// What was offered, in order.
    pub offers: Vec<WaitlistOffer>,
    /// The place of its joining among all changes of the waitlist: whoever has the lower one comes first.
    pub joined: EventPosition,
    /// The place of its last change among them.
    pub position: EventPosition,
    /// When they joined.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl WaitlistEntry {
    /// The offer that is open, if one is.
    pub fn open_offer(&self) -> Option<&WaitlistOffer> {
        self.offers.last().filter(|offer| offer.outcome.is_none())
    }

    /// The offer that was accepted and is being booked, if one is.
    pub fn accepted_offer(&self) -> Option<&WaitlistOffer> {
        let is_accepted = |offer: &&WaitlistOffer| offer.outcome == Some(OfferOutcome::Accepted);
        let is_under_way = self.status == WaitlistStatus::Offered;
        self.offers.last().filter(is_accepted).filter(|_| is_under_way)
    }

    /// Whether nothing becomes of it any more.
    pub fn is_over(&self) -> bool {
        !matches!(self.status, WaitlistStatus::Waiting | WaitlistStatus::Offered)
    }

    /// The times that were not wanted: none that overlaps one of them is offered again.
    pub fn unwanted(&self) -> impl Iterator<Item = TimeSlot> {
        let unwanted = [Some(OfferOutcome::Declined), Some(OfferOutcome::Lapsed)];
        self.offers
            .iter()
            .filter(move |offer| unwanted.contains(&offer.outcome))
            .map(|offer| offer.slot)
    }

    /// With a time that is held for them.
    #[must_use]
    pub fn offered(&self, offer: WaitlistOffer) -> Self {
        let now = offer.offered_at;
        let mut after = self.changed(WaitlistStatus::Offered, now);
        after.offers.push(offer);
        after
    }

    /// With the open offer taken: it is being booked.
    #[must_use]
    pub fn accepted(&self, now: Timestamp) -> Self {
        self.with_outcome(OfferOutcome::Accepted, WaitlistStatus::Offered, now)
    }

    /// Waiting again, for the last offer came to nothing; or no more, where it is too late.
    #[must_use]
    pub fn waits_again(&self, outcome: OfferOutcome, now: Timestamp) -> Self {
        let in_vain = now > self.window.latest;
        let status = if in_vain { WaitlistStatus::Lapsed } else { WaitlistStatus::Waiting };
        self.with_outcome(outcome, status, now)
    }

    /// With a visit by what was accepted.
    #[must_use]
    pub fn booked(&self, now: Timestamp) -> Self {
        self.changed(WaitlistStatus::Booked, now)
    }

    /// Waiting no more. An offer that is open was not wanted.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Self {
        match self.open_offer() {
            Some(_) => self.with_outcome(OfferOutcome::Declined, WaitlistStatus::Left, now),
            None => self.changed(WaitlistStatus::Left, now),
        }
    }

    /// Waiting no more, for the latest start that would have done has passed.
    #[must_use]
    pub fn lapsed(&self, now: Timestamp) -> Self {
        self.changed(WaitlistStatus::Lapsed, now)
    }

    fn with_outcome(&self, outcome: OfferOutcome, status: WaitlistStatus, now: Timestamp) -> Self {
        let mut after = self.changed(status, now);
        if let Some(last) = after.offers.last_mut() {
            last.outcome = Some(outcome);
        }
        after
    }

    fn changed(&self, status: WaitlistStatus, now: Timestamp) -> Self {
        Self { status, version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

/// Which entries a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitlistFilter {
    /// Only in these statuses.
    pub statuses: Option<Vec<WaitlistStatus>>,
    /// Only those who wait for this provider.
    pub provider_id: Option<ProviderId>,
    /// Only those of this patient.
    pub patient_id: Option<PatientId>,
}

/// For how long an offer is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferLength(i64);

impl OfferLength {
    /// The shortest time in which somebody can answer.
    pub const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

    /// That many minutes: up to a day.
    pub fn from_minutes(minutes: i64) -> Option<Self> {
        (1..=24 * 60).contains(&minutes).then_some(Self(minutes))
    }

    /// When an offer ends that begins now, of a time that can be booked until `notice` before it starts; none
    /// where nobody could answer in time. Instants are stored as whole seconds.
    pub fn ends_at(
        self,
        now: Timestamp,
        slot: TimeSlot,
        notice: SignedDuration,
    ) -> Option<Timestamp> {
        let now = Timestamp::from_second(now.as_second()).ok()?;
        let last = slot.starts_at().checked_sub(notice).ok()?;
        let end = now.checked_add(SignedDuration::from_mins(self.0)).ok()?.min(last);
        (end.duration_since(now) >= Self::SHORTEST).then_some(end)
    }
}

impl Default for OfferLength {
    fn default() -> Self {
        Self(30)
    }
}

#[cfg(test)]
mod tests;
