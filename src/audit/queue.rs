//! The one task through which rows go that have no transaction of their own. What waits while one
//! statement is written is written by the next, so that many answers share a commit.

mod rows;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::time::timeout;

use self::rows::tell;
use super::waiting::{Promise, Receipt, Waiting, not_written};
use super::{AuditReads, Trail, plain};
use crate::db::{Ending, Engine, StoreError, audit};
use crate::domain::audit::{AuditEntry, Mac};

/// How many rows are written together.
const AT_ONCE: usize = 256;
/// How long rows are gathered where nobody waits for them: well below the second that is promised.
const GATHER_FOR: Duration = Duration::from_millis(250);
/// Between two tries to write what nobody waits for.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(500);
/// How often a statement is sent again whose connection had died.
const TRIES: u32 = 3;
/// At the end: as long as rows come that soon after one another, they are waited for.
const QUIET: Duration = Duration::from_millis(50);

/// The name of a request, which comes from outside.
pub(super) fn plain_name(text: &str) -> String {
    plain(text).chars().take(64).collect()
}

fn full() -> StoreError {
    StoreError::Unavailable("too many rows of the audit trail wait to be written".to_owned())
}

/// Writes and seals the trail until `stop` turns true, or nobody is left to turn it; then what is left.
pub async fn keep(trail: Arc<Trail>, stop: watch::Receiver<bool>) {
    let writing = trail.write_what_waits(stop.clone());
    tokio::join!(writing, trail.seal_what_is_written(stop));
    trail.seal_the_rest().await;
}

impl Trail {
    /// Has a row written, and waits until it is committed where that is promised.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it can't be written.
    pub(super) async fn record(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.settle(self.send(entry)?).await
    }

    /// Has a row written; its receipt says when it is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when too many wait.
    pub(super) fn send(&self, entry: AuditEntry) -> Result<Receipt, StoreError> {
        self.send_in(entry, None)
    }

    /// The same with a place, which it keeps until it is written.
    pub(super) fn send_in(
        &self,
        entry: AuditEntry,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Receipt, StoreError> {
        let enqueue = |waiting| self.queue.try_send(waiting).map_err(|_full_or_over| full());
        Ok(Receipt(match self.reads {
            _ if !self.has_keeper => Promise::ToWrite(Box::new(entry)),
            AuditReads::Nothing => Promise::None,
            AuditReads::Batched => {
                enqueue(Waiting { entry, done: None, place })?;
                Promise::None
            }
            AuditReads::Strict => {
                let (done, told) = oneshot::channel();
                enqueue(Waiting { entry, done: Some(done), place })?;
                Promise::Told(told)
            }
        }))
    }

    /// Waits until a row is committed, where that is promised.
    pub(super) async fn settle(&self, Receipt(promise): Receipt) -> Result<(), StoreError> {
        match promise {
            Promise::None => Ok(()),
            Promise::Told(told) => {
                let over = || StoreError::Unavailable("the audit trail is not written".to_owned());
                told.await.unwrap_or_else(|_over| Err(over()))
            }
            Promise::ToWrite(entry) => {
                let mac = self.key.of_row(&entry);
                self.write(&[(*entry, mac)]).await
            }
        }
    }

    /// Has a row written that nobody waits for.
    pub(super) fn record_later(&self, entry: AuditEntry) {
        if self.reads != AuditReads::Nothing
            && self.queue.try_send(Waiting { entry, done: None, place: None }).is_err()
        {
            tracing::error!("A row of the audit trail is lost: too many wait to be written");
        }
    }

    pub(super) async fn write_what_waits(&self, mut stop: watch::Receiver<bool>) {
        let mut inbox = self.inbox.lock().await;
        loop {
            let mut batch = Vec::new();
            let stopped = tokio::select! {
                biased;
                _ = inbox.recv_many(&mut batch, AT_ONCE) => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if stopped {
                break;
            }
            if batch.iter().all(|waiting| waiting.done.is_none()) {
                gather(&mut inbox, &mut batch, GATHER_FOR).await;
            }
            self.write_all(batch).await;
        }
        loop {
            let mut rest = Vec::new();
            let more = timeout(QUIET, inbox.recv_many(&mut rest, AT_ONCE)).await;
            if more.is_err() || rest.is_empty() {
                return;
            }
            self.write_all(rest).await;
        }
    }

    /// Writes what waits, and tells everybody who waits for it.
    async fn write_all(&self, batch: Vec<Waiting>) {
        let mut rows = self.rows_of(batch);
        let all: Vec<(AuditEntry, Mac)> = rows.iter().map(|row| row.stored.clone()).collect();
        let Err(error) = self.write(&all).await else {
            return tell(rows, &Ok(()));
        };
        if matches!(error, StoreError::Internal(_)) && rows.len() > 1 {
            // One of them is to blame: the others have nothing to do with it.
            for row in rows {
                let written = self.write(std::slice::from_ref(&row.stored)).await;
                let written = written.map_err(not_written);
                tell(vec![row], &written);
            }
            return;
        }
        tracing::error!(%error, "Could not write the audit trail: what it should tell is not answered");
        metrics::counter!("clinic_audit_failures_total").increment(1);
        let kept = rows.iter().filter(|row| row.waiting.is_empty());
        let kept: Vec<(AuditEntry, Mac)> = kept.map(|row| row.stored.clone()).collect();
        rows.retain(|row| !row.waiting.is_empty());
        tell(rows, &Err(not_written(error)));
        if !kept.is_empty() {
            self.write_in_the_end(&kept).await;
        }
    }

    /// What nobody waits for is written when the database takes it again; what comes meanwhile queues,
    /// and when the queue is full nothing is answered any more.
    async fn write_in_the_end(&self, kept: &[(AuditEntry, Mac)]) {
        for _try in 0..20 {
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
            if self.write(kept).await.is_ok() {
                return;
            }
        }
        let count = kept.len();
        tracing::error!(
            count,
            "{count} rows of the audit trail are lost: they could not be written"
        );
    }

    /// Writes rows by one statement.
    async fn write(&self, rows: &[(AuditEntry, Mac)]) -> Result<(), StoreError> {
        if self.db.engine() == Engine::Sqlite {
            // It shares its commit with whoever writes at this moment.
            let insert = |tx| async move {
                audit::insert_by_themselves(&tx, rows).await.map(Ending::Commit)
            };
            return self.db.transaction("audit_rows", insert).await;
        }
        let mut tried = 1;
        loop {
            match audit::insert_by_themselves(self.db.read(), rows).await {
                // It may be stored all the same, and is left then.
                Err(error) if error.is_contended() && tried < TRIES => tried += 1,
                written => return written,
            }
        }
    }
}

async fn gather(inbox: &mut mpsc::Receiver<Waiting>, batch: &mut Vec<Waiting>, within: Duration) {
    let gathering = async {
        while batch.len() < AT_ONCE {
            let Some(waiting) = inbox.recv().await else { return };
            let somebody_waits = waiting.done.is_some();
            batch.push(waiting);
            if somebody_waits {
                return;
            }
        }
    };
    drop(timeout(within, gathering).await);
}
