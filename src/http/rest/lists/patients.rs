//! `GET /patients`.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::csv::Row;
use super::reading::{ListPage, ListRequest};
use crate::access::Actor;
use crate::domain::time_slot::rfc3339;
use crate::domain::{Directory, Patient, PatientId};
use crate::http::problem::Problem;
use crate::http::rest::bodies::Problems;
use crate::request::search_fault;
use crate::services::Services;

/// A person who was booked for at least once.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct KnownPatientBody {
    /// Identifies the patient.
    #[schema(example = "pat_01h455vb4pex5vsknk084sn02q")]
    patient_id: String,
    /// The patient's name.
    #[schema(example = "John Doe")]
    name: String,
    /// The patient's e-mail address.
    #[schema(example = "john@example.com")]
    email: String,
    /// The telephone number, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+1 203 555 0142")]
    phone: Option<String>,
    /// The day of birth, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1980-05-17", format = Date)]
    birth_date: Option<String>,
    /// Two-letter code of the state the patient was in at the latest booking.
    #[schema(example = "CT")]
    state: &'static str,
    /// Name of the payer at the latest booking.
    #[schema(example = "Aetna")]
    insurance: String,
    /// Counts the committed changes, from 1.
    #[schema(example = 1)]
    version: i32,
    /// When they were booked for first.
    #[schema(example = "2027-01-11T12:00:00Z", format = DateTime)]
    created_at: String,
}

/// A page of patients.
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::http) struct PatientsBody {
    /// The patients, those booked for first coming first.
    patients: Vec<KnownPatientBody>,
    /// Pass it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl Row for KnownPatientBody {
    const COLUMNS: &'static [&'static str] = &[
        "patient_id",
        "name",
        "email",
        "phone",
        "birth_date",
        "state",
        "insurance",
        "version",
        "created_at",
    ];
}

impl KnownPatientBody {
    /// A patient who is shown to `actor`, which is noted.
    fn shown(actor: &Actor, patient: Patient, directory: &Directory) -> Self {
        actor.saw_patients([patient.id]);
        Self {
            patient_id: patient.id.to_string(),
            state: patient.state.code(),
            insurance: directory.payer_name(patient.payer_id).unwrap_or_default().to_owned(),
            version: patient.version,
            created_at: rfc3339(patient.created_at),
            birth_date: patient.birth_date.map(|day| day.to_string()),
            name: patient.name,
            email: patient.email,
            phone: patient.phone,
        }
    }
}

/// Patients
///
/// All, or those whom a text finds; a clinician's own, for a clinician.
#[utoipa::path(
    get,
    path = "/patients",
    tag = "looking",
    params(
        ("search" = Option<String>, Query, description = "Words, in any order, each of which is found in the name, the e-mail address or the digits of the telephone number; case, accents, apostrophes and hyphens do not matter; at most 200 characters")
    ),
    responses((status = 200, description = "A page of patients", body = PatientsBody), Problems)
)]
pub(in crate::http) async fn list_patients(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    ListRequest { mut query, answer }: ListRequest,
) -> Result<Response, Problem> {
    let search = query.text("search");
    if let Some(fault) = search.as_deref().and_then(search_fault) {
        query.wrong("search", fault);
    }
    let page = ListPage::<PatientId>::parsed(&mut query);
    query.finish()?;
    let mut found = services.records.patients(&actor, search.as_deref(), page.page()).await?;
    let next = page.cut(&mut found, |patient| patient.id.to_string());
    let directory = services.records.directory(&actor).await?;
    let rows =
        found.into_iter().map(|patient| KnownPatientBody::shown(&actor, patient, &directory));
    Ok(answer
        .page(rows.collect(), next, |patients, next_cursor| PatientsBody { patients, next_cursor }))
}
