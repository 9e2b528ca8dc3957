//! Appointments, for whoever may see them: a clinician only those with themselves. What they may not
//! see is left out of the question, so that neither a page nor a number tells of it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Records;
use crate::access::{Actor, Grant, Permission};
use crate::db::appointments;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentOwner, AppointmentPosition, Page,
    PatientId,
};
use crate::request::{Refusal, Resource};

impl Records {
    /// One page of appointments by start, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for those of a patient where the caller may see no patients;
    /// [`Refusal::NotFound`] for a provider who is not there; [`Refusal::Store`] when the database
    /// fails.
    pub async fn appointments(
        &self,
        actor: &Actor,
        filter: &AppointmentFilter,
        page: Page<AppointmentPosition>,
    ) -> Result<Vec<Appointment>, Refusal> {
        if let Some(id) = filter.provider_id {
            let directory = self.directory(actor).await?;
            directory.provider_of_visit(id).ok_or(Refusal::NotFound(Resource::Provider))?;
        }
        match self.visible(actor, filter).await? {
            Some(filter) => Ok(appointments::page(self.db.read(), &filter, page).await?),
            None => Ok(Vec::new()),
        }
    }

    /// How many appointments there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], as above; [`Refusal::Store`] when the database fails.
    pub async fn count_appointments(
        &self,
        actor: &Actor,
        filter: &AppointmentFilter,
    ) -> Result<u64, Refusal> {
        match self.visible(actor, filter).await? {
            Some(filter) => Ok(appointments::count(self.db.read(), &filter).await?),
            None => Ok(0),
        }
    }

    /// The appointment of that id, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`], also for one that the caller may not see;
    /// [`Refusal::Store`] when the database fails.
    pub async fn appointment(
        &self,
        actor: &Actor,
        id: AppointmentId,
    ) -> Result<Appointment, Refusal> {
        let mut found = self.appointments_of_ids(actor, &[id]).await?;
        found.pop().ok_or(Refusal::NotFound(Resource::Appointment))
    }

    /// The appointments of those ids that there are, for `actor`, in no order.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn appointments_of_ids(
        &self,
        actor: &Actor,
        ids: &[AppointmentId],
    ) -> Result<Vec<Appointment>, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        let mut found = appointments::find_many(self.db.read(), ids).await?;
        found.retain(|appointment| grant.reaches(appointment.provider_id));
        Ok(found)
    }

    /// One page of the appointments of each of those owners by start, for `actor`, all by one read.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], also for those of patients where the caller may see none;
    /// [`Refusal::Store`] when the database fails.
    pub async fn appointments_of_each(
        &self,
        actor: &Actor,
        owners: &[AppointmentOwner],
        filter: &AppointmentFilter,
        page: Page<AppointmentPosition>,
    ) -> Result<HashMap<AppointmentOwner, Vec<Appointment>>, Refusal> {
        match self.visible_of_each(actor, owners, filter).await? {
            Some(filter) => {
                Ok(appointments::page_of_each(self.db.read(), owners, &filter, page).await?)
            }
            None => Ok(HashMap::new()),
        }
    }

    /// How many appointments each of those owners has, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`], as above; [`Refusal::Store`] when the database fails.
    pub async fn count_appointments_of_each(
        &self,
        actor: &Actor,
        owners: &[AppointmentOwner],
        filter: &AppointmentFilter,
    ) -> Result<HashMap<AppointmentOwner, u64>, Refusal> {
        match self.visible_of_each(actor, owners, filter).await? {
            Some(filter) => Ok(appointments::count_of_each(self.db.read(), owners, &filter).await?),
            None => Ok(HashMap::new()),
        }
    }

    /// The filter for what the caller may see of it; none where that is nothing.
    async fn visible<'a>(
        &self,
        actor: &Actor,
        filter: &'a AppointmentFilter,
    ) -> Result<Option<Cow<'a, AppointmentFilter>>, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        if let Some(id) = filter.patient_id
            && !self.may_ask_for(actor, &[id]).await?
        {
            return Ok(None);
        }
        Ok(narrowed(grant, filter))
    }

    /// The filter for what the caller may see of each of those owners; none where that is nothing.
    async fn visible_of_each<'a>(
        &self,
        actor: &Actor,
        owners: &[AppointmentOwner],
        filter: &'a AppointmentFilter,
    ) -> Result<Option<Cow<'a, AppointmentFilter>>, Refusal> {
        if owners.iter().any(|owner| matches!(owner, AppointmentOwner::Patient(_))) {
            actor.patients_for(Permission::ReadPatients)?;
        }
        self.visible(actor, filter).await
    }

    /// Whether visits may be asked for by these patients: they must be known to the caller, or it would be
    /// told whose a visit is.
    pub(super) async fn may_ask_for(
        &self,
        actor: &Actor,
        patients: &[PatientId],
    ) -> Result<bool, Refusal> {
        match actor.patients_for(Permission::ReadPatients)? {
            None => Ok(true),
            Some(_) => Ok(!self.patients_of_ids(actor, patients).await?.is_empty()),
        }
    }
}

/// The filter for what is with the caller, where they may see nothing else; none where they ask for somebody else's.
fn narrowed(grant: Grant, filter: &AppointmentFilter) -> Option<Cow<'_, AppointmentFilter>> {
    match (grant.only_with(), filter.provider_id) {
        (None, _) => Some(Cow::Borrowed(filter)),
        (Some(own), Some(asked)) => (asked == own).then_some(Cow::Borrowed(filter)),
        (Some(own), None) => {
            Some(Cow::Owned(AppointmentFilter { provider_id: Some(own), ..filter.clone() }))
        }
    }
}
