//! Who was booked for.

use async_graphql::{Context, ID, Object};

use super::find::find_patient;
use crate::graphql::error::ApiError;
use crate::graphql::types::connection::PageArguments;
use crate::graphql::types::patient::{PatientConnection, PatientObject};
use crate::request::search_fault;

/// Who was booked for.
#[derive(Default)]
pub struct PatientQuery;

/// Who was booked for.
#[Object]
impl PatientQuery {
    /// Patients, those booked for first coming first: all, or those in whose name, e-mail address or
    /// telephone number each word of a text is found.
    async fn patients(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Words, in any order, such as `Stone, Mary`: each is found in the name, the e-mail address or the digits of the telephone number. Case, accents, apostrophes and hyphens do not matter. At most 200 characters."
        )]
        search: Option<String>,
        #[graphql(
            desc = "At most so many, from the start of the list: 20 unless told, at most 100."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "At most so many, from the end of the list.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Option<Result<PatientConnection, ApiError>> {
        let page = PageArguments { first, after, last, before };
        if let Some(fault) = search.as_deref().and_then(search_fault) {
            return Some(Err(ApiError::argument("search", fault)));
        }
        Some(PatientConnection::load(context, search, page).await)
    }

    /// One patient; null when there is nobody with this id. The id of a patient who was merged leads to
    /// the one who was kept.
    async fn patient(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The patient's id.")] id: ID,
    ) -> Option<Result<PatientObject, ApiError>> {
        find_patient(context, &id).await.transpose()
    }
}
