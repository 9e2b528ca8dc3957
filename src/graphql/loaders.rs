//! Loaders: what many rows need is read at once. Fresh for each request, so that nothing one
//! caller read is shown to another.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use jiff::Timestamp;

use super::error::ApiError;
use crate::booking::BookingService;
use crate::db::{Db, patients, payers, providers};
use crate::domain::{
    Licence, Patient, PatientId, PayerId, Provider, ProviderId, TimeSlot, VisitLength, WorkingHours,
};

/// The licences of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LicencesOf(pub(super) ProviderId);

/// The names of the payers that a provider takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PayerNamesOf(pub(super) ProviderId);

/// The working hours of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WorkingHoursOf(pub(super) ProviderId);

/// The first free time of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FirstAvailableOf {
    pub(super) provider_id: ProviderId,
    pub(super) after: Timestamp,
    pub(super) length: VisitLength,
}

/// The free times of a provider within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OffersOf {
    pub(super) provider_id: ProviderId,
    pub(super) window: TimeSlot,
    pub(super) length: VisitLength,
}

/// Every loader of a request.
pub struct Loaders(DataLoader<Batches>);

/// How a batch of each kind of key is read.
pub(super) struct Batches {
    service: Arc<BookingService>,
}

impl Batches {
    fn db(&self) -> &Db {
        self.service.db()
    }
}

impl Loaders {
    /// Loaders for one request.
    pub fn new(service: Arc<BookingService>) -> Self {
        // Without a delay a batch is what one poll of the whole request asks for.
        let loader =
            DataLoader::new(Batches { service }, TokioSpawner::current(), TokioTimer::default());
        Self(loader.delay(Duration::ZERO))
    }

    /// What the key stands for.
    pub(super) async fn load<K>(
        &self,
        key: K,
    ) -> Result<Option<<Batches as Loader<K>>::Value>, ApiError>
    where
        K: Send + Sync + Hash + Eq + Clone + 'static,
        Batches: Loader<K, Error = ApiError>,
    {
        self.0.load_one(key).await
    }
}

impl Loader<ProviderId> for Batches {
    type Value = Arc<Provider>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ProviderId],
    ) -> Result<HashMap<ProviderId, Arc<Provider>>, ApiError> {
        let found = providers::find_many(self.db().read(), keys).await?;
        Ok(found.into_iter().map(|provider| (provider.id, Arc::new(provider))).collect())
    }
}

impl Loader<PatientId> for Batches {
    type Value = Patient;
    type Error = ApiError;

    async fn load(&self, keys: &[PatientId]) -> Result<HashMap<PatientId, Patient>, ApiError> {
        let found = patients::find_many(self.db().read(), keys).await?;
        Ok(found.into_iter().map(|patient| (patient.id, patient)).collect())
    }
}

impl Loader<PayerId> for Batches {
    type Value = String;
    type Error = ApiError;

    async fn load(&self, keys: &[PayerId]) -> Result<HashMap<PayerId, String>, ApiError> {
        Ok(payers::names(self.db().read(), keys).await?)
    }
}

impl Loader<LicencesOf> for Batches {
    type Value = Vec<Licence>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[LicencesOf],
    ) -> Result<HashMap<LicencesOf, Vec<Licence>>, ApiError> {
        let ids: Vec<ProviderId> = keys.iter().map(|key| key.0).collect();
        let found = providers::licences(self.db().read(), &ids).await?;
        Ok(found.into_iter().map(|(id, licences)| (LicencesOf(id), licences)).collect())
    }
}

impl Loader<PayerNamesOf> for Batches {
    type Value = Vec<String>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[PayerNamesOf],
    ) -> Result<HashMap<PayerNamesOf, Vec<String>>, ApiError> {
        let ids: Vec<ProviderId> = keys.iter().map(|key| key.0).collect();
        let found = providers::payer_names(self.db().read(), &ids).await?;
        Ok(found.into_iter().map(|(id, names)| (PayerNamesOf(id), names)).collect())
    }
}

impl Loader<WorkingHoursOf> for Batches {
    type Value = Vec<WorkingHours>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[WorkingHoursOf],
    ) -> Result<HashMap<WorkingHoursOf, Vec<WorkingHours>>, ApiError> {
        let ids: Vec<ProviderId> = keys.iter().map(|key| key.0).collect();
        let found = providers::working_hours(self.db().read(), &ids).await?;
        Ok(found.into_iter().map(|(id, hours)| (WorkingHoursOf(id), hours)).collect())
    }
}

impl Loader<FirstAvailableOf> for Batches {
    type Value = TimeSlot;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[FirstAvailableOf],
    ) -> Result<HashMap<FirstAvailableOf, TimeSlot>, ApiError> {
        let mut found = HashMap::new();
        for ((after, length), ids) in
            grouped(keys, |key| ((key.after, key.length), key.provider_id))
        {
            let offers = self.service.first_available_of_each(&ids, after, length).await?;
            for (provider_id, slots) in offers {
                let key = FirstAvailableOf { provider_id, after, length };
                found.extend(slots.first().map(|slot| (key, *slot)));
            }
        }
        Ok(found)
    }
}

impl Loader<OffersOf> for Batches {
    type Value = Vec<TimeSlot>;
    type Error = ApiError;

    async fn load(&self, keys: &[OffersOf]) -> Result<HashMap<OffersOf, Vec<TimeSlot>>, ApiError> {
        let mut found = HashMap::new();
        for ((window, length), ids) in
            grouped(keys, |key| ((key.window, key.length), key.provider_id))
        {
            let offers = self.service.offers_within(&ids, window, length).await?;
            found.extend(
                offers
                    .into_iter()
                    .map(|(provider_id, slots)| (OffersOf { provider_id, window, length }, slots)),
            );
        }
        Ok(found)
    }
}

/// Keys that differ only in the provider, together: one search for all of them.
fn grouped<K, G: Eq + Hash>(
    keys: &[K],
    split: impl Fn(&K) -> (G, ProviderId),
) -> HashMap<G, Vec<ProviderId>> {
    let mut groups: HashMap<G, Vec<ProviderId>> = HashMap::new();
    for (group, id) in keys.iter().map(split) {
        groups.entry(group).or_default().push(id);
    }
    groups
}
