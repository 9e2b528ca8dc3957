//! What is wished of a move: another time, or another provider.

use jiff::Timestamp;

use crate::access::{Actor, Permission};
use crate::booking::Booking;
use crate::booking::change::visit_change::{Changer, VisitChange};
use crate::booking::command::{Overrule, ReassignAppointment, RescheduleAppointment, WhichVisit};
use crate::booking::outcome::Outcome;
use crate::domain::{
    Appointment, Directory, Policy, Provider, ProviderId, VisitLength, WaitlistEntry,
};
use crate::request::{Field, Refusal, Violation};
use crate::search::{Candidates, ToTreat};

/// What is wished of a move.
#[derive(Clone, Copy)]
pub(in crate::booking) struct MoveWish<'a> {
    /// To whom; the provider as it is where only the time is to be another.
    pub(in crate::booking) to: Option<ProviderId>,
    /// As it was when not given.
    pub(in crate::booking) starts_at: Option<Timestamp>,
    /// As it was when not given.
    pub(in crate::booking) length: Option<VisitLength>,
    pub(in crate::booking) overrule: &'a Overrule,
    /// Whose wait ends with it: the time was offered to them, and is held.
    pub(in crate::booking) accepts: Option<&'a WaitlistEntry>,
}

/// The time that is asked for, and with whom.
pub(in crate::booking) struct NewTime<'a> {
    pub(in crate::booking) provider_id: ProviderId,
    pub(in crate::booking) starts_at: Timestamp,
    /// As it was when not given.
    pub(in crate::booking) length: Option<VisitLength>,
    pub(in crate::booking) overrule: &'a Overrule,
}

/// At which moment the provider's licence is judged for a visit at that time: one that can't be booked is
/// judged on the nearest day that can.
pub(super) fn judged_at(
    provider: &Provider,
    starts_at: Timestamp,
    overrule: &Overrule,
    now: Timestamp,
) -> Timestamp {
    let passed = overrule.rules.contains(&Policy::BeyondHorizon);
    let latest = if passed { Timestamp::MAX } else { provider.rules.horizon_ends_at(now).max(now) };
    starts_at.clamp(now, latest)
}

impl<'a> MoveWish<'a> {
    /// Who sees the patient then.
    pub(super) fn with_whom(&self, before: &Appointment) -> ProviderId {
        self.to.unwrap_or(before.provider_id)
    }

    fn starts_at(&self, before: &Appointment) -> Timestamp {
        self.starts_at.unwrap_or_else(|| before.slot.starts_at())
    }

    /// Whose time is looked for: another provider must be allowed to treat the patient on the day of the
    /// visit, the one who does need only work here.
    pub(super) fn candidates(
        &self,
        directory: &Directory,
        before: &Appointment,
        now: Timestamp,
    ) -> Result<Candidates, Refusal> {
        let candidates = match self.to {
            None => Candidates::one(directory, before.provider_id, Some(before.state)),
            Some(to) => {
                let (state, payer, kind) = (before.state, before.payer_id, before.visit_type_id);
                let (asked, starts_at) = (directory.provider(to), self.starts_at(before));
                let on = asked.map(|asked| judged_at(asked, starts_at, self.overrule, now));
                let on = on.unwrap_or(starts_at);
                Candidates::asked_provider(directory, to, ToTreat { state, payer, kind }, (on, on))
            }
        };
        Ok(candidates?.instead_of(before))
    }

    /// The same for this visit; none where it is with that provider at that time already.
    pub(super) fn of(self, before: &Appointment) -> Result<Option<NewTime<'a>>, Refusal> {
        let (provider_id, starts_at) = (self.with_whom(before), self.starts_at(before));
        if self.to == Some(before.provider_id) {
            if starts_at == before.slot.starts_at() {
                return Ok(None);
            }
            let why =
                "sees the patient already: rescheduleAppointment gives the visit another time";
            return Err(Refusal::Invalid(vec![Violation::new(Field::ProviderId, why)]));
        }
        let (length, overrule) = (self.length, self.overrule);
        Ok(Some(NewTime { provider_id, starts_at, length, overrule }))
    }
}

impl VisitChange for RescheduleAppointment {
    const OPERATION: &'static str = "rescheduleAppointment";
    const WORD: &'static str = "reschedule";
    const TRANSACTION: &'static str = "reschedule";
    const PERMISSION: Permission = Permission::Book;
    const BY_LINK: bool = true;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        let length = self.length.map(|length| length.minutes().to_string()).unwrap_or_default();
        let mut parts = vec![self.starts_at.to_string(), length];
        parts.extend(self.overrule.fingerprint());
        parts
    }

    fn allowed(&self, actor: &Actor, _own: Option<ProviderId>) -> Result<(), Refusal> {
        Booking::may_overrule(actor, &self.overrule)
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        let (starts_at, overrule) = (Some(self.starts_at), &self.overrule);
        let wish = MoveWish { to: None, starts_at, length: self.length, overrule, accepts: None };
        booking.move_visit(by, (self, wish)).await
    }
}

impl VisitChange for ReassignAppointment {
    const OPERATION: &'static str = "reassignAppointment";
    const WORD: &'static str = "reassign";
    const TRANSACTION: &'static str = "reassign";
    const PERMISSION: Permission = Permission::Book;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        let starts_at = self.starts_at.map(|time| time.to_string()).unwrap_or_default();
        let mut parts = vec![self.provider_id.to_string(), starts_at];
        parts.extend(self.overrule.fingerprint());
        parts
    }

    /// A clinician gives nothing to others.
    fn allowed(&self, actor: &Actor, own: Option<ProviderId>) -> Result<(), Refusal> {
        if own.is_some_and(|own| own != self.provider_id) {
            return Err(Refusal::Forbidden);
        }
        Booking::may_overrule(actor, &self.overrule)
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        let (to, overrule) = (Some(self.provider_id), &self.overrule);
        let wish =
            MoveWish { to, starts_at: self.starts_at, length: None, overrule, accepts: None };
        booking.move_visit(by, (self, wish)).await
    }
}
