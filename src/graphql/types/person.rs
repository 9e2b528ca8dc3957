//! The clinic's staff.

use async_graphql::{Context, ID, Object};

use super::caller::{RoleEnum, bound_provider};
use super::instant::DateTime;
use super::provider::ProviderObject;
use crate::access::Person;
use crate::graphql::error::ApiError;

/// `Person` of the schema.
pub(in crate::graphql) struct PersonObject(pub(in crate::graphql) Person);

/// One of the clinic's staff.
#[Object(name = "Person")]
impl PersonObject {
    /// Identifies the person; opaque, begins with `per_`.
    pub(in crate::graphql) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Counts up by one with each change.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The e-mail address that they sign in with.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What they are to the clinic.
    async fn role(&self) -> RoleEnum {
        self.0.role.into()
    }

    /// The provider that a clinician is.
    async fn provider(&self, context: &Context<'_>) -> Option<Result<ProviderObject, ApiError>> {
        bound_provider(context, self.0.provider_id).await.transpose()
    }

    /// Whether they have set a password.
    async fn has_password(&self) -> bool {
        self.0.has_password
    }

    /// Until when their invitation counts; null where they have none, or have used it.
    async fn invited_until(&self) -> Option<DateTime> {
        self.0.invited_until.map(DateTime)
    }

    /// Since when they may not come in any more; null while they may.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.0.disabled_at.map(DateTime)
    }

    /// When they were added.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
}
