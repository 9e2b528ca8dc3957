//! Errors of queries. Those of mutations are data: see `types::booking_error`.
//!
//! `ApiError` has no `Display` and nothing converts a database error into text on the way: a `?`
//! in a resolver cannot publish what a client must not see.

use async_graphql::ErrorExtensions;

use crate::request::{Field, Refusal, Resource, Violation};

/// Why a field could not be answered.
#[derive(Clone)]
pub(super) struct ApiError(Refusal);

impl From<Refusal> for ApiError {
    fn from(error: Refusal) -> Self {
        Self(error)
    }
}

impl ApiError {
    /// An argument that is not acceptable.
    pub(super) fn argument(name: &str, message: &'static str) -> Self {
        let field = Field::Other(name.to_owned());
        Self(Refusal::Invalid(vec![Violation::new(field, message)]))
    }

    /// A row that another one points to and that is not there: a bug, or a broken database.
    pub(super) fn missing(what: &str) -> Self {
        Self(Refusal::missing(what))
    }

    /// The argument that is to blame, as GraphQL spells it.
    fn field(&self) -> Option<String> {
        match &self.0 {
            Refusal::Invalid(violations) => {
                violations.first().map(|violation| graphql_name(&violation.field))
            }
            Refusal::UnknownState { .. } => Some("state".to_owned()),
            Refusal::UnknownInsurance { .. } => Some("insurance".to_owned()),
            Refusal::TimeInPast | Refusal::BeyondHorizon { .. } => Some("startsAt".to_owned()),
            Refusal::NotFound(resource) => Some(id_argument(*resource).to_owned()),
            _ => None,
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        if let Refusal::Store(cause) = &error.0 {
            tracing::error!(%cause, "A GraphQL field could not be answered");
        }
        let (code, field) = (error.0.code(), error.field());
        Self::new(error.0.message(graphql_name)).extend_with(|_error, extensions| {
            extensions.set("code", code.as_str());
            if let Some(field) = field {
                extensions.set("field", field);
            }
            match &error.0 {
                Refusal::UnknownState { suggestions }
                | Refusal::UnknownInsurance { suggestions } => {
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
        Resource::VisitType => "visitTypeId",
        Resource::Patient => "patientId",
        Resource::InsteadOf => "insteadOf",
        Resource::Appointment
        | Resource::Series
        | Resource::WaitlistEntry
        | Resource::Person
        | Resource::Token
        | Resource::Insurance
        | Resource::CalendarFeed
        | Resource::TimeOff
        | Resource::WebhookEndpoint
        | Resource::Mail => "id",
    }
}

/// A field as this door spells it.
pub(super) fn graphql_name(field: &Field) -> String {
    match field {
        Field::Patient => "patient",
        Field::PatientId => "patientId",
        Field::VisitState => "state",
        Field::VisitInsurance => "insurance",
        Field::PatientName => "patient.name",
        Field::PatientEmail => "patient.email",
        Field::PatientPhone => "patient.phone",
        Field::PatientBirthDate => "patient.birthDate",
        Field::PatientTimeZone => "patient.timeZone",
        Field::PatientState => "patient.state",
        Field::PatientInsurance => "patient.insurance",
        Field::ProviderId => "providerId",
        Field::StartsAt => "startsAt",
        Field::Status => "status",
        Field::Overrule => "overrule",
        Field::OverruleReason => "overruleReason",
        Field::Rule => "rule",
        Field::Times => "times",
        Field::After => "after",
        Field::DurationMinutes => "durationMinutes",
        Field::VisitType => "visitTypeId",
        Field::Reason => "reason",
        Field::ExpectedVersion => "expectedVersion",
        Field::HoldToken => "holdToken",
        Field::HoldMinutes => "minutes",
        Field::IdempotencyKey => "idempotencyKey",
        Field::Other(name) => name,
    }
    .to_owned()
}
