//! Showing whether the trail is as it was written: every row, every seal, the chain of them, its end and
//! its beginning, and the list of whom it is about.

mod ahead;
mod finding;
mod keys;
mod outcome;
mod subjects;
mod walk;

pub use finding::Finding;
pub use keys::Keys;
pub use outcome::Verification;

use std::cmp::Ordering;

use jiff::SignedDuration;

use self::walk::Walk;
use super::chain::{LoggedHead, Purpose};
use crate::db::audit::{self, Unsealed};
use crate::db::{Db, StoreError};
use crate::domain::audit::{AuditMark, Mac, SEALS_A_BLOCK};

/// A row is sealed within a second, and one that was long on its way a little later; where what came after a
/// row is sealed, and that row is so much older than the last seal and is not, it was kept from it.
const SEALED_WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// How many numbers of rows are looked at by one statement.
const STRETCH: i64 = 50_000;

impl Verification {
    /// Verifies the trail of a database; that it holds a head that was kept elsewhere too, if one is
    /// given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn of(db: &Db, keys: &Keys, kept: Option<&LoggedHead>) -> Result<Self, StoreError> {
        let mut found = Self::default();
        // In this order: what is sealed meanwhile comes after the end that was read.
        let head = found.read_head(db).await?;
        let beginning = found.beginning(db, keys).await?;
        let signed = head.as_ref().map_or(0, |head| head.seq);
        let mut walk = Walk::from(keys, beginning, signed);
        walk.go(db, &mut found).await?;
        found.end(db, &walk, beginning, head.clone()).await?;
        if let Some(kept) = kept {
            found.kept_elsewhere(db, keys, kept, beginning.0).await?;
        }
        found.what_is_not_sealed(db, keys, head.as_ref()).await?;
        if found.found == 0 {
            found.subjects(db, keys, &walk, beginning.0).await?;
        }
        Ok(found)
    }

    async fn read_head(&mut self, db: &Db) -> Result<Option<AuditMark>, StoreError> {
        match audit::head(db.read()).await {
            Ok(None) => {
                self.find(Finding::HeadGone);
                Ok(None)
            }
            Err(StoreError::Internal(_)) => {
                self.find(Finding::HeadForged);
                Ok(None)
            }
            read => read,
        }
    }

    /// The place and the seal after which the chain begins.
    async fn beginning(&mut self, db: &Db, keys: &Keys) -> Result<(i64, Mac), StoreError> {
        let from_the_first = (0, [0; 32]);
        let checkpoint = match audit::last_checkpoint(db.read()).await {
            Ok(None) => return Ok(from_the_first),
            Ok(Some(checkpoint)) => checkpoint,
            Err(StoreError::Internal(_)) => {
                self.find(Finding::CheckpointForged(0));
                return Ok(from_the_first);
            }
            Err(error) => return Err(error),
        };
        if keys.of(&checkpoint.key_id).is_none() {
            // What comes after it is judged all the same, and nobody is told that what stood below is missing.
            self.find(Finding::CheckpointOfOtherKey(checkpoint.seq));
            return Ok((checkpoint.seq, checkpoint.mac));
        }
        if keys.signed(Purpose::Checkpoint, &checkpoint) {
            self.checkpoint = Some(checkpoint.seq);
            return Ok((checkpoint.seq, checkpoint.mac));
        }
        self.find(Finding::CheckpointForged(checkpoint.seq));
        Ok(from_the_first)
    }

    /// Whether the chain ends where it is signed to.
    async fn end(
        &mut self,
        db: &Db,
        walk: &Walk<'_>,
        (beginning, first): (i64, Mac),
        head: Option<AuditMark>,
    ) -> Result<(), StoreError> {
        let Some(head) = head else { return Ok(()) };
        let nothing_sealed =
            AuditMark { seq: 0, at: head.at, key_id: Vec::new(), mac: [0; 32], signature: [0; 32] };
        let now_signed = audit::head(db.read()).await?.map_or(head.seq, |head| head.seq);
        if walk.last < head.seq || walk.last > now_signed {
            self.find(Finding::EndsElsewhere { last: walk.last, signed: head.seq });
        }
        if head == nothing_sealed {
            return Ok(());
        }
        let (key_id, mac) = match &walk.at_mark {
            Some(seal) => (seal.key_id.clone(), Some(seal.mac)),
            // All that there was is gone, as it may.
            None if head.seq == beginning => (head.key_id.clone(), Some(first)),
            None => (head.key_id.clone(), None),
        };
        // By the key of its seal, whichever that is: seals without one are told by themselves.
        let key = walk.keys().of(&head.key_id);
        let ours = key.is_some_and(|key| key.has_signed(Purpose::Head, &head));
        if key.is_none() && key_id == head.key_id {
            self.find(Finding::HeadOfOtherKey);
        } else if !ours || key_id != head.key_id || mac.is_some_and(|mac| mac != head.mac) {
            self.find(Finding::HeadForged);
        }
        self.head = Some(LoggedHead(head));
        Ok(())
    }

    /// Whether this is the trail that ended so at some time.
    async fn kept_elsewhere(
        &mut self,
        db: &Db,
        keys: &Keys,
        LoggedHead(kept): &LoggedHead,
        beginning: i64,
    ) -> Result<(), StoreError> {
        let Some(key) = keys.of(&kept.key_id) else {
            self.find(Finding::KeptHeadOfOtherKey(kept.seq));
            return Ok(());
        };
        let ours = key.has_signed(Purpose::Head, kept);
        let there = match kept.seq.cmp(&beginning) {
            // It was allowed to go since.
            Ordering::Less => true,
            Ordering::Equal => {
                audit::last_checkpoint(db.read()).await?.is_none_or(|mark| mark.mac == kept.mac)
            }
            Ordering::Greater => {
                let seal = match audit::seal_at(db.read(), kept.seq).await {
                    Err(StoreError::Internal(_)) => None,
                    seal => seal?,
                };
                seal.is_some_and(|seal| seal.mac == kept.mac)
            }
        };
        if !ours || !there {
            self.find(Finding::OtherHead(kept.seq));
        }
        Ok(())
    }

    /// Whether rows were kept from being sealed, or changed before they are. Those at the end wait for the
    /// next server, for as long as none runs: a backup and a restore leave them behind.
    async fn what_is_not_sealed(
        &mut self,
        db: &Db,
        keys: &Keys,
        head: Option<&AuditMark>,
    ) -> Result<(), StoreError> {
        let highest = audit::highest_sealed(db.read()).await?;
        let all_keys = head.is_none_or(|head| keys.of(&head.key_id).is_some());
        let (mut after, mut never, mut others) = (0, None, None);
        loop {
            let (rows, last) = audit::unsealed_within(db.read(), after, STRETCH).await?;
            for Unsealed { number, at, row } in rows {
                let explained = |head: &AuditMark| {
                    at.is_some_and(|at| head.at.duration_since(at).abs() <= SEALED_WITHIN)
                };
                let waits = number > highest || head.is_some_and(explained);
                let (is_read, is_ours) = (row.is_ok(), row.is_ok_and(|row| keys.wrote(None, &row)));
                if !is_ours && is_read && !all_keys {
                    let (first, count) = others.unwrap_or((number, 0));
                    others = Some((first, count + 1));
                } else if !is_ours {
                    self.find(Finding::UnsealedChanged(number));
                } else if waits {
                    self.unsealed += 1;
                    self.waits_since = self.waits_since.into_iter().chain(at).min();
                } else {
                    let (first, count) = never.unwrap_or((number, 0));
                    never = Some((first, count + 1));
                }
            }
            let Some(last) = last else { break };
            after = last;
        }
        if let Some((number, count)) = others {
            self.find(Finding::UnsealedOfOtherKey { number, count });
        }
        if let Some((number, count)) = never {
            self.find(Finding::NeverSealed { number, count });
        }
        Ok(())
    }

    /// Whether whom the rows are about is what the list says by which they are found.
    async fn subjects(
        &mut self,
        db: &Db,
        keys: &Keys,
        walk: &Walk<'_>,
        beginning: i64,
    ) -> Result<(), StoreError> {
        let (last, said) = walk.last_block();
        let first = (beginning + 1).div_euclid(SEALS_A_BLOCK);
        let (listed, of_last) = subjects::listed(db, &keys.current, (first, *last)).await?;
        // More may have been sealed into the last block meanwhile.
        let nothing_new = audit::head(db.read()).await?.is_some_and(|head| head.seq == walk.last);
        let same = if nothing_new { *said == of_last } else { said.is_subset(&of_last) };
        if listed != walk.subjects || !same {
            self.find(Finding::SubjectsDiffer);
        }
        Ok(())
    }
}
