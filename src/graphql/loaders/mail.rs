//! What patients are told of many visits, and what many mails are about, read at once.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;

use super::Batches;
use crate::domain::{AppointmentId, Mail, MailFacts, MailSubject};
use crate::graphql::error::ApiError;

/// The mails of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct MailsOf(pub(in crate::graphql) AppointmentId);

impl Loader<MailsOf> for Batches {
    type Value = Vec<Mail>;
    type Error = ApiError;

    async fn load(&self, keys: &[MailsOf]) -> Result<HashMap<MailsOf, Vec<Mail>>, ApiError> {
        let ids: Vec<AppointmentId> = keys.iter().map(|MailsOf(id)| *id).collect();
        let found = self.services.mail.of_visits(&self.actor, &ids).await?;
        Ok(found.into_iter().map(|(id, mails)| (MailsOf(id), mails)).collect())
    }
}

impl Loader<MailSubject> for Batches {
    type Value = Arc<MailFacts>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[MailSubject],
    ) -> Result<HashMap<MailSubject, Arc<MailFacts>>, ApiError> {
        let found = self.services.mail.about(&self.actor, keys).await?;
        Ok(found.into_iter().map(|(subject, about)| (subject, Arc::new(about))).collect())
    }
}
