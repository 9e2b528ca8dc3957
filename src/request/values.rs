//! Reading single values that every use case knows: states, payers, ids, lengths, windows.

mod hold_token;
mod visit_type;

pub use hold_token::{HoldToken, HoldTokenSeed};
pub use visit_type::AskedVisitType;

use jiff::Timestamp;

use super::field::{Field, Violation};
use super::reading::FieldReader;
use super::refusal::Refusal;
use super::resource::Resource;
use crate::domain::{
    AppointmentId, Directory, PatientId, PayerId, ProviderFilter, ProviderId, TimeSlot, UsState,
    VisitLength,
};

/// Reads a US state by code or name.
///
/// # Errors
///
/// [`Refusal::UnknownState`], with suggestions.
pub fn parse_state(text: &str) -> Result<UsState, Refusal> {
    UsState::parse(text)
        .map_err(|unknown| Refusal::UnknownState { suggestions: unknown.suggestions })
}

/// The payer that `name` means.
///
/// # Errors
///
/// [`Refusal::UnknownInsurance`], with the nearest names.
pub fn payer_named(directory: &Directory, name: &str) -> Result<PayerId, Refusal> {
    directory
        .payer_named(name)
        .ok_or_else(|| Refusal::UnknownInsurance { suggestions: directory.suggest_payers(name) })
}

/// The payer that `name` means, also one whom the clinic takes no more: visits of before have it.
///
/// # Errors
///
/// [`Refusal::UnknownInsurance`], with the nearest names.
pub fn payer_of_visits(directory: &Directory, name: &str) -> Result<PayerId, Refusal> {
    directory.payer_ever_named(name).map_or_else(|| payer_named(directory, name), Ok)
}

/// Which providers a list is asked for: by what is given of a state, an insurance, and words of a
/// name.
///
/// # Errors
///
/// [`Refusal::UnknownState`]; [`Refusal::UnknownInsurance`].
pub fn provider_filter(
    directory: &Directory,
    state: Option<&str>,
    insurance: Option<&str>,
    name: Option<&str>,
) -> Result<ProviderFilter, Refusal> {
    Ok(ProviderFilter {
        state: state.map(parse_state).transpose()?,
        payer: insurance.map(|name| payer_named(directory, name)).transpose()?,
        name: name.map(str::to_owned),
    })
}

/// The provider asked for. A malformed id names nobody, and is told so in its turn: after a state
/// or an insurance that is not known.
pub fn asked_provider_id(text: &str) -> ProviderId {
    text.parse().unwrap_or(ProviderId::NOBODY)
}

/// Reads a provider's id.
///
/// # Errors
///
/// [`Refusal::NotFound`]: what is not an id names nobody.
pub fn parse_provider_id(text: &str) -> Result<ProviderId, Refusal> {
    text.parse().map_err(|_malformed| Refusal::NotFound(Resource::Provider))
}

/// Reads a patient's id.
///
/// # Errors
///
/// [`Refusal::NotFound`]: what is not an id names nobody.
pub fn parse_patient_id(text: &str) -> Result<PatientId, Refusal> {
    text.parse().map_err(|_malformed| Refusal::NotFound(Resource::Patient))
}

/// Reads an appointment's id.
///
/// # Errors
///
/// [`Refusal::NotFound`]: what is not an id names nothing.
pub fn parse_appointment_id(text: &str) -> Result<AppointmentId, Refusal> {
    text.parse().map_err(|_malformed| Refusal::NotFound(Resource::Appointment))
}

/// Reads the length of a visit, where one is told.
///
/// # Errors
///
/// [`Refusal::Invalid`].
pub fn parse_length(minutes: Option<i64>) -> Result<Option<VisitLength>, Refusal> {
    let mut fields = FieldReader::default();
    let length = fields.length(minutes);
    fields.finish()?;
    Ok(length)
}

/// Reads a window `[from, to)`.
///
/// # Errors
///
/// [`Refusal::Invalid`] unless it ends after it begins.
pub fn parse_window(from: Timestamp, to: Timestamp) -> Result<TimeSlot, Refusal> {
    TimeSlot::new(from, to).map_err(|_empty| {
        Refusal::Invalid(vec![Violation::new(Field::Other("to".to_owned()), "must be after from")])
    })
}

/// Says what is wrong with words to look for: of a text at most 200 characters are looked for.
pub fn search_fault(text: &str) -> Option<&'static str> {
    (text.chars().count() > 200).then_some("must be at most 200 characters")
}
