//! What can be wrong with the trail, in words for whoever verifies it.

use std::fmt;

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Seals are missing, from one to another.
    Gap(i64, i64),
    /// The row of a seal is gone.
    RowGone(i64),
    /// A row or a seal can't be read.
    Unreadable(i64),
    /// A row is not as it was written.
    RowChanged {
        /// The place of its seal.
        seq: i64,
        /// Its own id.
        id: String,
    },
    /// A seal is not what its row and the seal before make.
    SealBroken(i64),
    /// Seals were made with a key that is not at hand.
    OtherKey {
        /// The first.
        seq: i64,
        /// How many.
        count: u64,
    },
    /// The end is signed with a key that is not at hand.
    HeadOfOtherKey,
    /// What is signed to be the beginning is signed with a key that is not at hand.
    CheckpointOfOtherKey(i64),
    /// A head that was kept elsewhere is signed with a key that is not at hand.
    KeptHeadOfOtherKey(i64),
    /// Rows without a seal are not as a key wrote them that is at hand, where there is another one.
    UnsealedOfOtherKey {
        /// The first.
        number: i64,
        /// How many.
        count: u64,
    },
    /// Seals were made without a key, where there is one.
    WithoutKey {
        /// The first.
        seq: i64,
        /// How many.
        count: u64,
    },
    /// The chain ends elsewhere than it is signed to.
    EndsElsewhere {
        /// The last seal there is.
        last: i64,
        /// The last seal that was signed.
        signed: i64,
    },
    /// What is signed to be the end is not.
    HeadForged,
    /// The end is not signed.
    HeadGone,
    /// What is signed to be the beginning is not.
    CheckpointForged(i64),
    /// A head that was kept elsewhere is not one of this trail.
    OtherHead(i64),
    /// A row that waits for its seal is not as it was written.
    UnsealedChanged(i64),
    /// Rows that were not sealed when those after them were.
    NeverSealed {
        /// The first.
        number: i64,
        /// How many.
        count: u64,
    },
    /// The list of whom rows are about is not what the rows say.
    SubjectsDiffer,
}

impl Finding {
    /// Whether it says that a key is not at hand.
    pub(super) fn is_of_another_key(&self) -> bool {
        matches!(
            self,
            Self::OtherKey { .. }
                | Self::HeadOfOtherKey
                | Self::CheckpointOfOtherKey(_)
                | Self::KeptHeadOfOtherKey(_)
                | Self::UnsealedOfOtherKey { .. }
        )
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap(from, to) if from == to => write!(f, "seal {from} is missing"),
            Self::Gap(from, to) => write!(f, "seals {from} to {to} are missing"),
            Self::RowGone(seq) => write!(f, "the row of seal {seq} is missing"),
            Self::Unreadable(seq) => write!(f, "seal {seq} or its row can't be read: one was changed"),
            Self::RowChanged { seq, id } => write!(f, "row {id} (seal {seq}) is not as it was written"),
            Self::SealBroken(seq) => {
                write!(f, "seal {seq} does not fit its row and the seal before")
            }
            Self::OtherKey { seq, count } => write!(
                f,
                "{count} seals from {seq} on were made with another key; if it was changed, or a server or command had \
                 another one, say that with --previous-key-file"
            ),
            Self::HeadOfOtherKey => {
                f.write_str("the end of the trail is signed with another key, too")
            }
            Self::CheckpointOfOtherKey(seq) => write!(
                f,
                "the checkpoint at {seq}, where the trail begins, is signed with another key; say it with \
                 --previous-key-file"
            ),
            Self::KeptHeadOfOtherKey(seq) => write!(
                f,
                "the head that was kept, of seal {seq}, is signed with another key; say it with --previous-key-file"
            ),
            Self::UnsealedOfOtherKey { number, count } => write!(
                f,
                "{count} rows without a seal, the first is number {number}, are not as this key writes them: they were \
                 written with another one, or changed"
            ),
            Self::WithoutKey { seq, count } => write!(
                f,
                "{count} seals from {seq} on were made without a key, so anybody can have made them; if \
                 access was open then, say up to which with --keyless-until"
            ),
            Self::EndsElsewhere { last, signed } => {
                write!(f, "the last seal is {last}, and the trail is signed up to {signed}")
            }
            Self::HeadForged => f.write_str("the signature over the end of the trail is not ours"),
            Self::HeadGone => f.write_str("what says where the trail ends is missing"),
            Self::CheckpointForged(seq) => {
                write!(f, "the checkpoint at {seq} is not ours: nothing allows what stood below to be gone")
            }
            Self::OtherHead(seq) => {
                write!(f, "the head that was kept is not of this trail: seal {seq} is another, or gone")
            }
            Self::NeverSealed { number, count } => write!(
                f,
                "{count} rows are not sealed though later ones are, the first is number {number}"
            ),
            Self::UnsealedChanged(number) => {
                write!(f, "row number {number}, which has no seal yet, is not as it was written")
            }
            Self::SubjectsDiffer => f.write_str(
                "the list of patients and appointments by which rows are found is not what the rows say",
            ),
        }
    }
}
