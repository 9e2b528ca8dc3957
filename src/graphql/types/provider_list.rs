//! Lists of providers.

use std::sync::Arc;

use async_graphql::Context;

use super::connection::{PageArguments, PageInfo, Shown, connection};
use super::provider::ProviderObject;
use crate::access::Actor;
use crate::domain::ProviderId;
use crate::graphql::error::ApiError;
use crate::graphql::{loaders, services};
use crate::request::provider_filter;

/// Which providers a list is asked for.
pub(in crate::graphql) struct ProvidersWanted {
    pub(in crate::graphql) state: Option<String>,
    pub(in crate::graphql) insurance: Option<String>,
    pub(in crate::graphql) name: Option<String>,
}

/// What a list of providers was asked for: everybody it holds, who are few.
struct Filter(usize);

impl Filter {
    #[expect(clippy::unused_async, reason = "counts of other lists are read")]
    async fn count(&self, _context: &Context<'_>) -> Result<u64, ApiError> {
        Ok(u64::try_from(self.0).unwrap_or(u64::MAX))
    }
}

impl Shown for ProviderObject {
    /// A provider is nobody's secret.
    fn note(&self, _actor: &Actor) {}
}

connection!(
    ProviderConnection "ProviderConnection",
    ProviderEdge "ProviderEdge",
    ProviderObject,
    "provider",
    |node: &ProviderObject| node.0.id.to_string()
);

impl ProviderConnection {
    pub(in crate::graphql) async fn load(
        context: &Context<'_>,
        filter: ProvidersWanted,
        arguments: PageArguments,
    ) -> Result<Self, ApiError> {
        // In the order of the contract: what is not acceptable, not known.
        let page = arguments.page(|cursor| cursor.parse::<ProviderId>().ok())?;
        let directory = loaders(context).directory().await?;
        let ProvidersWanted { state, insurance, name } = filter;
        let filter =
            provider_filter(&directory, state.as_deref(), insurance.as_deref(), name.as_deref())?;
        let all = directory.listed(&filter, services(context).now());
        let total = all.len();
        let found = page.of(all.into_iter(), |provider| provider.id);
        let (found, page_info) = arguments.cut(found, |provider| provider.id.to_string());
        let nodes =
            found.into_iter().map(|provider| ProviderObject(Arc::clone(provider))).collect();
        Ok(Self { nodes, page_info, filter: Filter(total) })
    }
}
