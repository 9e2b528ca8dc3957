//! Patients who may be one person: beside one who was booked for, and all there are.

use super::Patients;
use crate::access::{Actor, Permission};
use crate::db::patients::{self, Double};
use crate::domain::Patient;
use crate::request::Refusal;

/// One of several patients who look like one person.
pub type Duplicate = Double;

impl Patients {
    /// Who else may be that patient, of those whom `actor` may see: whoever has the same address, and
    /// whoever has the same name and birth date.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn similar_to(
        &self,
        actor: &Actor,
        patient: &Patient,
    ) -> Result<Vec<Patient>, Refusal> {
        let own = actor.patients_for(Permission::ReadPatients)?;
        Ok(patients::same_elsewhere(self.db.read(), patient, own).await?)
    }

    /// All patients who look like one person, group by group, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn duplicates(&self, actor: &Actor) -> Result<Vec<Duplicate>, Refusal> {
        actor.require_all(Permission::MergePatients)?;
        patients::fold_what_is_not(&self.db).await?;
        let doubles = patients::doubles(self.db.read()).await?;
        actor.saw_patients(doubles.iter().map(|double| double.id));
        Ok(doubles)
    }
}
