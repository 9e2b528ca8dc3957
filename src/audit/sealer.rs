//! The sealer: it gives committed rows their places in the chain, one replica at a time, so that nobody
//! who writes a row waits for another's.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use super::Trail;
use super::chain::{LoggedHead, Purpose};
use super::sealing::Sealing;
use crate::db::{Ending, Engine, StoreError, Tx, audit};
use crate::domain::audit::{AuditMark, SEALS_A_BLOCK, StoredAuditEntry};

/// How often it is looked for rows: each is to be sealed within a second.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many rows one transaction seals: on `SQLite` nobody else writes meanwhile.
const AT_ONCE: u32 = 512;
/// How often the log says where the chain ends.
const LOG_EVERY: Duration = Duration::from_mins(1);
impl Trail {
    pub(super) async fn seal_what_is_written(&self, mut stop: watch::Receiver<bool>) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if self.is_of_another_key().await.unwrap_or_default() {
            // Once for each change of it: what this one seals is signed with its own.
            tell_of_another_key();
        }
        if let Err(error) = self.sign_the_beginning().await {
            tracing::warn!(%error, "Could not sign the beginning of the audit trail");
        }
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            if let Err(error) = self.seal_what_came().await {
                tracing::warn!(%error, "Could not seal the audit trail; trying again");
            }
        }
    }

    /// Says in a trail that has not begun yet that it is written with a key: a command that has none
    /// is told so (`is_of_another_key`).
    async fn sign_the_beginning(&self) -> Result<(), StoreError> {
        let sign = |tx: Tx| async move {
            let head = audit::head(&tx).await?;
            let is_new = head.is_some_and(|head| head.seq == 0 && head.key_id.is_empty());
            if !is_new || !self.key.is_one() {
                return Ok::<_, StoreError>(Ending::RollBack(()));
            }
            let signed = self.key.sign(Purpose::Head, (0, [0; 32]), self.now());
            audit::move_head(&tx, 0, &signed).await?;
            Ok(Ending::Commit(()))
        };
        self.db.transaction("audit_seals", sign).await
    }

    /// At the end.
    pub(super) async fn seal_the_rest(&self) {
        if let Err(error) = self.seal().await {
            tracing::warn!(%error, "Could not seal the audit trail; the next server will");
        }
        let mut sealing = self.sealing.lock().await;
        sealing.logged = None;
        self.log_head(&mut sealing).await;
    }

    /// Seals all that is committed and is not; nothing where another replica is at it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails, or a row can't be read.
    pub async fn seal(&self) -> Result<(), StoreError> {
        let mut sealing = self.sealing.lock().await;
        self.seal_all(&mut sealing).await
    }

    /// The same, but that it finds some that were long on their way only every few seconds: to look at
    /// every row takes longer the more there are.
    async fn seal_what_came(&self) -> Result<(), StoreError> {
        let mut sealing = self.sealing.lock().await;
        let now = Instant::now();
        if self.db.engine() == Engine::Sqlite || sealing.whole_is_due(now) {
            return self.seal_all(&mut sealing).await;
        }
        let seen = audit::horizon(self.db.read()).await?;
        if self.seal_after(sealing.recent(now)).await?.is_some() {
            sealing.saw(now, seen);
        }
        self.log_head(&mut sealing).await;
        Ok(())
    }

    async fn seal_all(&self, sealing: &mut Sealing) -> Result<(), StoreError> {
        let Some(last) = self.seal_after(sealing.done).await? else { return Ok(()) };
        match self.db.engine() {
            // One writer at a time: the numbers are the order of the commits.
            Engine::Sqlite => sealing.done = last,
            Engine::Postgres => {
                let seen = audit::horizon(self.db.read()).await?;
                let left = audit::unsealed(self.db.read(), sealing.done, 1).await?;
                let up_to = left.first().map_or(seen.last_number, |row| row.number - 1);
                sealing.learn(Instant::now(), seen, up_to);
            }
        }
        self.log_head(sealing).await;
        Ok(())
    }

    /// Seals what is committed after that number and is not sealed; says which is sealed last now, none
    /// where another replica has the turn.
    async fn seal_after(&self, after: i64) -> Result<Option<i64>, StoreError> {
        // A look that costs nothing and takes no turn: most find nothing.
        while !audit::unsealed(self.db.read(), after, 1).await?.is_empty() {
            let seal = |tx| async move { self.seal_some(&tx, after).await };
            let Some(count) = self.db.transaction("audit_seals", seal).await? else {
                return Ok(None);
            };
            if count < usize::try_from(AT_ONCE).unwrap_or(usize::MAX) {
                break;
            }
        }
        Ok(Some(audit::last_sealed(self.db.read()).await?.max(after)))
    }

    /// Seals some rows after that number; says how many, none where another replica has the turn.
    async fn seal_some(&self, tx: &Tx, after: i64) -> Result<Ending<Option<usize>>, StoreError> {
        if !audit::take_turn(tx).await? {
            return Ok(Ending::RollBack(None));
        }
        let rows = audit::unsealed(tx, after, AT_ONCE).await?;
        let Some(head) = audit::head(tx).await?.filter(|_| !rows.is_empty()) else {
            return Ok(Ending::RollBack(Some(0)));
        };
        let new_head = self.put_seals(tx, &head, &rows).await?;
        if !audit::move_head(tx, head.seq, &new_head).await? {
            return Err(StoreError::Contended("sealed meanwhile".to_owned()));
        }
        let count = rows.len();
        metrics::counter!("clinic_audit_sealed_total")
            .increment(u64::try_from(count).unwrap_or_default());
        Ok(Ending::Commit(Some(count)))
    }

    async fn put_seals(
        &self,
        tx: &Tx,
        head: &AuditMark,
        rows: &[StoredAuditEntry],
    ) -> Result<AuditMark, StoreError> {
        let (mut seq, mut before) = (head.seq, head.mac);
        let (mut seals, mut subjects) = (Vec::new(), BTreeSet::new());
        for row in rows {
            seq += 1;
            let seal = self.key.seal(seq, &before, row);
            before = seal.mac;
            seals.push(seal);
            let block = seq.div_euclid(SEALS_A_BLOCK);
            subjects.extend(row.entry.subjects().map(|subject| (subject, block)));
        }
        audit::put_seals(tx, &seals).await?;
        audit::put_subjects(tx, &subjects).await?;
        Ok(self.key.sign(Purpose::Head, (seq, before), self.now()))
    }

    /// Says in the log where the chain ends, for keeping where whoever owns this database can't reach.
    async fn log_head(&self, sealing: &mut Sealing) {
        if sealing.logged.is_some_and(|(at, _)| at.elapsed() < LOG_EVERY) {
            return;
        }
        let Ok(Some(head)) = audit::head(self.db.read()).await else { return };
        if sealing.logged.is_some() && self.is_signed_otherwise(&head) {
            tell_of_another_key();
        }
        if head.seq > 0 && sealing.logged.is_none_or(|(_, seq)| seq != head.seq) {
            let seq = head.seq;
            let head = LoggedHead(head);
            tracing::info!(audit.seq = seq, audit.head = %head, "The audit trail ends at {head}");
        }
        sealing.logged = Some((Instant::now(), sealing.logged.map_or(0, |(_, seq)| seq)));
    }
}

fn tell_of_another_key() {
    tracing::warn!(
        "The end of the audit trail is signed with another AUDIT_KEY than this server has. If it was changed, keep the \
         one before, which clinic audit verify needs as --previous-key-file. Else a server or a command has another \
         one: give all the same"
    );
}
