//! The audit trail: who did what with whose data, written so that it can't be edited unseen.
//!
//! A change's row is written in its transaction ([`Trail::transaction`]), that of an answer before the
//! answer leaves ([`Trail::answered`]). Afterwards a sealer gives each row its place in a chain that is
//! made with a key ([`AuditKey`]); [`verify`](Verification) shows what was done to rows, seals and the
//! end of the chain. Why it is so is in ADR 31.

mod act;
mod answer;
mod chain;
mod looking;
mod prune;
mod queue;
mod sealer;
mod sealing;
mod turned_away;
mod verify;
mod waiting;

pub use act::{Act, Attempted, Audited, Touched};
pub use answer::{Answered, Following, NotRecorded};
pub use chain::{AuditKey, KeyError, LoggedHead, MalformedHead, SHORTEST, file_beside};
pub use prune::{LEAST_KEPT, Pruned};
pub use queue::keep;
pub use turned_away::TurnedAway;
pub use verify::{Finding, Keys, Verification};
pub use waiting::Receipt;

use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore, mpsc};

use self::sealing::Sealing;
use self::waiting::{LONGEST_QUEUE, PLACES_OF_FOLLOWERS, Waiting};
use crate::access::Actor;
use crate::db::{Db, StoreError, audit};
use crate::domain::Clock;
use crate::domain::audit::{AuditMark, AuditedCaller};

/// When the row of an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuditReads {
    /// Before the answer leaves; it does not leave when that can't be.
    #[default]
    Strict,
    /// At most a second later.
    Batched,
    /// Not at all, nor that of a change. No setting says so: it is what the others are measured against.
    Nothing,
}

impl FromStr for AuditReads {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "strict" => Ok(Self::Strict),
            "batched" => Ok(Self::Batched),
            _ => Err("must be strict or batched"),
        }
    }
}

/// The trail of a database.
pub struct Trail {
    db: Db,
    clock: Arc<dyn Clock>,
    key: AuditKey,
    reads: AuditReads,
    queue: mpsc::Sender<Waiting>,
    /// The other end, for the one task that writes what waits; it stays when that begins anew.
    inbox: Mutex<mpsc::Receiver<Waiting>>,
    /// The places among those that wait that events may take which are told to followers.
    places_of_followers: Arc<Semaphore>,
    sealing: Mutex<Sealing>,
    /// Whether there is such a task.
    has_keeper: bool,
}

impl Trail {
    /// The trail of a server, written with that key, which somebody has to [`keep`].
    pub fn new(db: Db, clock: Arc<dyn Clock>, key: AuditKey, reads: AuditReads) -> Self {
        let (queue, inbox) = mpsc::channel(LONGEST_QUEUE);
        let (inbox, sealing) = (Mutex::new(inbox), Mutex::default());
        let places_of_followers = Arc::new(Semaphore::new(PLACES_OF_FOLLOWERS));
        let has_keeper = true;
        Self { db, clock, key, reads, queue, inbox, places_of_followers, sealing, has_keeper }
    }

    /// The same for a command, which writes few rows: each at once.
    pub fn of_a_command(db: Db, clock: Arc<dyn Clock>, key: AuditKey) -> Self {
        Self { has_keeper: false, ..Self::new(db, clock, key, AuditReads::Strict) }
    }

    /// Whether its end is signed with another key than this one, or this is none: what is written with it would
    /// not be known for ours.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn is_of_another_key(&self) -> Result<bool, StoreError> {
        let head = audit::head(self.db.read()).await?;
        Ok(head.is_some_and(|head| self.is_signed_otherwise(&head)))
    }

    fn is_signed_otherwise(&self, head: &AuditMark) -> bool {
        !head.key_id.is_empty() && head.key_id != self.key.id()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// A caller, as they are written down.
pub fn caller(actor: &Actor) -> AuditedCaller {
    AuditedCaller {
        kind: actor.caller.kind().into(),
        id: actor.caller.id(),
        name: actor.caller.name().map(plain),
        role: actor.role.as_str().into(),
    }
}

/// A text in which nothing stands that one of the engines would not store.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}
