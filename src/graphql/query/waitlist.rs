//! Who waits for a time.

use async_graphql::{Context, ID, Object};

use crate::graphql::error::ApiError;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::waitlist::WaitlistStatusEnum;
use crate::graphql::types::waitlist_list::WaitlistEntryConnection;

/// Who waits for a time.
#[derive(Default)]
pub struct WaitlistQuery;

/// Who waits for a time.
#[Object]
impl WaitlistQuery {
    /// Who waits for a time, or has, in the order of joining: with each offer that was made, and what became of it.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn waitlist_entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only in these statuses; in all unless given.")] status: Option<
            Vec<WaitlistStatusEnum>,
        >,
        #[graphql(desc = "Only those who wait for this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "Only those of this patient.")] patient_id: Option<ID>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<WaitlistEntryConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let whose = (provider_id, patient_id);
        Some(WaitlistEntryConnection::load(context, status, whose, page).await)
    }
}
