//! `updateProvider`.

use crate::access::Permission;
use crate::domain::{ProviderId, ProviderRecord, TimeZoneName};
use crate::request::{FieldReader, Refusal, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{field, short_text, shown_text};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

/// What is to become of a provider, as a door received it. What is left out stays.
#[derive(Debug, Default)]
pub struct RawProfile {
    /// The name.
    pub name: Option<String>,
    /// Degrees and titles.
    pub credentials: Option<String>,
    /// The zone.
    pub time_zone: Option<String>,
    /// Whether they work here.
    pub active: Option<bool>,
}

/// Change what is known of a provider.
#[derive(Debug)]
pub struct UpdateProvider {
    terms: Terms,
    name: Option<String>,
    credentials: Option<String>,
    time_zone: Option<String>,
    active: Option<bool>,
}

impl UpdateProvider {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        id: &str,
        raw: RawProfile,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let RawProfile { name, credentials, time_zone, active } = raw;
        let name = fields.optional(field("name"), name, |text| shown_text(&text));
        let credentials =
            fields.optional(field("credentials"), credentials, |text| short_text(&text));
        let time_zone = fields.optional(field("timeZone"), time_zone, |text| zone(&text));
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let edit = Self { terms, name, credentials, time_zone, active };
        Ok((parse_provider_id(id)?, edit))
    }
}

/// The name of a zone that there is.
///
/// # Errors
///
/// What is acceptable.
pub(super) fn zone(text: &str) -> Result<String, String> {
    let zone = TimeZoneName::parse(text).map_err(|why| why.to_string())?;
    Ok(zone.as_str().to_owned())
}

impl ProviderEdit for UpdateProvider {
    const OPERATION: &'static str = "updateProvider";
    const PERMISSION: Permission = Permission::ManageRoster;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, _at: &Circumstances, _fields: &mut FieldReader) {
        let texts = [
            (&self.name, &mut record.name),
            (&self.credentials, &mut record.credentials),
            (&self.time_zone, &mut record.time_zone),
        ];
        for (given, field) in texts {
            if let Some(given) = given {
                field.clone_from(given);
            }
        }
        record.active = self.active.unwrap_or(record.active);
    }
}
