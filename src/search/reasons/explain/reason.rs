//! Why a time can't be booked.

use jiff::Timestamp;

use crate::request::ErrorCode;

/// How a time stands with a provider.
#[derive(Debug, Clone)]
pub struct TimeExplanation {
    /// Whether it is among the offered times.
    pub offered: bool,
    /// All that is against it, in the order of refusals.
    pub reasons: Vec<TimeReason>,
}

/// Why a time can't be booked.
#[derive(Debug, Clone)]
pub struct TimeReason {
    /// The code that booking refuses with.
    pub code: ErrorCode,
    /// The facts, to be read out.
    pub message: String,
    /// From when on it holds, where that is known and may be told.
    pub from: Option<Timestamp>,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// Whether staff may pass it.
    pub overrulable: bool,
}

impl TimeReason {
    /// A reason of all time, which nobody passes.
    pub(super) fn plain(code: ErrorCode, message: String) -> Self {
        Self { code, message, from: None, until: None, overrulable: false }
    }
}
