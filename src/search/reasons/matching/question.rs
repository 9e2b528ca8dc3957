//! What is asked of all providers.

use jiff::Timestamp;

use crate::domain::{UsState, VisitLength};
use crate::request::{
    AskedVisitType, Field, FieldReader, Refusal, Violation, parse_state, whole_minute,
};

/// How many providers of each kind are told at most.
const MOST: i64 = 100;

/// Who is asked for.
#[derive(Debug, Clone)]
pub struct MatchQuestion {
    pub(super) state: UsState,
    pub(super) insurance: String,
    pub(super) starts_at: Option<Timestamp>,
    pub(super) length: Option<VisitLength>,
    pub(super) visit_type: Option<AskedVisitType>,
    pub(super) first: usize,
}

impl MatchQuestion {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with everything that is not acceptable, else [`Refusal::UnknownState`].
    pub fn parse(
        (state, insurance): (&str, String),
        starts_at: Option<Timestamp>,
        (minutes, visit_type): (Option<i64>, Option<AskedVisitType>),
        first: i64,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let length = fields.length(minutes);
        fields.optional(Field::StartsAt, starts_at, whole_minute);
        let in_range = Some(first).filter(|first| (0..=MOST).contains(first));
        if in_range.is_none() {
            fields.wrong(Violation::new(Field::Other("first".to_owned()), "must be from 0 to 100"));
        }
        fields.finish()?;
        let first = in_range.and_then(|first| usize::try_from(first).ok()).unwrap_or_default();
        Ok(Self { state: parse_state(state)?, insurance, starts_at, length, visit_type, first })
    }
}
