//! Patients.

use super::Records;
use crate::access::Actor;
use crate::db::patients;
use crate::domain::{Page, Patient, PatientId};
use crate::request::Refusal;

impl Records {
    /// One page of patients by their first booking, for `actor`: all, or those whose name or e-mail
    /// address contains a text.
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

    /// The patients of those ids that there are, for `actor`, in no order.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn patients_of_ids(
        &self,
        _actor: &Actor,
        ids: &[PatientId],
    ) -> Result<Vec<Patient>, Refusal> {
        Ok(patients::find_many(self.db.read(), ids).await?)
    }
}
