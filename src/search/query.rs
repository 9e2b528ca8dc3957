//! What a search for free time can be asked for.

use crate::domain::{AppointmentId, ProviderId, UsState, VisitLength};
use crate::request::{
    AskedVisitType, Field, FieldReader, Refusal, Violation, asked_provider_id, parse_state,
};

/// A search for the first free time.
#[derive(Debug, Clone)]
pub struct AvailabilityQuery {
    /// Only this provider's time.
    pub provider_id: Option<ProviderId>,
    /// Only that of whoever may treat a patient in this state with this insurance.
    pub patient: Option<(UsState, String)>,
    /// How long a visit; as its kind says unless given.
    pub length: Option<VisitLength>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// The visit that would move there: its own time is not in the way, and what is not said is as it has it.
    pub instead_of: Option<AppointmentId>,
}

impl AvailabilityQuery {
    /// Reads what a door received, after what the door itself found wrong: a provider, or a state
    /// with an insurance, or all three; nothing of it has to be said where the visit is told that would move.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with everything that is not acceptable, else [`Refusal::UnknownState`].
    pub fn parse(
        provider_id: Option<&str>,
        state: Option<&str>,
        insurance: Option<&str>,
        (duration_minutes, visit_type): (Option<i64>, Option<AskedVisitType>),
        instead_of: Option<AppointmentId>,
        violations: Vec<Violation>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(violations);
        let length = fields.length(duration_minutes);
        let missing = match (state, insurance) {
            (Some(_), None) => Some(("insurance", "goes together with state")),
            (None, Some(_)) => Some(("state", "goes together with insurance")),
            (None, None) if provider_id.is_none() && instead_of.is_none() => {
                Some(("state", "is required, with insurance, where no provider is given"))
            }
            _ => None,
        };
        if let Some((name, why)) = missing {
            fields.wrong(Violation::new(Field::Other(name.to_owned()), why));
        }
        fields.finish()?;
        let patient = match state.zip(insurance) {
            Some((state, insurance)) => Some((parse_state(state)?, insurance.to_owned())),
            None => None,
        };
        let provider_id = provider_id.map(asked_provider_id);
        Ok(Self { provider_id, patient, length, visit_type, instead_of })
    }
}
