//! What patients are told by mail.

use async_graphql::{Context, ID, Object};

use crate::domain::MailFilter;
use crate::graphql::error::ApiError;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::mail::MailStatusEnum;
use crate::graphql::types::mail_list::MailConnection;

/// What patients are told by mail.
#[derive(Default)]
pub struct MailQuery;

/// What patients are told by mail.
#[Object]
impl MailQuery {
    /// What patients were told by mail and are to be, the latest first. For administrators and schedulers.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn mails(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only in this status; in all unless given.")] status: Option<
            MailStatusEnum,
        >,
        #[graphql(desc = "Only about this visit; none where there is no visit of this id.")]
        appointment_id: Option<ID>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<MailConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        // An id that is none of ours is that of no visit.
        let nobodys = || uuid::Uuid::nil().into();
        let appointment_id = appointment_id.map(|id| id.parse().unwrap_or_else(|_other| nobodys()));
        let filter = MailFilter { status: status.map(Into::into), appointment_id };
        Some(MailConnection::load(context, filter, page).await)
    }
}
