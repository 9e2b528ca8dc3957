//! Along the chain: each seal, its row, and that it follows the one before.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::ahead::ahead;
use super::finding::Finding;
use super::keys::Keys;
use super::outcome::Verification;
use super::subjects::Digest;
use crate::db::audit::{self, Linked};
use crate::db::{Db, StoreError};
use crate::domain::audit::{AuditSeal, Mac, SEALS_A_BLOCK, StoredAuditEntry};

/// How many seals are read at once.
const AT_ONCE: u32 = 4000;

/// Where a walk has come to.
pub(super) struct Walk<'a> {
    keys: &'a Keys,
    /// The last seal that there was.
    pub(super) last: i64,
    /// That seal, where it could be read.
    pub(super) mac: Option<Mac>,
    /// The seal at the place that was asked for.
    pub(super) at_mark: Option<AuditSeal>,
    mark: i64,
    without_key: Option<(i64, u64)>,
    /// Of each key that is not at hand the first seal and how many.
    other_keys: BTreeMap<Vec<u8>, (i64, u64)>,
    block: (i64, BTreeSet<Uuid>),
    /// Whom the rows of all blocks are about, but of the last.
    pub(super) subjects: Digest,
}

impl<'a> Walk<'a> {
    /// From behind that seal on; `mark` is the place of one to be kept.
    pub(super) fn from(keys: &'a Keys, (seq, mac): (i64, Mac), mark: i64) -> Self {
        Self {
            keys,
            last: seq,
            mac: Some(mac),
            at_mark: None,
            mark,
            without_key: None,
            other_keys: BTreeMap::new(),
            block: ((seq + 1).div_euclid(SEALS_A_BLOCK), BTreeSet::new()),
            subjects: Digest::default(),
        }
    }

    /// The keys.
    pub(super) fn keys(&self) -> &Keys {
        self.keys
    }

    /// Whom the rows of the last block are about, and which one that is.
    pub(super) fn last_block(&self) -> &(i64, BTreeSet<Uuid>) {
        &self.block
    }

    /// To the end.
    pub(super) async fn go(&mut self, db: &Db, found: &mut Verification) -> Result<(), StoreError> {
        let read = |after| {
            let db = db.clone();
            ahead(async move { audit::walk(db.read(), after, AT_ONCE).await })
        };
        let mut coming = read(self.last);
        loop {
            let linked = coming.await?;
            let Some(last) = linked.last() else { break };
            coming = read(last.seq);
            for one in linked {
                self.step(one, found);
            }
        }
        for (seq, count) in self.other_keys.values().copied() {
            found.find(Finding::OtherKey { seq, count });
        }
        if let Some((seq, count)) = self.without_key {
            found.find(Finding::WithoutKey { seq, count });
        }
        Ok(())
    }

    fn step(&mut self, linked: Linked, found: &mut Verification) {
        let Linked { seq, seal, row } = linked;
        let before = if seq == self.last + 1 {
            self.mac
        } else {
            found.find(Finding::Gap(self.last + 1, seq - 1));
            None
        };
        self.last = seq;
        let Ok(seal) = seal else {
            self.mac = None;
            return found.find(Finding::Unreadable(seq));
        };
        self.mac = Some(seal.mac);
        if seq == self.mark {
            self.at_mark = Some(seal.clone());
        }
        match row {
            Err(_unreadable) => found.find(Finding::Unreadable(seq)),
            Ok(None) => found.find(Finding::RowGone(seq)),
            Ok(Some(row)) => {
                self.judge(&seal, before.as_ref(), &row, found);
                self.note_subjects(seq, &row);
            }
        }
    }

    fn judge(
        &mut self,
        seal: &AuditSeal,
        before: Option<&Mac>,
        row: &StoredAuditEntry,
        found: &mut Verification,
    ) {
        let seq = seal.seq;
        let Some(key) = self.keys.of(&seal.key_id) else {
            let (_first, count) = self.other_keys.entry(seal.key_id.clone()).or_insert((seq, 0));
            *count += 1;
            return;
        };
        if !key.is_one() {
            found.keyless += 1;
            if !self.keys.expects(&seal.key_id, seq) {
                let (first, count) = self.without_key.unwrap_or((seq, 0));
                self.without_key = Some((first, count + 1));
            }
        }
        if !self.keys.wrote(Some(key), row) {
            return found.find(Finding::RowChanged { seq, id: row.entry.id.to_string() });
        }
        match before {
            Some(before) if !key.has_sealed(seal, before, row) => {
                found.find(Finding::SealBroken(seq));
            }
            _ => found.sealed += 1,
        }
    }

    fn note_subjects(&mut self, seq: i64, row: &StoredAuditEntry) {
        let block = seq.div_euclid(SEALS_A_BLOCK);
        if block != self.block.0 {
            let (block, subjects) = std::mem::replace(&mut self.block, (block, BTreeSet::new()));
            for subject in subjects {
                self.subjects.add(&self.keys.current, subject, block);
            }
        }
        self.block.1.extend(row.entry.subjects());
    }
}
