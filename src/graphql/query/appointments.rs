//! The appointments of everybody.

use async_graphql::{Context, ID, Object};

use super::find::find_appointment;
use crate::graphql::error::ApiError;
use crate::graphql::types::appointment::{AppointmentObject, AppointmentStatusEnum};
use crate::graphql::types::appointment_list::{AppointmentConnection, AppointmentQuery};
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::instant::DateTime;

/// The appointments of everybody.
#[derive(Default)]
pub struct AppointmentsQuery;

/// The appointments of everybody.
#[Object]
impl AppointmentsQuery {
    /// Appointments that overlap a window, by start, also those that began before it and still run.
    #[expect(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn appointments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Start of the window.")] from: DateTime,
        #[graphql(desc = "End of the window; does not belong to it.")] to: DateTime,
        #[graphql(desc = "Only those with this provider.")] provider_id: Option<ID>,
        #[graphql(desc = "Only those with one of these providers; with none of them, none.")]
        provider_ids: Option<Vec<ID>>,
        #[graphql(desc = "Only those of this patient.")] patient_id: Option<ID>,
        #[graphql(
            desc = "Only those booked for a patient in this state: a two-letter code or a name."
        )]
        state: Option<String>,
        #[graphql(
            desc = "Only those booked with this insurance: any of the names that people write for it."
        )]
        insurance: Option<String>,
        #[graphql(desc = "Only those of this visit type.")] visit_type_id: Option<ID>,
        #[graphql(
            desc = "Only these statuses; unless given, all but CANCELLED, FAILED and EXPIRED."
        )]
        status: Option<Vec<AppointmentStatusEnum>>,
        #[graphql(desc = "Only those that changed at or after this moment.")] updated_since: Option<
            DateTime,
        >,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<AppointmentConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        let load = async {
            let query = AppointmentQuery {
                provider_id: provider_id.map(|id| id.0),
                provider_ids,
                insurance,
                visit_type_id,
                patient_id: patient_id.map(|id| id.0),
                state,
                status,
                updated_since,
                ..AppointmentQuery::window(from, to)
            };
            AppointmentConnection::load(context, query, page).await
        };
        Some(load.await)
    }

    /// One appointment; null when there is none with this id.
    async fn appointment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The appointment's id.")] id: ID,
    ) -> Option<Result<AppointmentObject, ApiError>> {
        find_appointment(context, &id).await.transpose()
    }
}
