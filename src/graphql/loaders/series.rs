//! The series of many visits, and the visits of many series, each read at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::Batches;
use crate::domain::{Appointment, AppointmentId, AppointmentSeries, SeriesId};
use crate::graphql::error::ApiError;

/// The series that a visit is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct SeriesOf(pub(in crate::graphql) AppointmentId);

/// The visits of a series that the caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct VisitsOf(pub(in crate::graphql) SeriesId);

impl Loader<SeriesOf> for Batches {
    type Value = AppointmentSeries;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[SeriesOf],
    ) -> Result<HashMap<SeriesOf, AppointmentSeries>, ApiError> {
        let visits: Vec<AppointmentId> = keys.iter().map(|SeriesOf(visit)| *visit).collect();
        let found = self.services.records.series_of_visits(&self.actor, &visits).await?;
        Ok(found.into_iter().map(|(visit, series)| (SeriesOf(visit), series)).collect())
    }
}

impl Loader<VisitsOf> for Batches {
    type Value = Vec<Appointment>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[VisitsOf],
    ) -> Result<HashMap<VisitsOf, Vec<Appointment>>, ApiError> {
        let ids: Vec<SeriesId> = keys.iter().map(|VisitsOf(series)| *series).collect();
        let found = self.services.records.visits_of_series(&self.actor, &ids).await?;
        Ok(found.into_iter().map(|(series, visits)| (VisitsOf(series), visits)).collect())
    }
}
