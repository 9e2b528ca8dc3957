//! The audit trail.

use async_graphql::{Context, ID, Object};

use crate::domain::audit::AuditFilter;
use crate::domain::{CalendarFeedId, PersonId, TokenId};
use crate::graphql::error::ApiError;
use crate::graphql::types::audit::{AuditEventConnection, AuditEventKindEnum};
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::instant::DateTime;
use crate::request::{parse_appointment_id, parse_patient_id};

/// The audit trail.
#[derive(Default)]
pub struct AuditQuery;

/// The audit trail.
#[Object]
impl AuditQuery {
    /// The audit trail, by time: every change, and every answer that showed patients' data. `last: 20` has
    /// the newest.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn audit_events(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what this person or token did, or was told.")] actor_id: Option<ID>,
        #[graphql(
            desc = "Only changes of this person, token or calendar feed, and sign-ins of this person."
        )]
        object_id: Option<ID>,
        #[graphql(desc = "Only what has to do with this patient.")] patient_id: Option<ID>,
        #[graphql(desc = "Only what has to do with this appointment.")] appointment_id: Option<ID>,
        #[graphql(desc = "Only rows of these kinds.")] kind: Option<Vec<AuditEventKindEnum>>,
        #[graphql(desc = "Only what was written at or after this moment.")] from: Option<DateTime>,
        #[graphql(desc = "Only what was written before this moment.")] to: Option<DateTime>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AuditEventConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let load = async {
            let filter = AuditFilter {
                actor_id: actor_id.map(|id| caller_id("actorId", &id)).transpose()?,
                object_id: object_id.map(|id| object(&id)).transpose()?,
                patient: patient_id.map(|id| parse_patient_id(&id)).transpose()?,
                appointment: appointment_id.map(|id| parse_appointment_id(&id)).transpose()?,
                kinds: kind.map(|kinds| kinds.into_iter().map(Into::into).collect()),
                from: from.map(|from| from.0),
                to: to.map(|to| to.0),
            };
            AuditEventConnection::load(context, filter, page).await
        };
        Some(load.await)
    }
}

fn caller_id(argument: &'static str, id: &str) -> Result<String, ApiError> {
    if id.parse::<PersonId>().is_err() && id.parse::<TokenId>().is_err() {
        return Err(ApiError::argument(argument, "must be the id of a person or a token"));
    }
    Ok(id.to_owned())
}

fn object(id: &str) -> Result<String, ApiError> {
    if id.parse::<CalendarFeedId>().is_ok() {
        return Ok(id.to_owned());
    }
    caller_id("objectId", id)
}
