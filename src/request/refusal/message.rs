//! What is told of a refusal, in words for people.

use super::{Refusal, transition};
use crate::domain::LateRefusal;
use crate::domain::eligibility::Ineligible;
use crate::domain::time_slot::rfc3339;
use crate::request::code::ErrorCode;
use crate::request::field::Field;
use crate::request::sentence::{not_acceptable, one_of};

impl Refusal {
    /// What to tell the caller, where the door spells fields as `spell` does: no library's words,
    /// and nobody's name.
    pub fn message(&self, spell: impl Fn(&Field) -> String) -> String {
        match self {
            Self::Forbidden => "Your role does not allow this".to_owned(),
            Self::Invalid(violations) => not_acceptable(violations, spell),
            Self::UnknownState { suggestions } => {
                format!("Not a US state, DC or a territory{}", did_you_mean(suggestions))
            }
            Self::UnknownInsurance { suggestions } => {
                format!("The clinic does not know this insurance{}", did_you_mean(suggestions))
            }
            Self::NotFound(resource) => format!("There is no {} with this id", resource.name()),
            Self::NoMatchingProvider => {
                "No provider is licensed in this state and accepts this insurance".to_owned()
            }
            Self::NotEligible(Ineligible::NotLicensed) => {
                "The provider is not licensed in the patient's state".to_owned()
            }
            Self::NotEligible(Ineligible::LicenceNotValidThen) => {
                "The provider's licence for the patient's state is not valid on that day".to_owned()
            }
            Self::NotEligible(Ineligible::InsuranceNotAccepted) => {
                "The provider does not accept the patient's insurance".to_owned()
            }
            Self::NotEligible(Ineligible::Inactive) => {
                "The provider does not work here any more".to_owned()
            }
            Self::VisitTypeNotOffered => "This kind of visit is not offered".to_owned(),
            Self::TimeInPast => "The time asked for is in the past".to_owned(),
            Self::NoticeTooShort { earliest_starts_at } => format!(
                "The time asked for is too soon: visits may start from {}",
                rfc3339(*earliest_starts_at)
            ),
            Self::ProviderAway => "The provider is away at this time".to_owned(),
            Self::DailyLimitReached => {
                "The provider has as many visits on this day as they may have".to_owned()
            }
            Self::SlotHeld { held_until: Some(until), .. } => {
                format!("Somebody is booking this time: it is held until {}", rfc3339(*until))
            }
            Self::SlotHeld { held_until: None, .. } => "This time is held".to_owned(),
            Self::HoldExpired => "No such hold: it lapsed, was booked or released".to_owned(),
            Self::TooManyHolds { most, .. } => format!(
                "You hold {most} times already, as many as one caller may: book or release one of them, or wait until the next lapses"
            ),
            Self::InBuffer { .. } => {
                "This time is too near to another visit of the provider".to_owned()
            }
            Self::BeyondHorizon { ends_at } => {
                format!(
                    "The time asked for is too far ahead: visits may start until {}",
                    rfc3339(*ends_at)
                )
            }
            Self::OutsideWorkingHours => {
                "The visit would not lie wholly inside working hours".to_owned()
            }
            Self::NoAvailability { searched_until } => {
                format!("Nothing is free until {}", rfc3339(*searched_until))
            }
            Self::SlotTaken { .. } => "This time is taken".to_owned(),
            Self::PatientDoubleBooked => {
                "The patient already has an appointment at this time".to_owned()
            }
            Self::TooManyOpenVisits { most, one_ends_at, .. } => format!(
                "The patient already has {most} visits to come, as many as one patient may have: cancel one \
                 of them, or book again when the next is over{}",
                one_ends_at.map(|end| format!(", at {}", rfc3339(end))).unwrap_or_default()
            ),
            Self::VisitsOverlap { appointments } => {
                let ids: Vec<String> = appointments.iter().map(ToString::to_string).collect();
                format!("Both have visits at the same time: {}", ids.join(", "))
            }
            Self::SchedulingRefused { why: LateRefusal::Refused | LateRefusal::Unfit, .. } => {
                "The scheduling service refused".to_owned()
            }
            Self::SchedulingRefused { why: LateRefusal::Unanswered, .. } => {
                "The scheduling service did not answer in time".to_owned()
            }
            Self::KeyReused => "This idempotency key was used for another request".to_owned(),
            Self::KeyInUse => {
                "The first request with this idempotency key is still running".to_owned()
            }
            Self::IllegalTransition { appointment, allowed, bar } => {
                transition::message(appointment, allowed, *bar)
            }
            Self::CutoffPassed { contact } => ask_the_clinic(contact.as_deref()),
            Self::VersionConflict { current_version, .. } => format!(
                "Somebody has changed it meanwhile: it is at version {current_version}. Nothing was done; read it again"
            ),
            Self::AlreadyExists(why) | Self::InUse(why) | Self::Unauthenticated(why) => {
                (*why).to_owned()
            }
            Self::TooManyTries { .. } => {
                "Too many wrong tries for this account: this one was not looked at".to_owned()
            }
            Self::Store(_) if self.code() == ErrorCode::Unavailable => {
                "The service is not available just now; please try again".to_owned()
            }
            Self::Store(_) => "Internal error".to_owned(),
        }
    }
}

fn ask_the_clinic(contact: Option<&str>) -> String {
    let contact = contact.map(|contact| format!(": {contact}")).unwrap_or_default();
    format!("It is too late to change this visit here: ask the clinic{contact}")
}

fn did_you_mean(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", one_of(suggestions))
    }
}
