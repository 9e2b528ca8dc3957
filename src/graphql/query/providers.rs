//! Who works here.

use async_graphql::{Context, ID, Object};

use super::find::find_provider;
use crate::graphql::error::ApiError;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::provider::ProviderObject;
use crate::graphql::types::provider_list::{ProviderConnection, ProvidersWanted};

/// Who works here.
#[derive(Default)]
pub struct ProviderQuery;

/// Who works here.
#[Object]
impl ProviderQuery {
    /// Providers, those who joined first coming first: all, or those who hold a licence for a
    /// state that is valid today, accept an insurance, and are called something.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn providers(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Only who is licensed there: a two-letter code or a name, such as `CT` or `Connecticut`."
        )]
        state: Option<String>,
        #[graphql(
            desc = "Only who accepts it: any of the names that people write for it, such as `Aetna`."
        )]
        insurance: Option<String>,
        #[graphql(
            desc = "Only whose name has every word of this, in any order; case and accents do not matter."
        )]
        name: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<ProviderConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let wanted = ProvidersWanted { state, insurance, name };
        Some(ProviderConnection::load(context, wanted, page).await)
    }

    /// One provider; null when there is nobody with this id.
    async fn provider(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The provider's id.")] id: ID,
    ) -> Option<Result<ProviderObject, ApiError>> {
        find_provider(context, &id).await.transpose()
    }
}
