//! Patients, for whoever may see them: a clinician only their own.

use std::collections::HashMap;

use super::Records;
use crate::access::{Actor, Grant, Permission};
use crate::db::patients;
use crate::domain::{Appointment, Page, Patient, PatientId};
use crate::request::Refusal;

impl Records {
    /// One page of patients by their first booking, for `actor`: all, or those in whose name, e-mail
    /// address or telephone number each word of a text is found.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn patients(
        &self,
        actor: &Actor,
        search: Option<&str>,
        page: Page<PatientId>,
    ) -> Result<Vec<Patient>, Refusal> {
        let own = actor.patients_for(Permission::ReadPatients)?;
        Ok(patients::page(self.db.read(), search, own, page).await?)
    }

    /// How many patients there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn count_patients(
        &self,
        actor: &Actor,
        search: Option<&str>,
    ) -> Result<u64, Refusal> {
        let own = actor.patients_for(Permission::ReadPatients)?;
        Ok(patients::count(self.db.read(), search, own).await?)
    }

    /// The patients of those ids that there are, for `actor`, by the id that was asked for: who was
    /// merged into another is that other.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn patients_of_ids(
        &self,
        actor: &Actor,
        ids: &[PatientId],
    ) -> Result<HashMap<PatientId, Patient>, Refusal> {
        let own = actor.patients_for(Permission::ReadPatients)?;
        Ok(patients::find_many_of(self.db.read(), ids, own).await?)
    }

    /// The patients of those visits, for `actor`, by the id that the visit has: those whom they may see. Of
    /// a visit whose patient is not among them they may read no free text either.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn patients_of_visits(
        &self,
        actor: &Actor,
        visits: &[Appointment],
    ) -> Result<HashMap<PatientId, Patient>, Refusal> {
        let grant = actor.grant(Permission::ReadPatients);
        if grant.with_patients().is_err() || visits.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<_> = visits.iter().map(|visit| visit.patient_id).collect();
        let found = self.patients_of_ids(actor, &ids).await?;
        if grant == Grant::All && ids.iter().any(|id| !found.contains_key(id)) {
            return Err(Refusal::missing("patient"));
        }
        Ok(found)
    }
}
