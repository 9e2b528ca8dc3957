//! What binds rows together: a code for each row as it is written, a seal for each in order, and
//! signatures over where the chain ends and where it may begin.

mod bytes;
mod key;

pub use key::{AuditKey, KeyError, SHORTEST, file_beside};

pub(super) use bytes::Bytes;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use self::bytes::canonical;
use crate::domain::audit::{AuditEntry, AuditMark, AuditSeal, Mac, StoredAuditEntry};

const SEAL: &[u8] = b"clinic audit seal 1";

/// What a place in the chain is signed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The chain ends there.
    Head,
    /// What stands below may be gone.
    Checkpoint,
}

impl Purpose {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Head => b"clinic audit head 1",
            Self::Checkpoint => b"clinic audit checkpoint 1",
        }
    }
}

impl AuditKey {
    /// What shows that this server wrote the row.
    pub(super) fn of_row(&self, entry: &AuditEntry) -> Mac {
        self.mac(canonical(entry).as_slice())
    }

    pub(super) fn wrote(&self, row: &StoredAuditEntry) -> bool {
        self.has_made(&row.mac, canonical(&row.entry).as_slice())
    }

    /// The seal of a row at that place, after the seal before.
    pub(super) fn seal(&self, seq: i64, before: &Mac, row: &StoredAuditEntry) -> AuditSeal {
        let bytes = sealed_bytes(seq, self.id(), before, row);
        let mac = self.mac(bytes.as_slice());
        AuditSeal { seq, event: row.number, key_id: self.id().to_vec(), mac }
    }

    pub(super) fn has_sealed(
        &self,
        seal: &AuditSeal,
        before: &Mac,
        row: &StoredAuditEntry,
    ) -> bool {
        let bytes = sealed_bytes(seal.seq, &seal.key_id, before, row);
        self.has_made(&seal.mac, bytes.as_slice())
    }

    /// A place in the chain, signed.
    pub(super) fn sign(
        &self,
        purpose: Purpose,
        (seq, mac): (i64, Mac),
        at: Timestamp,
    ) -> AuditMark {
        // As it is stored.
        let at = Timestamp::from_second(at.as_second()).unwrap_or(at);
        let unsigned = AuditMark { seq, at, key_id: self.id().to_vec(), mac, signature: [0; 32] };
        let signature = self.mac(marked_bytes(purpose, &unsigned).as_slice());
        AuditMark { signature, ..unsigned }
    }

    pub(super) fn has_signed(&self, purpose: Purpose, mark: &AuditMark) -> bool {
        self.has_made(&mark.signature, marked_bytes(purpose, mark).as_slice())
    }
}

fn sealed_bytes(seq: i64, key_id: &[u8], before: &Mac, row: &StoredAuditEntry) -> Bytes {
    let mut bytes = Bytes::tagged(SEAL);
    bytes.number(seq);
    bytes.number(row.number);
    bytes.put(key_id);
    bytes.put(before);
    bytes.put(&row.mac);
    bytes.put(canonical(&row.entry).as_slice());
    bytes
}

fn marked_bytes(purpose: Purpose, mark: &AuditMark) -> Bytes {
    let mut bytes = Bytes::tagged(purpose.tag());
    bytes.number(mark.seq);
    bytes.at(mark.at);
    bytes.put(&mark.key_id);
    bytes.put(&mark.mac);
    bytes
}

/// Where the chain ended at some moment, as it is written into the log: `--head` takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedHead(pub AuditMark);

/// The text is not one that the log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a head as the log has it: number.seconds.key.seal.signature")]
pub struct MalformedHead;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let digits = |place: usize| u8::from_str_radix(text.get(place..place + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(digits).collect()
}

impl fmt::Display for LoggedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AuditMark { seq, at, key_id, mac, signature } = &self.0;
        let (key, mac, signature) = (hex(key_id), hex(mac), hex(signature));
        write!(f, "{seq}.{}.{key}.{mac}.{signature}", at.as_second())
    }
}

impl FromStr for LoggedHead {
    type Err = MalformedHead;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.trim().split('.').collect();
        let [seq, at, key_id, mac, signature] = parts.as_slice() else {
            return Err(MalformedHead);
        };
        let mac_in = |text: &str| unhex(text)?.try_into().ok();
        let mark = || {
            Some(AuditMark {
                seq: seq.parse().ok()?,
                at: Timestamp::from_second(at.parse().ok()?).ok()?,
                key_id: unhex(key_id)?,
                mac: mac_in(mac)?,
                signature: mac_in(signature)?,
            })
        };
        mark().map(Self).ok_or(MalformedHead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_from_the_log_and_nothing_else_is_one() {
        let key = AuditKey::of("0123456789abcdef0123456789abcdef").unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let head = LoggedHead(key.sign(Purpose::Head, (7, [9; 32]), at));
        assert_eq!(head.to_string().parse(), Ok(head.clone()));
        assert!(key.has_signed(Purpose::Head, &head.0));
        assert!(!key.has_signed(Purpose::Checkpoint, &head.0), "signed for one purpose alone");
        for text in ["", "7", "7.1.zz.00.00", &head.to_string()[1..].replace('.', ":")] {
            assert_eq!(text.parse::<LoggedHead>(), Err(MalformedHead), "{text}");
        }
    }
}
