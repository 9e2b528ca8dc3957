//! What the roster has, as it was when the request first asked.

use std::sync::Arc;

use super::Loaders;
use crate::domain::{Appointment, Directory, PayerId, Provider, VisitType, VisitTypeId};
use crate::graphql::error::ApiError;

impl Loaders {
    /// The provider directory.
    pub(in crate::graphql) async fn directory(&self) -> Result<Arc<Directory>, ApiError> {
        let directory = self.0.directory.get_or_try_init(|| self.newest_directory()).await?;
        Ok(Arc::clone(directory))
    }

    async fn newest_directory(&self) -> Result<Arc<Directory>, ApiError> {
        Ok(self.0.services.records.directory(&self.0.actor).await?)
    }

    /// What `find` finds in the directory; perhaps what came since this request first asked.
    async fn found<T>(
        &self,
        what: &str,
        find: impl Fn(&Directory) -> Option<&Arc<T>>,
    ) -> Result<Arc<T>, ApiError> {
        if let Some(found) = find(self.directory().await?.as_ref()) {
            return Ok(Arc::clone(found));
        }
        let newest = self.newest_directory().await?;
        find(&newest).map(Arc::clone).ok_or_else(|| ApiError::missing(what))
    }

    /// The provider of an appointment.
    pub(in crate::graphql) async fn provider_of(
        &self,
        appointment: &Appointment,
    ) -> Result<Arc<Provider>, ApiError> {
        let id = appointment.provider_id;
        self.found("provider", |directory| directory.provider_of_visit(id)).await
    }

    /// The kind of visit of that id, offered or not.
    pub(in crate::graphql) async fn visit_type(
        &self,
        id: VisitTypeId,
    ) -> Result<Arc<VisitType>, ApiError> {
        self.found("visit type", |directory| directory.visit_type(id)).await
    }

    /// The name of a payer.
    pub(in crate::graphql) async fn payer_name(&self, id: PayerId) -> Result<String, ApiError> {
        Ok(self.directory().await?.payer_name(id).unwrap_or_default().to_owned())
    }
}
