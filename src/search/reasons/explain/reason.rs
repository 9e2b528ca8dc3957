//! Why a time can't be booked.

use jiff::Timestamp;

use crate::domain::judge::Reason;
use crate::request::{ErrorCode, Refusal};
use crate::search::reasons::words::Words;

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
    /// A reason by its facts; without its span where that is not to be told.
    pub(in crate::search) fn of(reason: Reason, is_told: bool, words: Words<'_>) -> Self {
        let obstacle = reason.obstacle;
        let (message, (from, until)) = words.told(reason, is_told);
        let code = Refusal::of(obstacle, Vec::new()).code();
        let overrulable = obstacle.policy().is_some();
        Self { code, message, from, until, overrulable }
    }

    /// A reason of all time, which nobody passes.
    pub(in crate::search) fn plain(code: ErrorCode, message: String) -> Self {
        Self { code, message, from: None, until: None, overrulable: false }
    }
}
