//! Patients' links: what is to open nothing any more.

use async_graphql::{ID, InputObject};

use crate::graphql::notes::Notes;
use crate::links::RevokeVisitLink;
use crate::request::Refusal;

/// A visit whose links are to open nothing any more.
#[derive(InputObject)]
pub(in crate::graphql) struct RevokeVisitLinkInput {
    /// The visit.
    appointment_id: ID,
    /// Makes a retry safe. 1 to 255 visible ASCII characters.
    idempotency_key: Option<String>,
}

impl RevokeVisitLinkInput {
    pub(in crate::graphql) fn parse(self, notes: &Notes) -> Result<RevokeVisitLink, Refusal> {
        let key = notes.key(self.idempotency_key);
        RevokeVisitLink::parse(&self.appointment_id, key.as_deref())
    }
}
