//! Running a transaction to its end: committed or rolled back, run again when it lost a race, and
//! looked for when its commit was cut off.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use tracing::Instrument as _;

use super::database::Db;
use super::error::StoreError;
use super::tx::Tx;
use crate::traces::spans;

/// How often a transaction that keeps losing races is run again.
const MOST_RETRIES: usize = 3;

/// The names of all transactions that may lose a race: each begins to be counted at 0.
pub const TRANSACTIONS: [&str; 62] = [
    "hold",
    "cancel",
    "reschedule",
    "set_status",
    "update",
    "reassign",
    "settle_record",
    "settle_finish",
    "settle_put_off",
    "settle_call",
    "settle_unmade_call",
    "outbox_lease",
    "outbox_all_due",
    "outbox_invite",
    "outbox_release",
    "idempotency_forget",
    "refused_times_forget",
    "event_positions",
    "patient_update",
    "patient_merge",
    "patient_folding",
    "reconcile_tell",
    "roster_edit",
    "people_change",
    "token_change",
    "sign_in",
    "session_change",
    "access_noted",
    "access_forget",
    "audit_rows",
    "audit_seals",
    "audit_prune",
    "audit_forget",
    "series_book",
    "series_cancel",
    "series_reschedule",
    "series_not_moved",
    "hold_slot",
    "hold_release",
    "holds_forget",
    "waitlist_join",
    "waitlist_offer",
    "waitlist_change",
    "waitlist_move",
    "calendar_feed_change",
    "calendar_feed_read",
    "webhook_change",
    "webhook_take_down",
    "webhook_lease",
    "webhook_record",
    "webhook_forget",
    "mail_take_down",
    "mail_write_down",
    "mail_begin",
    "mail_keep",
    "mail_unreachable",
    "mail_record",
    "mail_forget",
    "mail_change",
    "visit_link",
    "visit_link_revoke",
    "visit_link_forget",
];

/// How the work of a transaction ends it.
#[derive(Debug)]
pub enum Ending<T> {
    /// With everything that was written.
    Commit(T),
    /// With nothing.
    RollBack(T),
}

/// An error that tells whether running the whole transaction again may succeed.
pub trait Contention: From<StoreError> {
    /// Whether it merely lost a race.
    fn is_contended(&self) -> bool;
}

impl Contention for StoreError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Contended(_))
    }
}

impl Db {
    /// Runs `work` in a transaction and ends that as it says; an error rolls back. One that lost a
    /// race is run again as a whole, up to three times: nothing that a lost try has read may be
    /// kept. `name` counts the tries.
    ///
    /// # Errors
    ///
    /// Those of `work`; [`StoreError::CommitUnknown`] when the connection was lost in COMMIT.
    pub async fn transaction<T, E, Fut>(
        &self,
        name: &'static str,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<T, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Ending<T>, E>>,
    {
        self.transaction_proved(name, work, |value| async { (value, None) }).await
    }

    /// The same for work that leaves a proof of its own in the database: when the connection was
    /// lost in COMMIT, `proof` reads on another connection whether it is stored; `None` when that
    /// can't be known.
    ///
    /// # Errors
    ///
    /// Those of `work`; [`StoreError::Unavailable`] for one that was not found stored.
    pub async fn transaction_proved<T, E, Fut, Proof>(
        &self,
        name: &'static str,
        work: impl Fn(Tx) -> Fut,
        proof: impl Fn(T) -> Proof,
    ) -> Result<T, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Ending<T>, E>>,
        Proof: Future<Output = (T, Option<bool>)>,
    {
        let span = spans::transaction(self.engine().name(), name);
        self.tries(name, work, proof).instrument(span).await
    }

    async fn tries<T, E, Fut, Proof>(
        &self,
        name: &'static str,
        work: impl Fn(Tx) -> Fut,
        proof: impl Fn(T) -> Proof,
    ) -> Result<T, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Ending<T>, E>>,
        Proof: Future<Output = (T, Option<bool>)>,
    {
        let mut pauses = pauses();
        loop {
            match self.try_once(&work).await {
                Ok(Tried::Done(value)) => return Ok(value),
                Ok(Tried::CutOff(value, cause)) => {
                    tracing::warn!(transaction = name, cause, "A commit was cut off; reading back");
                    let (value, stored) = proof(value).await;
                    return match stored {
                        Some(true) => Ok(value),
                        Some(false) => Err(StoreError::Unavailable(cause).into()),
                        None => Err(StoreError::CommitUnknown(cause).into()),
                    };
                }
                Err(error) if error.is_contended() => {
                    let Some(pause) = pauses.next() else { return Err(error) };
                    metrics::counter!("clinic_transaction_retries_total", "transaction" => name)
                        .increment(1);
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn try_once<T, E, Fut>(&self, work: &impl Fn(Tx) -> Fut) -> Result<Tried<T>, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Ending<T>, E>>,
    {
        let system = self.engine().name();
        let tx = self.begin().instrument(spans::begin(system)).await?;
        let ended = work(tx.clone()).await;
        match ended {
            Ok(Ending::Commit(value)) => {
                match tx.commit().instrument(spans::commit(system)).await {
                    Ok(()) => Ok(Tried::Done(value)),
                    Err(StoreError::CommitUnknown(cause)) => Ok(Tried::CutOff(value, cause)),
                    Err(error) => Err(error.into()),
                }
            }
            Ok(Ending::RollBack(value)) => {
                tx.roll_back().await?;
                Ok(Tried::Done(value))
            }
            Err(error) => {
                tx.roll_back().await?;
                Err(error)
            }
        }
    }
}

/// What came of one try.
enum Tried<T> {
    Done(T),
    /// The connection was lost in COMMIT, and why.
    CutOff(T, String),
}

fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(5))
        .with_max_delay(Duration::from_millis(50))
        .with_jitter()
        .with_max_times(MOST_RETRIES)
        .build()
}

/// Asks again a few times, for the database may be away for a moment.
///
/// # Errors
///
/// Those of the last try.
pub async fn look_again<T, Fut>(look: impl FnMut() -> Fut) -> Result<T, StoreError>
where
    Fut: Future<Output = Result<T, StoreError>>,
{
    let pauses =
        ExponentialBuilder::default().with_min_delay(Duration::from_millis(50)).with_max_times(5);
    look.retry(pauses).await
}
