//! The tokens of machines.

use async_graphql::{Context, ID, Object};

use super::caller::{RoleEnum, bound_provider};
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::access::Token;
use crate::graphql::error::ApiError;

/// `Token` of the schema.
pub(in crate::graphql) struct TokenObject(pub(in crate::graphql) Token);

/// A token of a machine. Its secret was told once, when it was made.
#[Object(name = "Token")]
impl TokenObject {
    /// Identifies the token, and opens nothing; opaque, begins with `tok_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What its bearer is to the clinic.
    async fn role(&self) -> RoleEnum {
        self.0.role.into()
    }

    /// The provider for whom a clinician's token speaks.
    async fn provider(&self, context: &Context<'_>) -> Option<Result<ProviderObject, ApiError>> {
        bound_provider(context, self.0.provider_id).await.transpose()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// From when on it opens nothing; null for never.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it was revoked; null while it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked_at.map(DateTime)
    }

    /// When it was used last, to about a minute; null while it was not.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }
}
