//! What was committed here first and not done in the end.

use std::str::FromStr;

/// Why something was not done in the end that was committed here first: a booking, a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateRefusal {
    /// The scheduling service refused it, at that time.
    Refused,
    /// The scheduling service refused it as such, at whatever time. The database knows it as refused.
    Unfit,
    /// The scheduling service did not answer in time.
    Unanswered,
}

impl LateRefusal {
    /// The name that the database uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused | Self::Unfit => "REFUSED",
            Self::Unanswered => "UNANSWERED",
        }
    }
}

/// The text is not the name of such a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a late refusal")]
pub struct UnknownLateRefusal;

impl FromStr for LateRefusal {
    type Err = UnknownLateRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::Refused, Self::Unanswered];
        all.into_iter().find(|refusal| refusal.as_str() == text).ok_or(UnknownLateRefusal)
    }
}
