//! Fields of a request, and what can be wrong with one.

use std::borrow::Cow;

/// A field of a request; each door spells it in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The patient, as a whole.
    Patient,
    /// The id of a patient who is known.
    PatientId,
    /// The state that a known patient is in this time.
    VisitState,
    /// The insurance that a known patient has this time.
    VisitInsurance,
    /// The patient's name.
    PatientName,
    /// The patient's e-mail address.
    PatientEmail,
    /// The patient's telephone number.
    PatientPhone,
    /// The day the patient was born.
    PatientBirthDate,
    /// The patient's time zone.
    PatientTimeZone,
    /// The state the patient is in.
    PatientState,
    /// The patient's insurance.
    PatientInsurance,
    /// The provider asked for.
    ProviderId,
    /// The start asked for.
    StartsAt,
    /// The rule by which the visits of a series recur.
    Rule,
    /// The starts of a series, each by itself.
    Times,
    /// The earliest start.
    After,
    /// The length of the visit.
    DurationMinutes,
    /// What kind of visit.
    VisitType,
    /// What a visit is from now on.
    Status,
    /// The rules of policy that do not count.
    Overrule,
    /// Why they do not.
    OverruleReason,
    /// Why the patient comes, or why a visit is cancelled.
    Reason,
    /// The version that a change expects.
    ExpectedVersion,
    /// The token of a hold.
    HoldToken,
    /// How long a time is held.
    HoldMinutes,
    /// The key that makes a retry safe.
    IdempotencyKey,
    /// A field of one door only, as it is spelt there.
    Other(String),
}

/// A field that is not acceptable, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which field.
    pub field: Field,
    /// What is wrong with it and what is acceptable, for people; never repeats what was sent.
    pub message: Cow<'static, str>,
}

impl Violation {
    /// A violation.
    pub fn new(field: Field, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field, message: message.into() }
    }
}
