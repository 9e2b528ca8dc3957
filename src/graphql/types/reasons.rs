//! Why a time can't be booked, and who may not treat a patient.

use async_graphql::{Enum, Object};

use super::booking_error::ErrorCodeEnum;
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::search::{ExcludedProvider, MatchReason, Matches, TimeExplanation, TimeReason};

/// `TimeExplanation` of the schema.
pub(in crate::graphql) struct TimeExplanationObject(pub(in crate::graphql) TimeExplanation);

/// How a time stands with a provider: bookable, or every reason why not.
#[Object(name = "TimeExplanation")]
impl TimeExplanationObject {
    /// Whether a booking of that time would be accepted now: nothing is against it.
    async fn bookable(&self) -> bool {
        self.0.reasons.is_empty()
    }

    /// Whether `availableSlots` lists the time. Offered times start on the provider's grid or where a visit
    /// ends; other free minutes are bookable without being offered.
    async fn offered(&self) -> bool {
        self.0.offered
    }

    /// All that is against it, in the order in which booking refuses: the first is the one that booking
    /// gives. Empty where it is bookable.
    async fn reasons(&self) -> Vec<TimeReasonObject> {
        self.0.reasons.iter().cloned().map(TimeReasonObject).collect()
    }
}

/// `TimeReason` of the schema.
pub(in crate::graphql) struct TimeReasonObject(TimeReason);

impl From<TimeReason> for TimeReasonObject {
    fn from(reason: TimeReason) -> Self {
        Self(reason)
    }
}

/// One reason why a time can't be booked. It never says whose visit is in the way.
#[Object(name = "TimeReason")]
impl TimeReasonObject {
    /// The code that booking would refuse with.
    async fn code(&self) -> ErrorCodeEnum {
        self.0.code.into()
    }

    /// The facts, to be read out to a caller: the hours of that day, when the provider is back, which licence
    /// ended when. Times are on the provider's clock, with the zone.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// From when on the reason holds, such as the start of the time off; null where it always did, where that
    /// is not known, and for the time of a visit that you may not see.
    async fn from(&self) -> Option<DateTime> {
        self.0.from.map(DateTime)
    }

    /// Until when the reason holds, such as the end of the visit that is in the way; null where there is no
    /// end, where that is not known, and for the time of a visit that you may not see.
    async fn until(&self) -> Option<DateTime> {
        self.0.until.map(DateTime)
    }

    /// Whether it is the clinic's policy, which staff may pass: the code goes into `overrule` of the booking.
    async fn overrulable(&self) -> bool {
        self.0.overrulable
    }
}

/// `MatchResult` of the schema.
pub(in crate::graphql) struct MatchResultObject(pub(in crate::graphql) Matches);

/// Who may treat a patient, and who may not.
#[Object(name = "MatchResult")]
impl MatchResultObject {
    /// Those who may, and who are free where a time was asked for: in the order in which booking takes them
    /// then, else by when they joined. At most as many as `first`.
    async fn matched(&self) -> Vec<ProviderObject> {
        self.0.matched.iter().cloned().map(ProviderObject).collect()
    }

    /// Everybody else, with every reason why not, nearest to fitting first: those whom only the time is
    /// against, then by what is missing and by how many days. At most as many as `first`.
    async fn excluded(&self) -> Vec<ExcludedProviderObject> {
        self.0.excluded.iter().cloned().map(ExcludedProviderObject).collect()
    }
}

/// `ExcludedProvider` of the schema.
pub(in crate::graphql) struct ExcludedProviderObject(ExcludedProvider);

/// Somebody who may not treat a patient, and why.
#[Object(name = "ExcludedProvider")]
impl ExcludedProviderObject {
    /// Who.
    async fn provider(&self) -> ProviderObject {
        ProviderObject(self.0.provider.clone())
    }

    /// Every reason why not; at least one.
    async fn reasons(&self) -> Vec<MatchReasonObject> {
        self.0.reasons.iter().cloned().map(MatchReasonObject).collect()
    }
}

/// `MatchReason` of the schema.
pub(in crate::graphql) struct MatchReasonObject(MatchReason);

/// One reason why somebody may not treat a patient.
#[Object(name = "MatchReason")]
impl MatchReasonObject {
    /// Which, for programs.
    async fn code(&self) -> MatchReasonCodeEnum {
        self.0.code.into()
    }

    /// The facts, to be read out: which licence ended when, the hours of that day, until when they are away.
    async fn message(&self) -> &str {
        &self.0.message
    }
}

/// Why somebody may not treat a patient.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "MatchReasonCode", remote = "crate::search::MatchCode")]
pub(in crate::graphql) enum MatchReasonCodeEnum {
    /// Holds no licence for the state.
    NotLicensed,
    /// The licence for the state begins after the day of the visit; without a time, after the booking horizon.
    LicenceNotYetValid,
    /// The licence for the state ended before the day of the visit; without a time, before today.
    LicenceExpired,
    /// Does not accept the insurance.
    InsuranceNotAccepted,
    /// Does not work here any more.
    Inactive,
    /// Does not offer the visit type.
    VisitTypeNotOffered,
    /// Is away at that time: time off, a day without work, or one on which the clinic is closed.
    Away,
    /// The visit would not lie wholly inside the working hours.
    OutsideWorkingHours,
    /// Has another visit then, or one too near, or as many on that day as may be.
    Busy,
    /// The time is sooner than visits with them are booked.
    NoticeTooShort,
    /// The time is further ahead than visits with them are booked.
    BeyondHorizon,
}
