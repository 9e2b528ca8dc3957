//! The kinds of visits that the clinic offers, and the time that is kept free around a visit.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::ids::VisitTypeId;
use super::text::letters_and_digits;
use super::time_slot::VisitLength;

/// The time that is kept free before a visit and after it, in whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Buffers {
    before: u16,
    after: u16,
}

impl Buffers {
    /// The longest buffer, in minutes.
    pub const MAX_MINUTES: u16 = 480;

    /// So many minutes before and after a visit; `None` for more than 480.
    pub fn from_minutes(before: u16, after: u16) -> Option<Self> {
        (before.max(after) <= Self::MAX_MINUTES).then_some(Self { before, after })
    }

    /// The minutes before a visit.
    pub fn before_minutes(self) -> u16 {
        self.before
    }

    /// The minutes after a visit.
    pub fn after_minutes(self) -> u16 {
        self.after
    }

    /// The time before a visit.
    pub fn before(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.before))
    }

    /// The time after a visit.
    pub fn after(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.after))
    }

    /// Whether nothing is kept free.
    pub fn are_none(self) -> bool {
        self == Self::default()
    }

    /// On each side the larger one of the two.
    pub fn larger(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

/// A kind of visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitType {
    /// Its identifier.
    pub id: VisitTypeId,
    /// Counts the committed changes, from 1.
    pub version: i32,
    /// What it is called; no two are called the same.
    pub name: String,
    /// How long such a visit is, unless another length is asked for.
    pub length: VisitLength,
    /// What such a visit keeps free around it, where that is more than its provider does anyway.
    pub buffers: Buffers,
    /// Whether it is offered.
    pub active: bool,
}

/// How long a visit is, and of which kind, if of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VisitShape {
    /// How long.
    pub length: VisitLength,
    /// Of which kind.
    pub kind: Option<VisitTypeId>,
}

impl VisitShape {
    /// A visit of that length and of no kind.
    pub fn plain(length: VisitLength) -> Self {
        Self { length, kind: None }
    }
}

/// What the kinds of visits keep free around them that keep anything free, offered or not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TypeBuffers {
    by_kind: HashMap<VisitTypeId, Buffers>,
    widest: Buffers,
}

impl TypeBuffers {
    /// Those of these kinds.
    pub fn of<'a>(types: impl IntoIterator<Item = &'a VisitType>) -> Self {
        let some = types.into_iter().filter(|one| !one.buffers.are_none());
        let by_kind: HashMap<_, _> = some.map(|one| (one.id, one.buffers)).collect();
        let widest = by_kind.values().fold(Buffers::default(), |widest, one| widest.larger(*one));
        Self { by_kind, widest }
    }

    /// What a visit of that kind keeps free.
    pub fn of_kind(&self, kind: Option<VisitTypeId>) -> Buffers {
        kind.and_then(|kind| self.by_kind.get(&kind)).copied().unwrap_or_default()
    }

    /// On each side the largest of them.
    pub fn widest(&self) -> Buffers {
        self.widest
    }
}

/// What the name of a kind of visit is compared by: its letters and digits, in lower case.
pub fn visit_type_key(name: &str) -> String {
    letters_and_digits(name)
}
