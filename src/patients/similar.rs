//! Patients who may be one person: beside one who was booked for, and all there are.

use super::Patients;
use crate::access::Actor;
use crate::db::patients::{self, Double};
use crate::domain::Patient;
use crate::request::Refusal;

/// One of several patients who look like one person.
pub type Duplicate = Double;

impl Patients {
    /// Who else may be that patient, for `actor`: whoever has the same address, and whoever has the
    /// same name and birth date.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn similar_to(
        &self,
        _actor: &Actor,
        patient: &Patient,
    ) -> Result<Vec<Patient>, Refusal> {
        Ok(patients::same_elsewhere(self.db.read(), patient).await?)
    }

    /// All patients who look like one person, group by group, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn duplicates(&self, _actor: &Actor) -> Result<Vec<Duplicate>, Refusal> {
        patients::fold_what_is_not(&self.db).await?;
        Ok(patients::doubles(self.db.read()).await?)
    }
}
