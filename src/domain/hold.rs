//! Holds: a time that is kept for whoever may book it next.

use jiff::{SignedDuration, Timestamp};

use super::ids::{AppointmentId, ProviderId, VisitTypeId};
use super::time_slot::TimeSlot;
use super::us_state::UsState;

/// A time of a provider's that is kept for whoever has the token of it, until it is booked, released, or
/// lapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Identifies it, and the visit that it becomes.
    pub id: AppointmentId,
    /// Whose time it is.
    pub provider_id: ProviderId,
    /// Which time.
    pub slot: TimeSlot,
    /// For what kind of visit, where that was said.
    pub visit_type_id: Option<VisitTypeId>,
    /// For a patient in which state, where that was said.
    pub state: Option<UsState>,
    /// From when on it holds nothing.
    pub expires_at: Timestamp,
}

impl Hold {
    /// Whether it still holds its time.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// How long a time is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldLength(i64);

impl HoldLength {
    /// The longest, in minutes.
    const LONGEST: i64 = 30;

    /// That many minutes.
    ///
    /// # Errors
    ///
    /// What is acceptable.
    pub fn from_minutes(minutes: i64) -> Result<Self, &'static str> {
        let acceptable = (1..=Self::LONGEST).contains(&minutes);
        if acceptable { Ok(Self(minutes)) } else { Err("must be 1 to 30 whole minutes") }
    }

    /// In minutes.
    pub fn minutes(self) -> i64 {
        self.0
    }

    /// When a hold ends that begins now: instants are stored as whole seconds, and no time is held past its
    /// own beginning.
    pub fn ends_at(self, now: Timestamp, slot: TimeSlot) -> Timestamp {
        let from = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let end = from.saturating_add(SignedDuration::from_mins(self.0)).unwrap_or(from);
        end.min(slot.starts_at())
    }
}

impl Default for HoldLength {
    /// As long as it takes to write down who somebody is.
    fn default() -> Self {
        Self(5)
    }
}

/// How many times one caller may hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldLimits {
    /// One of the staff.
    pub of_a_person: u32,
    /// A machine, or everybody together where anybody may come in.
    pub of_a_token: u32,
}

impl Default for HoldLimits {
    fn default() -> Self {
        Self { of_a_person: 5, of_a_token: 50 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_hold_lasts_up_to_its_end_and_not_at_it() {
        let slot = TimeSlot::new(at("2027-01-11T15:00:00Z"), at("2027-01-11T15:30:00Z")).unwrap();
        let expires_at = HoldLength::default().ends_at(at("2027-01-11T12:00:00.9Z"), slot);
        assert_eq!(expires_at, at("2027-01-11T12:05:00Z"));
        let id = AppointmentId::NOBODY;
        let (provider_id, visit_type_id, state) = (ProviderId::NOBODY, None, None);
        let hold = Hold { id, provider_id, slot, visit_type_id, state, expires_at };
        assert!(hold.is_live(at("2027-01-11T12:04:59.999Z")));
        assert!(!hold.is_live(expires_at));
        // What begins sooner is held until it does.
        let late = HoldLength::from_minutes(30).unwrap().ends_at(at("2027-01-11T14:45:00Z"), slot);
        assert_eq!(late, slot.starts_at());
    }

    #[test]
    fn a_hold_lasts_from_a_minute_to_half_an_hour() {
        for (minutes, is_one) in [(0, false), (1, true), (30, true), (31, false), (-5, false)] {
            assert_eq!(HoldLength::from_minutes(minutes).is_ok(), is_one, "{minutes}");
        }
    }
}
