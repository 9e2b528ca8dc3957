//! Who a booking is for.

use super::raw::RawBooking;
use crate::domain::{
    BirthDate, EmailAddress, PatientDetails, PatientId, PatientName, PhoneNumber, TimeZoneName,
};
use crate::request::{Field, FieldReader, Violation, not_blank};

/// Who is to be seen.
#[derive(Clone)]
pub enum WhoIsSeen {
    /// Somebody as they are described: known already, or not.
    Described(PatientDetails),
    /// A patient who is known.
    Known(PatientId),
}

impl WhoIsSeen {
    /// The patient of that id. A malformed one names nobody, and is told so in its turn.
    pub(super) fn asked_for(id: Option<&str>) -> Self {
        Self::Known(id.and_then(|text| text.parse().ok()).unwrap_or(PatientId::NOBODY))
    }
}

/// Who is described, if so, with state and insurance.
pub(super) type ReadPatient = (Option<PatientDetails>, Option<String>, Option<String>);

pub(super) fn described_patient(fields: &mut FieldReader, raw: &RawBooking) -> Option<ReadPatient> {
    let of_known = [
        (Field::VisitState, raw.visit_state.is_some()),
        (Field::VisitInsurance, raw.visit_insurance.is_some()),
    ];
    for (field, _) in of_known.into_iter().filter(|(_, given)| *given) {
        fields.wrong(Violation::new(
            field,
            "goes with a patient's id; whoever is described has it with them",
        ));
    }
    if !raw.describes_patient {
        fields.required(Field::Patient, None::<&str>, |_| Err::<(), _>("is required"));
    }
    let name = fields.required(Field::PatientName, raw.name.as_deref(), PatientName::parse);
    let email = fields.required(Field::PatientEmail, raw.email.as_deref(), EmailAddress::parse);
    let phone = fields.optional(Field::PatientPhone, raw.phone.as_deref(), PhoneNumber::parse);
    let birth_date = fields.optional(Field::PatientBirthDate, raw.birth_date, BirthDate::parse);
    let time_zone =
        fields.optional(Field::PatientTimeZone, raw.time_zone.as_deref(), TimeZoneName::parse);
    let state = fields.required(Field::PatientState, raw.state.as_deref(), not_blank);
    let insurance = fields.required(Field::PatientInsurance, raw.insurance.as_deref(), not_blank);
    let details = PatientDetails { name: name?, email: email?, phone, birth_date, time_zone };
    Some((Some(details), Some(state?), Some(insurance?)))
}

pub(super) fn known_patient(fields: &mut FieldReader, raw: &RawBooking) -> ReadPatient {
    if raw.describes_patient {
        let why = "must not come together with a patient's description";
        fields.wrong(Violation::new(Field::PatientId, why));
    }
    let state = fields.optional(Field::VisitState, raw.visit_state.as_deref(), not_blank);
    let insurance =
        fields.optional(Field::VisitInsurance, raw.visit_insurance.as_deref(), not_blank);
    (None, state, insurance)
}
