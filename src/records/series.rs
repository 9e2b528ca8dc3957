//! Series of visits, for whoever may see their visits.

use std::collections::HashMap;

use super::Records;
use crate::access::{Actor, Permission};
use crate::db::series;
use crate::domain::{Appointment, AppointmentId, AppointmentSeries, SeriesId};
use crate::request::Refusal;

impl Records {
    /// The series of each of those visits that is of one, for `actor`, who sees these visits.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn series_of_visits(
        &self,
        actor: &Actor,
        visits: &[AppointmentId],
    ) -> Result<HashMap<AppointmentId, AppointmentSeries>, Refusal> {
        actor.require(Permission::ReadAppointments)?;
        Ok(series::of_visits(self.db.read(), visits).await?)
    }

    /// The visits of each of those series that `actor` may see, in the order in which they start.
    ///
    /// # Errors
    ///
    /// As [`Self::series_of_visits`].
    pub async fn visits_of_series(
        &self,
        actor: &Actor,
        ids: &[SeriesId],
    ) -> Result<HashMap<SeriesId, Vec<Appointment>>, Refusal> {
        let grant = actor.require(Permission::ReadAppointments)?;
        let mut each = series::visits_of_each(self.db.read(), ids).await?;
        for visits in each.values_mut() {
            visits.retain(|visit| grant.reaches(visit.provider_id));
        }
        Ok(each)
    }
}
