//! Correcting what is written down of a visit.

use super::visit::{RawVisit, WhichVisit};
use crate::domain::UsState;
use crate::request::{
    AskedVisitType, Field, FieldChange, FieldReader, Refusal, not_blank, parse_state,
};

/// What is to be written down of a visit, as a door received it.
#[derive(Debug, Default)]
pub struct RawVisitUpdate {
    /// Why the patient comes.
    pub reason: FieldChange<String>,
    /// The state the patient is in.
    pub state: FieldChange<String>,
    /// The insurance of the visit.
    pub insurance: FieldChange<String>,
    /// What kind of visit it is.
    pub visit_type: FieldChange<AskedVisitType>,
}

/// Correct what is written down of a visit.
#[derive(Debug, Clone)]
pub struct UpdateAppointment {
    /// Which visit.
    pub visit: WhichVisit,
    /// Why the patient comes.
    pub reason: FieldChange<String>,
    /// The state the patient is in, if it is another.
    pub state: Option<UsState>,
    /// The insurance of the visit in somebody's words, if it is another.
    pub insurance: Option<String>,
    /// What kind of visit it is.
    pub visit_type: FieldChange<AskedVisitType>,
}

impl UpdateAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::UnknownState`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(visit: RawVisit, raw: RawVisitUpdate) -> Result<Self, Refusal> {
        let RawVisitUpdate { reason, state, insurance, visit_type } = raw;
        let read = |fields: &mut FieldReader| {
            let reason = match reason {
                // A reason without words is none.
                FieldChange::Is(text) => {
                    fields.reason(Some(&text)).map_or(FieldChange::Cleared, FieldChange::Is)
                }
                change => change,
            };
            let words = |text: String| not_blank(&text);
            let state = fields.kept(Field::VisitState, state, words);
            (reason, state, fields.kept(Field::VisitInsurance, insurance, words))
        };
        let mean = |(reason, state, insurance): (_, Option<String>, _)| {
            Ok((reason, state.as_deref().map(parse_state).transpose()?, insurance))
        };
        let (visit, (reason, state, insurance)) = visit.with(read, mean)?;
        Ok(Self { visit, reason, state, insurance, visit_type })
    }
}
