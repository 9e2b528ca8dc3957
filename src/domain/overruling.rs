//! The clinic's policy that staff may pass, and that they have.

use std::str::FromStr;

/// A rule of the clinic's policy: what the times that it offers keep to, and who may overrule can pass. A
/// licence, an insurance, a hold and the rule against overlapping visits are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// The visit lies wholly inside the working hours.
    OutsideWorkingHours,
    /// The provider is not away.
    ProviderAway,
    /// Two visits of a provider are apart.
    InBuffer,
    /// A visit is booked some time before it starts.
    NoticeTooShort,
    /// A visit starts within the booking horizon.
    BeyondHorizon,
    /// A provider has at most so many visits a day.
    DailyLimitReached,
}

impl Policy {
    /// Every rule.
    pub const ALL: [Self; 6] = [
        Self::OutsideWorkingHours,
        Self::ProviderAway,
        Self::InBuffer,
        Self::NoticeTooShort,
        Self::BeyondHorizon,
        Self::DailyLimitReached,
    ];

    /// The code under which it is refused, which the database and both doors use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OutsideWorkingHours => "OUTSIDE_WORKING_HOURS",
            Self::ProviderAway => "PROVIDER_AWAY",
            Self::InBuffer => "IN_BUFFER",
            Self::NoticeTooShort => "NOTICE_TOO_SHORT",
            Self::BeyondHorizon => "BEYOND_HORIZON",
            Self::DailyLimitReached => "DAILY_LIMIT_REACHED",
        }
    }
}

/// The text is not the code of a rule that can be passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rule that can be overruled")]
pub struct NotOverrulable;

impl FromStr for Policy {
    type Err = NotOverrulable;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text).ok_or(NotOverrulable)
    }
}

/// What was overruled for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruling {
    /// Which rules, in order and each once.
    pub rules: Vec<Policy>,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// The version of the visit that it was for.
    pub in_version: i32,
}
