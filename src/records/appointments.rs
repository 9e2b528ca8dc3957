//! Appointments.

use std::collections::HashMap;

use super::Records;
use crate::access::Actor;
use crate::db::appointments;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentOwner, AppointmentPosition, Page,
};
use crate::request::{Refusal, Resource};

impl Records {
    /// One page of appointments by start, for `actor`.
    ///
    /// # Errors
    ///
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
        Ok(appointments::page(self.db.read(), filter, page).await?)
    }

    /// How many appointments there are, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn count_appointments(
        &self,
        _actor: &Actor,
        filter: &AppointmentFilter,
    ) -> Result<u64, Refusal> {
        Ok(appointments::count(self.db.read(), filter).await?)
    }

    /// The appointment of that id, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::Store`] when the database fails.
    pub async fn appointment(
        &self,
        _actor: &Actor,
        id: AppointmentId,
    ) -> Result<Appointment, Refusal> {
        let found = appointments::find(self.db.read(), id).await?;
        found.ok_or(Refusal::NotFound(Resource::Appointment))
    }

    /// The appointments of those ids that there are, for `actor`, in no order.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn appointments_of_ids(
        &self,
        _actor: &Actor,
        ids: &[AppointmentId],
    ) -> Result<Vec<Appointment>, Refusal> {
        Ok(appointments::find_many(self.db.read(), ids).await?)
    }

    /// One page of the appointments of each of those owners by start, for `actor`, all by one read.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn appointments_of_each(
        &self,
        _actor: &Actor,
        owners: &[AppointmentOwner],
        filter: &AppointmentFilter,
        page: Page<AppointmentPosition>,
    ) -> Result<HashMap<AppointmentOwner, Vec<Appointment>>, Refusal> {
        Ok(appointments::page_of_each(self.db.read(), owners, filter, page).await?)
    }

    /// How many appointments each of those owners has, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn count_appointments_of_each(
        &self,
        _actor: &Actor,
        owners: &[AppointmentOwner],
        filter: &AppointmentFilter,
    ) -> Result<HashMap<AppointmentOwner, u64>, Refusal> {
        Ok(appointments::count_of_each(self.db.read(), owners, filter).await?)
    }
}
