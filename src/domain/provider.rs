//! Providers: the clinicians who see patients (FHIR: Practitioner).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ids::ProviderId;
use super::us_state::UsState;

/// A clinician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its identifier.
    pub id: ProviderId,
    /// The name patients see.
    pub name: String,
    /// Degrees and titles, such as `MD`.
    pub credentials: String,
    /// IANA name of the zone its working hours are in.
    pub time_zone: String,
}

impl Provider {
    /// The instant on the provider's clock, with the offset of that day, such as
    /// `2027-01-15T09:30:00-05:00`.
    pub fn local(&self, instant: Timestamp) -> String {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        instant.to_zoned(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

/// The permission to treat patients who are in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
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
}
