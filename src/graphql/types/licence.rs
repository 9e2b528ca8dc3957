//! Licences.

use async_graphql::{ID, Object};

use super::date::Date;
use crate::domain::Licence;

/// `Licence` of the schema.
pub(in crate::graphql) struct LicenceObject(pub(in crate::graphql) Licence);

/// The permission to treat patients who are in a state.
#[Object(name = "Licence")]
impl LicenceObject {
    /// Identifies the licence; opaque, begins with `lic_`.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Two-letter code of the state that granted it.
    async fn state(&self) -> &'static str {
        self.0.state.code()
    }

    /// Its number, as the state's board writes it.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// The first day on which it is valid, where the provider is; null when unknown.
    async fn valid_from(&self) -> Option<Date> {
        self.0.valid_from.map(Date)
    }

    /// The last day on which it is valid; null when it does not end.
    async fn valid_until(&self) -> Option<Date> {
        self.0.valid_until.map(Date)
    }
}
