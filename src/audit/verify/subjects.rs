//! Whether the list by which the rows of somebody are found is what the rows say: what is missing in it
//! would be found by nobody who looks for it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::ahead::ahead;
use crate::audit::chain::{AuditKey, Bytes};
use crate::db::{Db, StoreError, audit};

const SUBJECT: &[u8] = b"clinic audit subject 1";
/// How many entries are read at once.
const AT_ONCE: u32 = 10_000;

/// Says of a set of entries, in whatever order they come, whether it is another.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest(u128);

impl Digest {
    pub(super) fn add(&mut self, key: &AuditKey, subject: Uuid, block: i64) {
        let mut bytes = Bytes::tagged(SUBJECT);
        bytes.put(subject.as_bytes());
        bytes.number(block);
        let mac = key.mac(bytes.as_slice());
        let half = mac.iter().take(16).fold(0, |sum, byte| (sum << 8) | u128::from(*byte));
        self.0 = self.0.wrapping_add(half);
    }
}

/// The entries that the database has: of the blocks after `beginning` and before `last` their digest, of
/// `last` itself all.
pub(super) async fn listed(
    db: &Db,
    key: &AuditKey,
    (beginning, last): (i64, i64),
) -> Result<(Digest, BTreeSet<Uuid>), StoreError> {
    let (mut digest, mut of_last) = (Digest::default(), BTreeSet::new());
    let read = |after| {
        let db = db.clone();
        ahead(async move { audit::subjects_after(db.read(), after, AT_ONCE).await })
    };
    let mut coming = read((Uuid::nil(), i64::MIN));
    loop {
        let entries = coming.await?;
        let Some(end) = entries.last() else { return Ok((digest, of_last)) };
        coming = read(*end);
        for (subject, block) in entries {
            if block == last {
                of_last.insert(subject);
            } else if block >= beginning && block < last {
                digest.add(key, subject, block);
            }
        }
    }
}
