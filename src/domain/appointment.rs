//! Appointments and the states they go through.

use std::str::FromStr;

use jiff::Timestamp;

use super::ids::{AppointmentId, PatientId, PayerId, ProviderId};
use super::time_slot::TimeSlot;
use super::us_state::UsState;

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentStatus {
    /// The time is held; the scheduling service has not answered yet.
    Pending,
    /// The scheduling service has confirmed.
    Confirmed,
    /// Being cancelled; the time is held until the scheduling service has acknowledged.
    Cancelling,
    /// Cancelled; final.
    Cancelled,
    /// The scheduling service refused; final.
    Failed,
    /// The scheduling service never confirmed within the deadline; final.
    Expired,
}

impl AppointmentStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Confirmed,
        Self::Cancelling,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
    ];

    /// The statuses under which an appointment's time is nobody else's.
    pub const HOLDING: [Self; 3] = [Self::Pending, Self::Confirmed, Self::Cancelling];

    /// The name that the database and both doors use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Whether the time is held.
    pub fn holds_time(self) -> bool {
        Self::HOLDING.contains(&self)
    }

    /// Whether nothing more can happen to it.
    pub fn is_final(self) -> bool {
        self.successors().is_empty()
    }

    /// Whether the status may change to `next`.
    pub fn can_become(self, next: Self) -> bool {
        self.successors().contains(&next)
    }

    /// The statuses this one may change to.
    pub fn successors(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::Confirmed, Self::Failed, Self::Cancelling, Self::Expired],
            Self::Confirmed => &[Self::Cancelling, Self::Failed],
            Self::Cancelling => &[Self::Cancelled, Self::Failed, Self::Expired],
            Self::Cancelled | Self::Failed | Self::Expired => &[],
        }
    }
}

/// The text is not the name of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an appointment status")]
pub struct UnknownStatus;

impl FromStr for AppointmentStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

/// One visit of one patient to one provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its identifier, the same through every change of time.
    pub id: AppointmentId,
    /// Who sees the patient.
    pub provider_id: ProviderId,
    /// Who is seen.
    pub patient_id: PatientId,
    /// When.
    pub slot: TimeSlot,
    /// The new time while a reschedule is on its way to the scheduling service: both are held.
    pub moving_to: Option<TimeSlot>,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// While cancelling: the final status it is on its way to.
    pub ends_as: Option<AppointmentStatus>,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// The state the patient was in when it was booked.
    pub state: UsState,
    /// The payer it was booked under.
    pub payer_id: PayerId,
    /// Why the patient comes, as the patient put it.
    pub reason: Option<String>,
    /// Why it was cancelled, as whoever cancelled put it.
    pub cancel_reason: Option<String>,
    /// The scheduling service's id of it, once confirmed.
    pub external_id: Option<String>,
    /// Whether our book alone has it: no scheduling service has confirmed it, nor is told of changes.
    pub kept_here: bool,
    /// Its time came before the scheduling service had answered, so it, or its move, has ended here and
    /// may still stand there otherwise.
    pub unsettled_outside: bool,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Appointment {
    /// Whether the scheduling service's confirmation is stored and it is not being cancelled.
    pub fn is_scheduled(&self) -> bool {
        self.status == AppointmentStatus::Confirmed
    }

    /// Whether its time has come: then nobody moves or cancels it any more.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.slot.starts_at() <= now
    }

    /// The statuses that it may still change to. Once it has begun these are the ones that the
    /// scheduling service brings about, and not the caller.
    pub fn may_become(&self, now: Timestamp) -> Vec<AppointmentStatus> {
        let by_itself = |next: &AppointmentStatus| match next {
            AppointmentStatus::Cancelling => false,
            // The service may lose a confirmed one while it is being moved.
            AppointmentStatus::Failed => !self.is_scheduled() || self.moving_to.is_some(),
            _ => true,
        };
        let successors = self.status.successors().iter().copied();
        successors.filter(|next| !self.has_begun(now) || by_itself(next)).collect()
    }

    /// Confirmed by the scheduling service under its id.
    pub fn confirmed(&self, external_id: String, now: Timestamp) -> Self {
        let external_id = Some(external_id);
        Self { status: AppointmentStatus::Confirmed, external_id, ..self.next(now) }
    }

    /// Confirmed by our book alone, as it is to be kept here.
    pub fn confirmed_here(&self, now: Timestamp) -> Self {
        Self { status: AppointmentStatus::Confirmed, ..self.alone(now) }
    }

    /// Moved in our book alone, which alone has it from now on.
    pub fn moved_here(&self, to: TimeSlot, now: Timestamp) -> Self {
        Self { slot: to, moving_to: None, ..self.alone(now) }
    }

    /// Cancelled in our book alone, which alone has it from now on: its time is free.
    pub fn cancelled_here(&self, reason: Option<String>, now: Timestamp) -> Self {
        let (status, ends_as) = (AppointmentStatus::Cancelled, None);
        Self { status, ends_as, cancel_reason: reason, ..self.alone(now) }
    }

    fn alone(&self, now: Timestamp) -> Self {
        let (external_id, unsettled_outside) = (None, false);
        Self { kept_here: true, external_id, unsettled_outside, ..self.next(now) }
    }

    /// Refused by the scheduling service, which holds nothing of it.
    pub fn failed(&self, now: Timestamp) -> Self {
        let (status, unsettled_outside) = (AppointmentStatus::Failed, false);
        Self { status, moving_to: None, unsettled_outside, ..self.next(now) }
    }

    /// Given up before anything was sent.
    pub fn expired(&self, now: Timestamp) -> Self {
        Self { status: AppointmentStatus::Expired, ..self.next(now) }
    }

    /// Ended because its time has come, and not by an answer: what may stand outside is undone after it.
    pub fn ended_unanswered(&self, ends_as: AppointmentStatus, now: Timestamp) -> Self {
        Self {
            status: ends_as,
            ends_as: None,
            moving_to: None,
            unsettled_outside: true,
            ..self.next(now)
        }
    }

    /// To be cancelled outside first; it will end as `ends_as`.
    pub fn cancelling(
        &self,
        ends_as: AppointmentStatus,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        let status = AppointmentStatus::Cancelling;
        let (ends_as, unsettled_outside) = (Some(ends_as), false);
        Self { status, ends_as, cancel_reason: reason, unsettled_outside, ..self.next(now) }
    }

    /// Whether what stands of it outside is to be taken away.
    pub fn is_undone_outside(&self) -> bool {
        self.status == AppointmentStatus::Cancelling
            || (self.status.is_final() && self.unsettled_outside)
    }

    /// Found outside while it is undone there, so there is something to cancel.
    pub fn found_outside(&self, external_id: String, now: Timestamp) -> Self {
        Self { external_id: Some(external_id), ..self.next(now) }
    }

    /// Nothing stands outside any more: its time is free.
    pub fn closed(&self, now: Timestamp) -> Self {
        let ended = if self.status.is_final() { self.status } else { AppointmentStatus::Cancelled };
        let (status, unsettled_outside) = (self.ends_as.unwrap_or(ended), false);
        Self { status, ends_as: None, moving_to: None, unsettled_outside, ..self.next(now) }
    }

    /// Holding a new time besides the old one, until the scheduling service has answered.
    pub fn moving(&self, to: TimeSlot, now: Timestamp) -> Self {
        Self { moving_to: Some(to), unsettled_outside: false, ..self.next(now) }
    }

    /// Moved by the scheduling service: the old time is free.
    pub fn moved(&self, external_id: String, now: Timestamp) -> Self {
        let (slot, external_id) = (self.moving_to.unwrap_or(self.slot), Some(external_id));
        let (moving_to, unsettled_outside) = (None, false);
        Self { slot, moving_to, external_id, unsettled_outside, ..self.next(now) }
    }

    /// Not moved: the old time, which never left, stays.
    pub fn stayed(&self, now: Timestamp) -> Self {
        Self { moving_to: None, unsettled_outside: false, ..self.next(now) }
    }

    /// The move was not answered before its time came: the old time stays, and is asked for anew.
    pub fn stayed_unanswered(&self, now: Timestamp) -> Self {
        Self { unsettled_outside: true, ..self.stayed(now) }
    }

    /// The scheduling service's no to a move: the old time stays. If that itself was asked for, after a move
    /// that was given up, then it is lost there; what has begun is left as it was.
    pub fn not_moved(&self, now: Timestamp) -> Self {
        let is_lost = self.moving_to.is_none() && !self.has_begun(now);
        if is_lost { self.failed(now) } else { self.stayed(now) }
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::AppointmentStatus::{self, *};

    #[test]
    fn a_time_is_held_until_a_final_status() {
        for status in AppointmentStatus::ALL {
            assert_eq!(status.holds_time(), !status.is_final(), "{status:?}");
        }
    }

    #[test]
    fn a_confirmed_visit_is_never_freed_without_being_cancelled_outside() {
        assert!(!Confirmed.can_become(Cancelled) && !Confirmed.can_become(Expired));
        assert!(!Pending.can_become(Cancelled));
        assert!(Cancelling.can_become(Cancelled) && !Cancelling.can_become(Confirmed));
    }

    #[test]
    fn names_read_back() {
        for status in AppointmentStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("confirmed".parse::<AppointmentStatus>().is_err());
    }
}
