//! Whoever a visit or a place on the waitlist is for, as far as the caller may see them.

use std::sync::Arc;

use async_graphql::Context;

use super::patient::PatientObject;
use crate::domain::{Patient, PatientClock, UsState};
use crate::graphql::actor;
use crate::graphql::error::ApiError;
use crate::request::Refusal;

/// The patient, where they were found and are for the caller to see.
pub(super) type Visible = Result<Option<Arc<Patient>>, ApiError>;

/// The patient as an object of the schema.
///
/// # Errors
///
/// [`Refusal::Forbidden`] where they are not for the caller to see.
pub(super) fn shown(context: &Context<'_>, visible: Visible) -> Result<PatientObject, ApiError> {
    let patient = visible?.ok_or(Refusal::Forbidden)?;
    Ok(PatientObject::shown(actor(context), patient))
}

/// The clock of the patient, as far as the caller may know it: at least that of the state.
pub(super) fn clock(
    context: &Context<'_>,
    state: UsState,
    visible: Visible,
) -> Result<PatientClock, ApiError> {
    Ok(match visible? {
        Some(patient) => {
            actor(context).saw_patients([patient.id]);
            patient.clock_in(state)
        }
        None => PatientClock::of(state, None),
    })
}
