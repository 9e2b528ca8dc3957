//! A visit that another time is looked for: its own time is not in the way.

use std::borrow::Cow;

use super::Search;
use super::query::AvailabilityQuery;
use crate::access::{Actor, Grant, Permission};
use crate::db::{appointments, patients};
use crate::domain::{Appointment, AppointmentId, Directory, PatientId, VisitLength, VisitShape};
use crate::request::{AskedVisitType, Refusal, Resource};

/// A visit that another time is looked for.
pub(super) struct Instead {
    /// The visit.
    pub(super) visit: Appointment,
    /// Its patient, if the caller may know when they are busy.
    pub(super) patient: Option<PatientId>,
}

impl Search {
    /// The visit of that id, if `actor` may see it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that the caller may not see;
    /// [`Refusal::Store`] when the database fails.
    pub(super) async fn instead_of(
        &self,
        actor: &Actor,
        id: Option<AppointmentId>,
    ) -> Result<Option<Instead>, Refusal> {
        let Some(id) = id else { return Ok(None) };
        let grant = actor.require(Permission::ReadAppointments)?;
        let found = appointments::find(self.db.read(), id).await?;
        let visit = found
            .filter(|visit| grant.reaches(visit.provider_id))
            .ok_or(Refusal::NotFound(Resource::InsteadOf))?;
        let patient = match actor.grant(Permission::ReadPatients) {
            Grant::All => Some(visit.patient_id),
            Grant::Own(own) if visit.makes_patient_of(own) => Some(visit.patient_id),
            Grant::Own(own) => {
                let read = self.db.read();
                patients::find_of(read, visit.patient_id, Some(own)).await?.map(|known| known.id)
            }
            Grant::WithoutPatients | Grant::No => None,
        };
        // When they are busy says something of them.
        actor.saw_patients(patient);
        Ok(Some(Instead { visit, patient }))
    }
}

/// The query with what the visit says where the query does not: with whom. Nothing is said of the patient,
/// who is the visit's.
pub(super) fn of_visit<'a>(
    query: &'a AvailabilityQuery,
    instead: Option<&Instead>,
) -> Cow<'a, AvailabilityQuery> {
    match instead {
        Some(Instead { visit, .. }) if query.patient.is_none() && query.provider_id.is_none() => {
            let provider_id = Some(visit.provider_id);
            Cow::Owned(AvailabilityQuery { provider_id, ..query.clone() })
        }
        _ => Cow::Borrowed(query),
    }
}

/// What the visit is like that is asked for: what is not said is as of the visit that it is instead of.
///
/// # Errors
///
/// [`Refusal::NotFound`] for a kind of visit that there is none of.
pub(super) fn shape(
    (visit_type, length): (Option<&AskedVisitType>, Option<VisitLength>),
    instead: Option<&Instead>,
    directory: &Directory,
) -> Result<VisitShape, Refusal> {
    let asked = AskedVisitType::shape(visit_type, length, directory)?;
    Ok(match (instead, visit_type) {
        (Some(Instead { visit, .. }), None) => VisitShape {
            kind: visit.visit_type_id,
            length: length
                .or_else(|| VisitLength::from_minutes(visit.slot.minutes()))
                .unwrap_or(asked.length),
        },
        _ => asked,
    })
}
