//! Letting go of what is old: rows below a signed checkpoint, after which the chain begins.

use jiff::{SignedDuration, Timestamp};

use super::chain::Purpose;
use super::{Act, Audited, Touched, Trail};
use crate::access::Actor;
use crate::db::{Ending, StoreError, Tx, audit};

/// How long rows are kept at least, unless somebody insists: six years (45 CFR 164.316(b)(2)(i)).
pub const LEAST_KEPT: SignedDuration = SignedDuration::from_hours(24 * (6 * 365 + 2));

/// About how many rows one transaction removes: nobody else writes to `SQLite` meanwhile.
const AT_ONCE: i64 = 2000;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many rows went.
    pub rows: u64,
    /// The last seal that may be gone; none where nothing was old enough.
    pub up_to: Option<i64>,
}

impl Trail {
    /// Removes what was written before that moment, in whole blocks of seals, and leaves a checkpoint and
    /// a row that says so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn prune(&self, actor: &Actor, before: Timestamp) -> Result<Pruned, StoreError> {
        let Some(seal) = audit::forgettable(self.db.read(), before).await? else {
            return Ok(Pruned { rows: self.forget().await?, up_to: None });
        };
        let act = Act::of(actor, "audit prune");
        let checkpoint = self.key.sign(Purpose::Checkpoint, (seal.seq, seal.mac), self.now());
        let checkpoint = &checkpoint;
        let leave = |tx: Tx| async move {
            audit::put_checkpoint(&tx, checkpoint).await?;
            Ok::<_, StoreError>(Audited::Commit((), Touched::default()))
        };
        let unproved = |()| async { ((), None) };
        self.transaction("audit_prune", &act, leave, unproved).await?;
        Ok(Pruned { rows: self.forget().await?, up_to: Some(seal.seq) })
    }

    /// Removes what stands below the last checkpoint, also what somebody who was cut off has left.
    async fn forget(&self) -> Result<u64, StoreError> {
        let mut gone = 0;
        loop {
            let forget =
                |tx| async move { audit::forget_below(&tx, AT_ONCE).await.map(Ending::Commit) };
            match self.db.transaction("audit_forget", forget).await? {
                0 => return Ok(gone),
                rows => gone += rows,
            }
        }
    }
}
