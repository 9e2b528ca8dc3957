//! Lists of mail.

use async_graphql::Context;

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::mail::MailObject;
use crate::access::Actor;
use crate::domain::MailFilter;
use crate::graphql::error::ApiError;
use crate::graphql::{actor, services};

/// What a list of mail was asked for.
struct Filter(MailFilter);

impl Filter {
    async fn count(&self, context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(services(context).mail.count(actor(context), self.0).await?)
    }
}

impl Shown for MailObject {
    /// Whom it tells is noted by the fields that say so.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    MailConnection "MailConnection",
    MailEdge "MailEdge",
    MailObject,
    "mail",
    |node: &MailObject| node.0.id.to_string()
);

impl MailConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        filter: MailFilter,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        let page = arguments.page(|cursor| cursor.parse().ok())?;
        let found = services(context).mail.page(actor(context), filter, page).await?;
        let (found, page_info) = arguments.cut(found, |mail| mail.id.to_string());
        let nodes = found.into_iter().map(MailObject).collect();
        Ok(Self { nodes, page_info, filter: Filter(filter) })
    }
}
