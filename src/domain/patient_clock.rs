//! The clock that a patient lives by.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::time_slot::rfc3339_in;
use super::us_state::UsState;
use super::zone_data::zone_named;

/// A zone whose clock a patient lives by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientClock {
    name: Cow<'static, str>,
    zone: TimeZone,
}

impl PatientClock {
    /// The clock of a patient who is in `state`: in the zone they have given, if it is one of the
    /// state's, else in the one that most people of the state live in.
    pub fn of(state: UsState, given: Option<&str>) -> Self {
        let of_state = state.time_zones().first().copied().unwrap_or("UTC");
        let name = match given.filter(|zone| state.has_time_zone(zone)) {
            Some(zone) => Cow::Owned(zone.to_owned()),
            None => Cow::Borrowed(of_state),
        };
        let zone = zone_named(&name).or_else(|| zone_named(of_state));
        Self { name, zone: zone.unwrap_or(TimeZone::UTC) }
    }

    /// IANA name of the zone.
    pub fn time_zone(&self) -> &str {
        &self.name
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The instant on this clock, with the offset of that day, such as `2027-01-15T08:30:00-08:00`.
    pub fn local(&self, instant: Timestamp) -> String {
        rfc3339_in(&self.zone, instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(state: &str, given: Option<&str>) -> String {
        PatientClock::of(UsState::parse(state).unwrap(), given).time_zone().to_owned()
    }

    #[test]
    fn the_clock_is_the_given_one_where_it_is_of_the_state_and_else_that_of_most_people_there() {
        assert_eq!(zone("WA", None), "America/Los_Angeles");
        assert_eq!(zone("TN", None), "America/Chicago");
        assert_eq!(zone("TN", Some("America/New_York")), "America/New_York");
        assert_eq!(zone("TN", Some("US/Eastern")), "US/Eastern");
        assert_eq!(zone("WA", Some("America/New_York")), "America/Los_Angeles");
        assert_eq!(zone("MI", Some("Europe/Paris")), "America/Detroit");
    }

    #[test]
    fn it_shows_an_instant_with_the_offset_of_that_day() {
        let clock = PatientClock::of(UsState::parse("WA").unwrap(), None);
        assert_eq!(
            clock.local("2027-01-15T16:30:00Z".parse().unwrap()),
            "2027-01-15T08:30:00-08:00"
        );
        assert_eq!(
            clock.local("2027-07-15T15:30:00Z".parse().unwrap()),
            "2027-07-15T08:30:00-07:00"
        );
    }
}
