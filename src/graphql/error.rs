//! Errors of queries. Those of mutations are data: see `types::booking_error`.
//!
//! `ApiError` has no `Display` and nothing converts a database error into text on the way: a `?`
//! in a resolver cannot publish what a client must not see.

use async_graphql::ErrorExtensions;

use crate::booking::error::Resource;
use crate::booking::{BookingError, Field, Violation};
use crate::db::StoreError;

/// Why a field could not be answered.
#[derive(Clone)]
pub(super) struct ApiError(BookingError);

impl From<BookingError> for ApiError {
    fn from(error: BookingError) -> Self {
        Self(error)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self(BookingError::Store(error))
    }
}

impl ApiError {
    /// An argument that is not acceptable.
    pub(super) fn argument(name: &str, message: &'static str) -> Self {
        let field = Field::Other(name.to_owned());
        Self(BookingError::Invalid(vec![Violation::new(field, message)]))
    }

    /// A row that another one points to and that is not there: a bug, or a broken database.
    pub(super) fn missing(what: &str) -> Self {
        Self(BookingError::Store(StoreError::Internal(format!("missing {what}"))))
    }

    /// The argument that is to blame, as GraphQL spells it.
    fn field(&self) -> Option<String> {
        match &self.0 {
            BookingError::Invalid(violations) => {
                violations.first().map(|violation| graphql_name(&violation.field))
            }
            BookingError::UnknownState { .. } => Some("state".to_owned()),
            BookingError::UnknownInsurance { .. } => Some("insurance".to_owned()),
            BookingError::NotFound(resource) => Some(id_argument(*resource).to_owned()),
            _ => None,
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        if let BookingError::Store(cause) = &error.0 {
            tracing::error!(%cause, "A GraphQL field could not be answered");
        }
        let (code, field) = (error.0.code(), error.field());
        Self::new(error.0.message()).extend_with(|_error, extensions| {
            extensions.set("code", code.as_str());
            if let Some(field) = field {
                extensions.set("field", field);
            }
            match &error.0 {
                BookingError::UnknownState { suggestions }
                | BookingError::UnknownInsurance { suggestions } => {
                    extensions.set("suggestions", suggestions.clone());
                }
                _ => {}
            }
        })
    }
}

fn id_argument(resource: Resource) -> &'static str {
    match resource {
        Resource::Provider => "providerId",
        Resource::Patient => "patientId",
        Resource::Appointment => "id",
    }
}

/// A field as this door spells it.
pub(super) fn graphql_name(field: &Field) -> String {
    match field {
        Field::Patient => "patient",
        Field::PatientName => "patient.name",
        Field::PatientEmail => "patient.email",
        Field::PatientState => "patient.state",
        Field::PatientInsurance => "patient.insurance",
        Field::ProviderId => "providerId",
        Field::StartsAt => "startsAt",
        Field::After => "after",
        Field::DurationMinutes => "durationMinutes",
        Field::Reason => "reason",
        Field::IdempotencyKey => "idempotencyKey",
        Field::Other(name) => name,
    }
    .to_owned()
}
