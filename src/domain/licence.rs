//! Licences: the permission to treat patients who are in a state.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ids::LicenceId;
use super::time_slot::TimeSlot;
use super::us_state::UsState;

/// The permission to treat patients who are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Its identifier.
    pub id: LicenceId,
    /// The state that granted it.
    pub state: UsState,
    /// Its number, as the state's board writes it.
    pub number: String,
    /// First day it is valid; open when unknown.
    pub valid_from: Option<Date>,
    /// Last day it is valid; open when it does not end.
    pub valid_until: Option<Date>,
}

impl Licence {
    /// Whether it is valid on `day`, both ends included.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day <= until)
    }

    /// Whether there is a day from `first` to `last` on which it is valid.
    pub fn is_valid_within(&self, first: Date, last: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= last)
            && self.valid_until.is_none_or(|until| first <= until)
    }

    /// From the start of the first valid day to the end of the last, in `zone`; `None` when there
    /// is no such day.
    pub fn valid_time(&self, zone: &TimeZone) -> Option<TimeSlot> {
        let start_of = |day: Date| Some(day.to_zoned_datetime(zone.clone()).ok()?.timestamp());
        let from = self.valid_from.map_or(Some(Timestamp::MIN), start_of)?;
        let until = self
            .valid_until
            .and_then(|last| last.tomorrow().ok())
            .map_or(Some(Timestamp::MAX), start_of)?;
        TimeSlot::new(from, until).ok()
    }
}

/// The day at a provider's on which a visit starting at `starts_at` takes place.
pub fn local_day(starts_at: Timestamp, time_zone: &TimeZone) -> Date {
    time_zone.to_datetime(starts_at).date()
}
