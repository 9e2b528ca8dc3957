//! What is asked of a time.

use jiff::Timestamp;

use crate::domain::misfit::ToFit;
use crate::domain::{
    AppointmentId, Patient, PatientId, PayerId, ProviderId, UsState, VisitLength, VisitTypeId,
};
use crate::request::{AskedVisitType, Field, FieldReader, Refusal, Violation, whole_minute};
use crate::search::instead::Instead;

/// A time that is asked about.
#[derive(Debug, Clone)]
pub struct TimeQuestion {
    /// With whom.
    pub provider_id: ProviderId,
    /// When it would start.
    pub starts_at: Timestamp,
    /// How long; as its kind says unless given.
    pub length: Option<VisitLength>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// For whom, if that is to be judged.
    pub patient_id: Option<PatientId>,
    /// In which state the patient is.
    pub state: Option<String>,
    /// With which insurance.
    pub insurance: Option<String>,
    /// The visit that would move there.
    pub instead_of: Option<AppointmentId>,
}

impl TimeQuestion {
    /// The question, with the length in minutes.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with everything that is not acceptable.
    pub fn checked(self, minutes: Option<i64>) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let length = fields.length(minutes);
        fields.required(Field::StartsAt, Some(self.starts_at), whole_minute);
        if self.patient_id.is_none() && self.instead_of.is_none() {
            let missing = match (&self.state, &self.insurance) {
                (Some(_), None) => Some(("insurance", "goes together with state")),
                (None, Some(_)) => Some(("state", "goes together with insurance")),
                _ => None,
            };
            if let Some((name, why)) = missing {
                fields.wrong(Violation::new(Field::Other(name.to_owned()), why));
            }
        }
        fields.finish()?;
        Ok(Self { length, ..self })
    }

    /// What the provider has to fit: as said, else as of the visit that would move, else as the patient was
    /// seen last. A visit that stays with its provider is judged by the licence alone, as its move is.
    pub(super) fn to_fit(
        &self,
        (state, payer): (Option<UsState>, Option<PayerId>),
        patient: Option<&Patient>,
        instead: Option<&Instead>,
        kind: Option<VisitTypeId>,
    ) -> ToFit {
        let is_move = instead.is_some_and(|instead| instead.visit.provider_id == self.provider_id);
        let of_visit = instead.map(|Instead { visit, .. }| (visit.state, visit.payer_id));
        let of_patient = patient.map(|patient| (patient.state, patient.payer_id));
        let known = of_visit.or(of_patient);
        if is_move && state.is_none() && payer.is_none() {
            let kind = kind.filter(|_| self.visit_type.is_some());
            return ToFit { state: known.map(|(state, _)| state), payer: None, kind };
        }
        ToFit {
            state: state.or(known.map(|(state, _)| state)),
            payer: payer.or(known.map(|(_, payer)| payer)),
            kind,
        }
    }
}
