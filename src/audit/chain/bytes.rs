//! The one form in which a row is sealed: every field with its length before it, so that no two rows
//! have the same bytes, whatever stands in them and whichever engine has stored them.

use jiff::Timestamp;

use crate::domain::audit::{AuditEntry, AuditedCaller};

/// Says what kind of bytes follow, and in which form.
const ROW: &[u8] = b"clinic audit row 1";

/// Bytes in the making.
#[derive(Default)]
pub(in crate::audit) struct Bytes(Vec<u8>);

impl Bytes {
    /// Bytes of that kind: those of another are never the same.
    pub(in crate::audit) fn tagged(tag: &[u8]) -> Self {
        let mut bytes = Self::default();
        bytes.put(tag);
        bytes
    }

    pub(in crate::audit) fn put(&mut self, value: &[u8]) {
        // No field comes near to that: one that did would not be taken for another of the same bytes.
        let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
        self.0.extend(length.to_be_bytes());
        self.0.extend(value);
    }

    pub(in crate::audit) fn number(&mut self, number: i64) {
        self.0.extend(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.put(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.0.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn instant(&mut self, instant: Timestamp) {
        self.number(instant.as_microsecond());
    }

    fn caller(&mut self, caller: Option<&AuditedCaller>) {
        self.maybe(caller.map(|caller| caller.kind.as_ref()));
        self.maybe(caller.and_then(|caller| caller.id.as_deref()));
        self.maybe(caller.and_then(|caller| caller.name.as_deref()));
        self.maybe(caller.map(|caller| caller.role.as_ref()));
    }

    pub(in crate::audit) fn at(&mut self, instant: Timestamp) {
        self.instant(instant);
    }

    pub(in crate::audit) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

/// The bytes of a row.
pub(super) fn canonical(entry: &AuditEntry) -> Bytes {
    let mut bytes = Bytes::tagged(ROW);
    bytes.put(entry.id.uuid().as_bytes());
    bytes.instant(entry.at);
    bytes.text(entry.kind.as_str());
    bytes.caller(Some(&entry.actor));
    bytes.maybe(entry.address.as_deref());
    bytes.caller(entry.on_behalf_of.as_ref());
    bytes.text(&entry.operation);
    bytes.text(&entry.fields);
    let ids: Vec<u8> = entry.patients.iter().flat_map(|id| id.uuid().into_bytes()).collect();
    bytes.put(&ids);
    let ids: Vec<u8> = entry.appointments.iter().flat_map(|id| id.uuid().into_bytes()).collect();
    bytes.put(&ids);
    match entry.change {
        Some(change) => {
            bytes.put(change.appointment.uuid().as_bytes());
            bytes.number(change.version_before.into());
            bytes.number(change.version_after.into());
        }
        None => bytes.put(b""),
    }
    bytes.text(&entry.outcome);
    bytes.maybe(entry.request_id.as_deref());
    bytes.text(&entry.recipients);
    // Last, and not at all where there is none: so had it rows before there was such a column.
    if let Some(object) = &entry.object {
        bytes.text(object);
    }
    bytes
}
