//! The histories of many appointments, read at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::Batches;
use crate::domain::audit::AppointmentChange;
use crate::domain::{AppointmentId, ProviderId};
use crate::graphql::error::ApiError;

/// The history of an appointment with a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct HistoryOf(
    pub(in crate::graphql) AppointmentId,
    pub(in crate::graphql) ProviderId,
);

impl Loader<HistoryOf> for Batches {
    type Value = Vec<AppointmentChange>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[HistoryOf],
    ) -> Result<HashMap<HistoryOf, Vec<AppointmentChange>>, ApiError> {
        let asked: Vec<_> = keys.iter().map(|HistoryOf(id, provider)| (*id, *provider)).collect();
        let changes = self.services.trail.history(&self.actor, &asked).await?;
        let mut found: HashMap<HistoryOf, Vec<AppointmentChange>> = HashMap::new();
        let by_id: HashMap<_, _> = keys.iter().map(|key| (key.0, *key)).collect();
        for change in changes {
            if let Some(key) = by_id.get(&change.appointment) {
                found.entry(*key).or_default().push(change);
            }
        }
        Ok(found)
    }
}
