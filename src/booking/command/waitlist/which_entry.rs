//! Which entry of the waitlist a request changes, and on which terms.

use jiff::Timestamp;

use crate::domain::{AppointmentId, WaitlistEntry, WaitlistEntryId, WaitlistOffer};
use crate::request::{
    ExpectedVersion, FieldReader, IdempotencyKey, Refusal, Resource, fingerprint,
};

/// Which entry of the waitlist is to be changed, and on which terms.
#[derive(Debug, Clone)]
pub struct WhichEntry {
    /// Its id.
    pub id: WaitlistEntryId,
    /// The one offer that is meant; whichever is open unless it is said.
    pub offer: Option<AppointmentId>,
    /// The version that the caller has seen.
    pub expected: ExpectedVersion,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl WhichEntry {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        expected: ExpectedVersion,
        idempotency_key: Option<&str>,
    ) -> Result<Self, Refusal> {
        let mut fields = FieldReader::after(Vec::new());
        let expected = fields.expected(expected);
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::WaitlistEntry))?;
        Ok(Self { id, offer: None, expected, idempotency_key })
    }

    /// The offer of that entry which is meant, while it may be answered.
    pub(in crate::booking) fn means<'a>(
        &self,
        entry: &'a WaitlistEntry,
        now: Timestamp,
    ) -> Option<&'a WaitlistOffer> {
        let is_meant = |offer: &&WaitlistOffer| self.offer.is_none_or(|meant| meant == offer.id);
        entry.open_offer().filter(|offer| offer.is_live(now)).filter(is_meant)
    }

    /// Tells a request from others under one key.
    pub(in crate::booking) fn fingerprint(&self, word: &str) -> String {
        let mut parts = vec![word.to_owned(), self.id.to_string()];
        parts.extend(self.expected.fingerprint());
        fingerprint(&parts)
    }
}
