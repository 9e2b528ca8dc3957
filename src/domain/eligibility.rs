//! Who may treat whom: a licence for the patient's state on the day, and the patient's insurance.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::provider::Licence;
use super::us_state::UsState;

/// Why a provider may not treat a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ineligible {
    /// Holds no licence for the state.
    NotLicensed,
    /// Holds a licence for the state that is not valid on the day of the visit.
    LicenceNotValidThen,
    /// Does not take the insurance.
    InsuranceNotAccepted,
}

impl Ineligible {
    /// The reason as a stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotLicensed => "NOT_LICENSED",
            Self::LicenceNotValidThen => "LICENCE_NOT_VALID_THEN",
            Self::InsuranceNotAccepted => "INSURANCE_NOT_ACCEPTED",
        }
    }
}

/// The day at a provider's on which a visit starting at `starts_at` takes place.
pub fn local_day(starts_at: Timestamp, time_zone: &TimeZone) -> Date {
    time_zone.to_datetime(starts_at).date()
}

/// Checks that one of `licences` allows treating a patient in `state` on some day
/// from `first` to `last`.
///
/// # Errors
///
/// [`Ineligible::NotLicensed`] or [`Ineligible::LicenceNotValidThen`].
pub fn check_licence(
    licences: &[Licence],
    state: UsState,
    first: Date,
    last: Date,
) -> Result<(), Ineligible> {
    let mut for_state = licences.iter().filter(|licence| licence.state == state).peekable();
    if for_state.peek().is_none() {
        return Err(Ineligible::NotLicensed);
    }
    if for_state.any(|licence| licence.is_valid_within(first, last)) {
        Ok(())
    } else {
        Err(Ineligible::LicenceNotValidThen)
    }
}
