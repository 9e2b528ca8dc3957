//! Why not: why a time can't be booked, and why a provider does not fit a patient.

mod explain;
mod matching;
mod telling;
mod words;

pub(super) use explain::{Asked, Eyes};
pub use explain::{TimeExplanation, TimeQuestion, TimeReason};
pub use matching::{ExcludedProvider, MatchCode, MatchQuestion, MatchReason, Matches};
pub(super) use telling::{clock, day, span};
pub(super) use words::Words;
