//! What is written into the audit trail of an operation that may have many answers.

use crate::access::Actor;
use crate::audit::{Answered, Following, NotRecorded, Receipt, Trail};

/// What is written into the audit trail of an operation while it runs.
pub(super) enum Recording {
    /// Each answer by itself.
    Answers(Actor, Answered),
    /// That somebody follows, each event that they are told, and that they have gone.
    Live(Following),
}

impl Recording {
    /// Before anything is answered.
    pub(super) async fn begin(
        trail: &Trail,
        actor: Actor,
        asked: Answered,
        is_live: bool,
    ) -> Result<Self, NotRecorded> {
        if is_live {
            return Ok(Self::Live(trail.followed(&actor, asked).await?));
        }
        Ok(Self::Answers(actor, asked))
    }

    /// An answer is about to leave.
    pub(super) fn answered(&self, trail: &Trail) -> Result<Receipt, NotRecorded> {
        match self {
            Self::Answers(actor, asked) => trail.answering(actor, || asked.clone()),
            Self::Live(following) => trail.telling(following),
        }
    }

    /// Nothing more is answered.
    pub(super) fn end(&self, trail: &Trail) {
        if let Self::Live(following) = self {
            trail.left(following);
        }
    }
}
