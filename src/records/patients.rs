//! Patients.

use std::collections::HashMap;

use super::Records;
use crate::access::Actor;
use crate::db::patients;
use crate::domain::{Page, Patient, PatientId};
use crate::request::Refusal;

impl Records {
    /// One page of patients by their first booking, for `actor`: all, or those in whose name, e-mail
    /// address or telephone number each word of a text is found.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn patients(
        &self,
        _actor: &Actor,
        search: Option<&str>,
        page: Page<PatientId>,
    ) -> Result<Vec<Patient>, Refusal> {
        Ok(patients::page(self.db.read(), search, page).await?)
    }

    /// How many patients there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn count_patients(
        &self,
        _actor: &Actor,
        search: Option<&str>,
    ) -> Result<u64, Refusal> {
        Ok(patients::count(self.db.read(), search).await?)
    }

    /// The patients of those ids that there are, for `actor`, by the id that was asked for: who was
    /// merged into another is that other.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn patients_of_ids(
        &self,
        _actor: &Actor,
        ids: &[PatientId],
    ) -> Result<HashMap<PatientId, Patient>, Refusal> {
        Ok(patients::find_many(self.db.read(), ids).await?)
    }
}
