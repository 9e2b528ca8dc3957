//! Who may treat whom: a licence for the patient's state on the day, and the patient's insurance.

use jiff::Timestamp;
use jiff::civil::Date;

use super::licence::Licence;
use super::provider::Provider;
use super::time_slot::{TimeSlot, merge};
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
    /// Does not work here any more.
    Inactive,
}

impl Ineligible {
    /// The reason as a stable word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotLicensed => "NOT_LICENSED",
            Self::LicenceNotValidThen => "LICENCE_NOT_VALID_THEN",
            Self::InsuranceNotAccepted => "INSURANCE_NOT_ACCEPTED",
            Self::Inactive => "INACTIVE",
        }
    }
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

/// Checks that the provider may treat a patient in `state` at some moment from the first of
/// `period` to the last.
///
/// # Errors
///
/// [`Ineligible::NotLicensed`] or [`Ineligible::LicenceNotValidThen`].
pub fn check_licence_within(
    provider: &Provider,
    state: UsState,
    (first, last): (Timestamp, Timestamp),
) -> Result<(), Ineligible> {
    check_licence(&provider.licences, state, provider.day_of(first), provider.day_of(last))
}

/// The parts of `window` in which a visit may start by the provider's licences for `state`; all of
/// it where no state matters.
pub fn licensed_parts(
    provider: &Provider,
    state: Option<UsState>,
    window: TimeSlot,
) -> Vec<TimeSlot> {
    let Some(state) = state else {
        return vec![window];
    };
    let zone = provider.schedule.zone();
    let of_state = provider.licences.iter().filter(|licence| licence.state == state);
    let parts = of_state.filter_map(|licence| licence.valid_time(zone)?.intersection(window));
    merge(parts.collect())
}
