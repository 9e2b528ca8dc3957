//! Why a mutation did not do what was asked: data, not errors, so that a client reads it as such.

mod refused;

use async_graphql::{Enum, ID, Interface, SimpleObject};

use super::appointment::AppointmentStatusEnum;
use super::instant::DateTime;
use super::series::SeriesOccurrenceObject;
use super::slot::SlotObject;
use crate::domain::eligibility::Ineligible;
use crate::request::ErrorCode;
use crate::request::code::error_codes;
use crate::search::SeriesPreview;

macro_rules! define {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:literal $title:literal,)*) => {
        /// The words for what went wrong, the same in GraphQL and REST.
        #[derive(Enum, Clone, Copy, PartialEq, Eq)]
        #[graphql(name = "ErrorCode", remote = "crate::request::ErrorCode")]
        pub(in crate::graphql) enum ErrorCodeEnum {
            $($(#[$doc])* $name,)*
        }
    };
}
error_codes!(define);

/// Why a mutation did not do what was asked. `code` is for programs, `message` for people; some
/// cases are types of their own and carry more.
#[derive(Interface)]
#[graphql(
    name = "BookingError",
    field(name = "code", ty = "&ErrorCodeEnum", desc = "What went wrong, for programs."),
    field(name = "message", ty = "&String", desc = "What went wrong, for people.")
)]
pub(in crate::graphql) enum BookingErrorObject {
    /// Fields that are not acceptable.
    InvalidInput(InvalidInput),
    /// A name that is not known.
    UnknownName(UnknownName),
    /// A provider who may not treat this patient.
    ProviderNotEligible(ProviderNotEligible),
    /// A time past the horizon.
    BeyondHorizon(BeyondHorizon),
    /// A time too soon.
    NoticeTooShort(NoticeTooShort),
    /// Nothing free.
    NoAvailability(NoAvailability),
    /// A time that is taken.
    SlotTaken(SlotTaken),
    /// A time that is about to be taken.
    SlotHeld(SlotHeld),
    /// A time too near to another visit.
    InBuffer(InBuffer),
    /// Times of a series that can't be had.
    SeriesConflict(SeriesConflict),
    /// Two patients who can't be one.
    PatientDoubleBooked(PatientDoubleBooked),
    /// A status that does not allow it.
    IllegalTransition(IllegalTransition),
    /// A version that is not the one expected.
    VersionConflict(VersionConflict),
    /// As many as may be: later again.
    RateLimited(RateLimited),
    /// Everything that needs no more than its code.
    PlainError(PlainError),
}

/// One or more fields are not acceptable (`INVALID_INPUT`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct InvalidInput {
    /// `INVALID_INPUT`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Every field that is not acceptable.
    violations: Vec<ViolationObject>,
}

/// A field that is not acceptable.
#[derive(SimpleObject)]
#[graphql(name = "Violation")]
pub(in crate::graphql) struct ViolationObject {
    /// The field inside `input`, such as `patient.email`.
    field: String,
    /// What is wrong with it and what is acceptable.
    message: String,
}

/// A state or an insurance that is not known (`UNKNOWN_STATE`, `UNKNOWN_INSURANCE`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct UnknownName {
    /// `UNKNOWN_STATE` or `UNKNOWN_INSURANCE`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Up to three names that come near, nearest first.
    suggestions: Vec<String>,
}

/// Why a provider may not treat a patient.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Ineligible")]
pub(in crate::graphql) enum IneligibleReason {
    /// The provider has no licence for the patient's state.
    NotLicensed,
    /// The provider's licence for the patient's state is not valid on the day of the visit.
    LicenceNotValidThen,
    /// The provider does not accept the patient's insurance.
    InsuranceNotAccepted,
    /// The provider does not work here any more.
    Inactive,
}

/// The provider asked for may not treat this patient (`PROVIDER_NOT_ELIGIBLE`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct ProviderNotEligible {
    /// `PROVIDER_NOT_ELIGIBLE`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Why not.
    reason: IneligibleReason,
}

/// The time asked for is too far ahead (`BEYOND_HORIZON`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct BeyondHorizon {
    /// `BEYOND_HORIZON`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The last moment at which a visit may start.
    horizon_ends_at: DateTime,
}

/// The time asked for is sooner than visits with the provider are booked (`NOTICE_TOO_SHORT`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct NoticeTooShort {
    /// `NOTICE_TOO_SHORT`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The first moment at which a visit may start.
    earliest_starts_at: DateTime,
}

/// Matching providers have nothing free (`NO_AVAILABILITY`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct NoAvailability {
    /// `NO_AVAILABILITY`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// How far it was looked.
    searched_until: DateTime,
}

/// Somebody holds an overlapping appointment (`SLOT_TAKEN`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct SlotTaken {
    /// `SLOT_TAKEN`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Up to three other times, the earliest first.
    alternatives: Vec<SlotObject>,
}

/// Somebody is about to take the time (`SLOT_HELD`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct SlotHeld {
    /// `SLOT_HELD`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Until when it is held at most; null where that is not known.
    held_until: Option<DateTime>,
    /// Up to three other times, the earliest first.
    alternatives: Vec<SlotObject>,
}

/// Another visit of the provider is nearer than the two may be (`IN_BUFFER`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct InBuffer {
    /// `IN_BUFFER`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Up to three other times, the earliest first.
    alternatives: Vec<SlotObject>,
}

/// Some visits of the series can't be at their times (`SERIES_CONFLICT`), and then none was booked or moved; or the
/// scheduling service would not move some, which keep their times (`SCHEDULING_REFUSED`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct SeriesConflict {
    /// `SERIES_CONFLICT` or `SCHEDULING_REFUSED`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Those that can't, each with what is against it and a time near it that can be had: `index` is its place in
    /// the series.
    occurrences: Vec<SeriesOccurrenceObject>,
}

impl SeriesConflict {
    /// What of a series can't be booked, or moved.
    pub(super) fn of(preview: &SeriesPreview) -> Self {
        let occurrences = SeriesOccurrenceObject::clashes(preview);
        let message = format!("{} can't be as asked: nothing was done", visits(&occurrences));
        Self { code: ErrorCode::SeriesConflict.into(), message, occurrences }
    }

    /// What the scheduling service would not move.
    pub(super) fn not_moved(preview: &SeriesPreview) -> Self {
        let occurrences = SeriesOccurrenceObject::clashes(preview);
        let message = format!(
            "The scheduling service would not move {}",
            visits(&occurrences).to_lowercase()
        );
        Self { code: ErrorCode::SchedulingRefused.into(), message, occurrences }
    }
}

fn visits(occurrences: &[SeriesOccurrenceObject]) -> String {
    match occurrences.len() {
        1 => "One visit of the series".to_owned(),
        many => format!("{many} visits of the series"),
    }
}

/// Two patients can't be merged: each has a visit at the same time (`PATIENT_DOUBLE_BOOKED`). A booking
/// or a move that is refused with this code is a `PlainError`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PatientDoubleBooked {
    /// `PATIENT_DOUBLE_BOOKED`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The ids of the visits that overlap: move or cancel one of each two.
    appointment_ids: Vec<ID>,
}

/// The appointment's status does not allow this change (`ILLEGAL_TRANSITION`).
#[derive(SimpleObject)]
pub(in crate::graphql) struct IllegalTransition {
    /// `ILLEGAL_TRANSITION`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// The id of the appointment: of a series the visit that stands in the way.
    appointment_id: ID,
    /// The statuses it may change to; empty when it is final.
    allowed: Vec<AppointmentStatusEnum>,
}

/// It was changed since the version that was expected (`VERSION_CONFLICT`). Nothing was done.
#[derive(SimpleObject)]
pub(in crate::graphql) struct VersionConflict {
    /// `VERSION_CONFLICT`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// Its version now.
    current_version: i32,
}

/// As many visits to come as one patient may have, or as many requests as one caller may send
/// (`RATE_LIMITED`). Nothing was done.
#[derive(SimpleObject)]
pub(in crate::graphql) struct RateLimited {
    /// `RATE_LIMITED`.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
    /// After how many seconds the same may be done.
    retry_after_seconds: i32,
}

/// Everything that needs no more than its code, such as `TIME_IN_PAST` or `NOT_FOUND`.
#[derive(SimpleObject)]
pub(in crate::graphql) struct PlainError {
    /// What went wrong, for programs.
    code: ErrorCodeEnum,
    /// What is wrong, in one sentence.
    message: String,
}
