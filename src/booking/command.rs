//! From what a caller sent to what the domain understands, once, for both doors.
//!
//! Past this file no text stands for a state, a time or an id. Every field that is not acceptable
//! is named, all of them together.

mod cancel;
mod overrule;
mod raw;
mod reassign;
mod reschedule;
mod series;
mod series_change;
mod status;
mod update;
mod visit;
mod waitlist;
mod who;

pub use cancel::CancelAppointment;
pub use overrule::{Overrule, RawOverrule};
pub use raw::RawBooking;
pub use reassign::ReassignAppointment;
pub use reschedule::RescheduleAppointment;
pub use series::{BookSeries, RawSeries};
pub use series_change::{CancelSeries, RawWhichSeries, RescheduleSeries, WhichSeries};
pub use status::SetVisitStatus;
pub use update::{RawVisitUpdate, UpdateAppointment};
pub use visit::{RawVisit, WhichVisit};
pub(super) use waitlist::window_violation;
pub use waitlist::{JoinWaitlist, RawWaiting, WhichEntry};
pub use who::WhoIsSeen;
use who::{described_patient, known_patient};

use crate::domain::insurance::payer_key;
use crate::domain::{PatientDetails, Provenance, ProviderId, UsState, VisitLength};
use crate::request::{
    AskedVisitType, Field, FieldReader, HoldToken, IdempotencyKey, Refusal, Violation, When,
    asked_provider_id, fingerprint, parse_state,
};

/// Book a visit.
#[derive(Clone)]
pub struct BookAppointment {
    /// Who is to be seen.
    pub patient: WhoIsSeen,
    /// The state the patient is in; where they were last unless given.
    pub state: Option<UsState>,
    /// The patient's insurance, in the patient's words; the last one unless given.
    pub insurance: Option<String>,
    /// The provider asked for, or any.
    pub provider_id: Option<ProviderId>,
    /// When.
    pub when: When,
    /// How long; as its kind says unless given.
    pub length: Option<VisitLength>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// The token of the hold that it books, if it does.
    pub hold: Option<HoldToken>,
    /// What of the clinic's policy does not count.
    pub overrule: Overrule,
    /// By which door it came.
    pub provenance: Option<Provenance>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl BookAppointment {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every field that is not acceptable, else
    /// [`Refusal::UnknownState`].
    pub fn parse(mut raw: RawBooking) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(std::mem::take(&mut raw.violations));
        let patient = match &raw.patient_id {
            Some(_) => Some(known_patient(&mut fields, &raw)),
            None => described_patient(&mut fields, &raw),
        };
        let length = fields.length(raw.duration_minutes);
        let reason = fields.reason(raw.reason.as_deref());
        let when = fields.when(raw.starts_at, raw.after);
        if raw.hold_token.is_some() && raw.after.is_some() {
            let why = "must not come together with a hold, which says when";
            fields.wrong(Violation::new(Field::After, why));
        }
        let overrule = Overrule::read(&mut fields, &raw.overrule);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let Some((patient, state, insurance)) = patient else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        Ok(Self {
            patient: match patient {
                Some(details) => WhoIsSeen::Described(details),
                None => WhoIsSeen::asked_for(raw.patient_id.as_deref()),
            },
            state: state.as_deref().map(parse_state).transpose()?,
            insurance,
            provider_id: raw.provider_id.as_deref().map(asked_provider_id),
            when,
            length,
            visit_type: raw.visit_type,
            reason,
            hold: raw.hold_token.as_deref().map(HoldToken::shown),
            overrule,
            provenance: raw.provenance,
            idempotency_key,
        })
    }

    /// Tells this request from others under one key; defaults taken from the clock are not in it.
    pub fn fingerprint(&self) -> String {
        let when = match self.when {
            When::At(time) => format!("at {time}"),
            When::From(after) => {
                format!("from {}", after.map(|time| time.to_string()).unwrap_or_default())
            }
        };
        let insurance = self.insurance.as_deref().map(payer_key);
        let state = self.state.map(|state| state.code().to_owned());
        let mut parts = vec!["book".to_owned()];
        match &self.patient {
            WhoIsSeen::Described(PatientDetails { name, email, .. }) => {
                parts.extend([name.key(), email.key()]);
            }
            // No name is empty.
            WhoIsSeen::Known(id) => parts.extend([String::new(), id.to_string()]),
        }
        parts.extend([
            state.unwrap_or_default(),
            insurance.unwrap_or_default(),
            self.provider_id.map(|id| id.to_string()).unwrap_or_default(),
            when,
            self.length_in_fingerprint(),
            self.reason.clone().unwrap_or_default(),
        ]);
        if let WhoIsSeen::Described(PatientDetails { phone, birth_date, time_zone, .. }) =
            &self.patient
        {
            // Only where it was given: a request of before has the fingerprint that it had.
            let phone = phone.as_ref().map(|phone| format!("phone {}", phone.as_str()));
            let birth_date = birth_date.map(|birth| format!("birth date {}", birth.day()));
            let time_zone = time_zone.as_ref().map(|zone| format!("time zone {}", zone.as_str()));
            parts.extend([phone, birth_date, time_zone].into_iter().flatten());
        }
        // As above.
        parts.extend(self.visit_type.as_ref().map(|kind| format!("kind {}", kind.fingerprint())));
        parts.extend(self.overrule.fingerprint());
        parts.extend(self.hold.as_ref().map(|token| format!("hold {}", token.fingerprint())));
        fingerprint(&parts)
    }

    /// The length; where it is that of the kind of visit, nothing.
    fn length_in_fingerprint(&self) -> String {
        let usual = self.visit_type.is_none().then_some(VisitLength::DEFAULT);
        let length = self.length.or(usual);
        length.map(|length| length.minutes().to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
