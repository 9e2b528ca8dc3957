//! The words that both doors share for what went wrong; part of the contract.

use crate::domain::Policy;

/// One row a code, handed to the macro `$define`: what it means, its name, how it is written, the
/// HTTP status that goes with it, and its title in a problem (RFC 9457).
macro_rules! error_codes {
    ($define:ident) => {
        $define! {
            /// The request is not JSON, or its query string is malformed.
            BadRequest "BAD_REQUEST" 400 "Bad request",
            /// A field is missing, unknown or not acceptable.
            InvalidInput "INVALID_INPUT" 422 "Input not acceptable",
            /// Not a US state, DC or a territory.
            UnknownState "UNKNOWN_STATE" 422 "Unknown state",
            /// Not a payer that the clinic knows.
            UnknownInsurance "UNKNOWN_INSURANCE" 422 "Unknown insurance",
            /// Nobody is licensed in that state and takes that insurance.
            NoMatchingProvider "NO_MATCHING_PROVIDER" 404 "No matching provider",
            /// There is no such provider or appointment, or the id is malformed.
            NotFound "NOT_FOUND" 404 "Not found",
            /// The provider asked for may not treat this patient.
            ProviderNotEligible "PROVIDER_NOT_ELIGIBLE" 422 "Provider not eligible",
            /// Nobody who might be asked offers this kind of visit.
            VisitTypeNotOffered "VISIT_TYPE_NOT_OFFERED" 422 "Visit type not offered",
            /// The time asked for is before now.
            TimeInPast "TIME_IN_PAST" 422 "Time in the past",
            /// The time asked for is after the booking horizon.
            BeyondHorizon "BEYOND_HORIZON" 422 "Too far ahead",
            /// The time asked for is sooner than visits are booked.
            NoticeTooShort "NOTICE_TOO_SHORT" 422 "Notice too short",
            /// The visit would not lie wholly inside the provider's working hours.
            OutsideWorkingHours "OUTSIDE_WORKING_HOURS" 422 "Outside working hours",
            /// The provider is away: time off, a day without work, or one on which the clinic is closed.
            ProviderAway "PROVIDER_AWAY" 422 "Provider away",
            /// The provider has as many visits on that day as they may have.
            DailyLimitReached "DAILY_LIMIT_REACHED" 409 "Daily limit reached",
            /// Matching providers have nothing free within the booking horizon.
            NoAvailability "NO_AVAILABILITY" 409 "No availability",
            /// Somebody holds an overlapping appointment.
            SlotTaken "SLOT_TAKEN" 409 "Slot taken",
            /// Somebody is about to take the time.
            SlotHeld "SLOT_HELD" 409 "Slot held",
            /// The hold is none any more: it has lapsed, was booked or released, or never was.
            HoldExpired "HOLD_EXPIRED" 409 "Hold expired",
            /// Another visit of the provider is too near.
            InBuffer "IN_BUFFER" 409 "In a buffer",
            /// Visits of the series can't be at their times: none was booked or moved.
            SeriesConflict "SERIES_CONFLICT" 409 "Series conflict",
            /// The patient already has an overlapping appointment.
            PatientDoubleBooked "PATIENT_DOUBLE_BOOKED" 409 "Patient double-booked",
            /// The scheduling service refused, finally.
            SchedulingRefused "SCHEDULING_REFUSED" 409 "Scheduling refused",
            /// The same idempotency key came with another request.
            IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 422 "Idempotency key reused",
            /// The first request with this idempotency key is still running.
            IdempotencyKeyInUse "IDEMPOTENCY_KEY_IN_USE" 409 "Idempotency key in use",
            /// It was changed since: the version that was expected is not its version now.
            VersionConflict "VERSION_CONFLICT" 409 "Version conflict",
            /// There is one like it already.
            AlreadyExists "ALREADY_EXISTS" 409 "Already exists",
            /// Something else needs it.
            InUse "IN_USE" 409 "In use",
            /// The appointment's status does not allow this change.
            IllegalTransition "ILLEGAL_TRANSITION" 409 "Illegal transition",
            /// It is too late for the patient to change the visit by themselves.
            CutoffPassed "CUTOFF_PASSED" 409 "Cut-off passed",
            /// The bearer token is missing or wrong.
            Unauthenticated "UNAUTHENTICATED" 401 "Unauthenticated",
            /// The caller's role does not allow it.
            Forbidden "FORBIDDEN" 403 "Forbidden",
            /// Too much of it in too short a time: nothing was done.
            RateLimited "RATE_LIMITED" 429 "Rate limited",
            /// The page that sent this is of an origin that is not allowed.
            ForbiddenOrigin "FORBIDDEN_ORIGIN" 403 "Forbidden origin",
            /// The request was sent to a name that is none of this server's.
            MisdirectedRequest "MISDIRECTED_REQUEST" 421 "Misdirected request",
            /// The route does not have this method.
            MethodNotAllowed "METHOD_NOT_ALLOWED" 405 "Method not allowed",
            /// None of the media types asked for can be given.
            NotAcceptable "NOT_ACCEPTABLE" 406 "Not acceptable",
            /// The request is too large.
            PayloadTooLarge "PAYLOAD_TOO_LARGE" 413 "Payload too large",
            /// The body is not JSON by its media type, or packed in a way that is not read.
            UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 "Unsupported media type",
            /// The document is not GraphQL.
            GraphqlParseFailed "GRAPHQL_PARSE_FAILED" 400 "GraphQL request refused",
            /// The document does not fit this schema.
            GraphqlValidationFailed "GRAPHQL_VALIDATION_FAILED" 400 "GraphQL request refused",
            /// The operation asks for too much at once.
            QueryTooComplex "QUERY_TOO_COMPLEX" 400 "GraphQL request refused",
            /// The persisted query is not known here.
            PersistedQueryNotFound "PERSISTED_QUERY_NOT_FOUND" 400 "GraphQL request refused",
            /// The service is down or overloaded; try again.
            Unavailable "UNAVAILABLE" 503 "Service unavailable",
            /// A bug on our side.
            Internal "INTERNAL" 500 "Internal error",
        }
    };
}
pub(crate) use error_codes;

macro_rules! define {
    ($($(#[$doc:meta])* $name:ident $code:literal $status:literal $title:literal,)*) => {
        /// The words that both doors share for what went wrong; part of the contract.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as it is written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What kind of problem it is, for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}
error_codes!(define);

impl From<Policy> for ErrorCode {
    fn from(rule: Policy) -> Self {
        match rule {
            Policy::OutsideWorkingHours => Self::OutsideWorkingHours,
            Policy::ProviderAway => Self::ProviderAway,
            Policy::InBuffer => Self::InBuffer,
            Policy::NoticeTooShort => Self::NoticeTooShort,
            Policy::BeyondHorizon => Self::BeyondHorizon,
            Policy::DailyLimitReached => Self::DailyLimitReached,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_stands_in_the_documentation_with_its_status() {
        let page = include_str!("../../docs/errors.md");
        for code in ErrorCode::ALL {
            let row = |status: &str| format!("| `{}` | {status} |", code.as_str());
            let told = page.contains(&row(&code.status().to_string())) || page.contains(&row("–"));
            assert!(told, "{} {}", code.as_str(), code.status());
        }
    }
}
