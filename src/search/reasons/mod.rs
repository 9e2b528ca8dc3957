//! Why not: why a time can't be booked, and why a provider does not fit a patient.

mod explain;
mod matching;
mod telling;
mod words;

pub use explain::{TimeExplanation, TimeQuestion, TimeReason};
pub use matching::{ExcludedProvider, MatchCode, MatchQuestion, MatchReason, Matches};
