//! From what a caller sent to what is to be made or revoked.

use crate::domain::{CalendarFeedId, PatientName as Name, ProviderId};
use crate::request::{
    Field, FieldReader, IdempotencyKey, Refusal, Resource, fingerprint, parse_provider_id,
};

/// A feed to make, as a door received it.
#[derive(Debug, Default)]
pub struct RawFeed {
    /// Whose visits it shows.
    pub provider_id: String,
    /// What it is for.
    pub name: Option<String>,
    /// Whether it tells who the patients are.
    pub with_patients: bool,
    /// Makes a retry safe.
    pub idempotency_key: Option<String>,
}

/// Make a feed.
#[derive(Debug, Clone)]
pub struct CreateCalendarFeed {
    /// Whose visits it shows.
    pub provider_id: ProviderId,
    /// What it is for.
    pub name: Option<Name>,
    /// Whether it tells who the patients are.
    pub with_patients: bool,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl CreateCalendarFeed {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id of a provider.
    pub fn parse(raw: &RawFeed) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let field = Field::Other("name".to_owned());
        let name = fields.optional(field, raw.name.as_deref(), Name::parse);
        let idempotency_key = fields.key(raw.idempotency_key.as_deref());
        fields.finish()?;
        let provider_id = parse_provider_id(&raw.provider_id)?;
        Ok(Self { provider_id, name, with_patients: raw.with_patients, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        let name = self.name.as_ref().map_or("", Name::as_str);
        let (provider, patients) = (self.provider_id.to_string(), self.with_patients.to_string());
        fingerprint(&["create calendar feed", &provider, name, &patients])
    }
}

/// Have a feed open nothing any more.
#[derive(Debug, Clone)]
pub struct RevokeCalendarFeed {
    /// Which.
    pub id: CalendarFeedId,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RevokeCalendarFeed {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, idempotency_key: Option<&str>) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        let not_found = |_malformed| Refusal::NotFound(Resource::CalendarFeed);
        let id = id.parse().map_err(not_found)?;
        Ok(Self { id, idempotency_key })
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&["revoke calendar feed", &self.id.to_string()])
    }
}
