//! Where an appointment stands, and what that may change to.

use std::str::FromStr;

/// Where an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentStatus {
    /// The time is held; the scheduling service has not answered yet.
    Pending,
    /// The scheduling service has confirmed.
    Confirmed,
    /// The patient has come.
    CheckedIn,
    /// The patient was seen.
    Completed,
    /// The patient never came.
    NoShow,
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
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Confirmed,
        Self::CheckedIn,
        Self::Completed,
        Self::NoShow,
        Self::Cancelling,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
    ];

    /// The statuses under which an appointment's time is nobody else's.
    pub const HOLDING: [Self; 6] = [
        Self::Pending,
        Self::Confirmed,
        Self::CheckedIn,
        Self::Completed,
        Self::NoShow,
        Self::Cancelling,
    ];

    /// The statuses that somebody at the clinic gives to a visit, and that nobody outside is told.
    pub const SET_BY_STAFF: [Self; 4] =
        [Self::Confirmed, Self::CheckedIn, Self::Completed, Self::NoShow];

    /// The name that the database and both doors use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::CheckedIn => "CHECKED_IN",
            Self::Completed => "COMPLETED",
            Self::NoShow => "NO_SHOW",
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

    /// Whether the scheduling service's confirmation is stored and nothing is being undone.
    pub fn is_scheduled(self) -> bool {
        match self {
            Self::Confirmed | Self::CheckedIn | Self::Completed | Self::NoShow => true,
            Self::Pending | Self::Cancelling | Self::Cancelled | Self::Failed | Self::Expired => {
                false
            }
        }
    }

    /// Whether somebody has said what became of the visit: that the patient is there, was seen, or
    /// never came.
    pub fn is_attended_to(self) -> bool {
        self.is_scheduled() && self != Self::Confirmed
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
            Self::Confirmed => &[Self::CheckedIn, Self::NoShow, Self::Cancelling, Self::Failed],
            Self::CheckedIn => &[Self::Confirmed, Self::Completed, Self::NoShow],
            Self::Completed => &[Self::CheckedIn],
            Self::NoShow => &[Self::Confirmed, Self::CheckedIn],
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
    fn what_became_of_a_visit_is_corrected_step_by_step() {
        for (from, to) in [
            (Confirmed, CheckedIn),
            (CheckedIn, Confirmed),
            (CheckedIn, Completed),
            (Completed, CheckedIn),
            (Confirmed, NoShow),
            (CheckedIn, NoShow),
            (NoShow, Confirmed),
            (NoShow, CheckedIn),
        ] {
            assert!(from.can_become(to), "{from:?} {to:?}");
        }
        for (from, to) in [
            (Confirmed, Completed),
            (Completed, Confirmed),
            (Completed, NoShow),
            (NoShow, Completed),
            (CheckedIn, Cancelling),
            (Pending, CheckedIn),
            (Cancelling, CheckedIn),
        ] {
            assert!(!from.can_become(to), "{from:?} {to:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for status in AppointmentStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert!("confirmed".parse::<AppointmentStatus>().is_err());
        // Such a row is no visit.
        assert!("HELD".parse::<AppointmentStatus>().is_err());
    }
}
