//! Loaders: what many rows need is read at once. Fresh for each request, so that nothing one
//! caller read is shown to another.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use jiff::Timestamp;

use super::batching::{AfterThePoll, AtOnce};
use super::error::ApiError;
use crate::booking::{BookingService, Week};
use crate::db::appointments::{self, AppointmentFilter, Owner, Position};
use crate::db::{Db, Page, patients, payers, providers};
use crate::domain::{
    Appointment, AppointmentId, Licence, Patient, PatientId, PayerId, Provider, ProviderId,
    TimeSlot, VisitLength, WorkingHours,
};

/// More keys than any request that fits the cost limit asks for; what one statement can carry.
const LARGEST_BATCH: usize = 10_000;

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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FirstAvailableOf {
    pub(super) week: WeekOf,
    /// Not given: now, which is one moment for all who ask.
    pub(super) after: Option<Timestamp>,
    pub(super) length: VisitLength,
}

/// The free times of a provider within a window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct OffersOf {
    pub(super) week: WeekOf,
    pub(super) window: TimeSlot,
    pub(super) length: VisitLength,
}

/// A provider's working week, told from others by whose it is: a provider has one in a request.
#[derive(Debug, Clone)]
pub(super) struct WeekOf(pub(super) Week);

impl PartialEq for WeekOf {
    fn eq(&self, other: &Self) -> bool {
        self.0.provider_id == other.0.provider_id
    }
}

impl Eq for WeekOf {}

impl Hash for WeekOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.provider_id.hash(state);
    }
}

/// A page of the appointments of one provider or patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AppointmentsOf {
    pub(super) owner: Owner,
    pub(super) filter: AppointmentFilter,
    pub(super) page: Page<Position>,
}

/// How many appointments one provider or patient has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AppointmentCountOf {
    pub(super) owner: Owner,
    pub(super) filter: AppointmentFilter,
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
        let loader = DataLoader::new(Batches { service }, AfterThePoll, AtOnce);
        Self(loader.delay(Duration::ZERO).max_batch_size(LARGEST_BATCH))
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

impl Loader<AppointmentId> for Batches {
    type Value = Appointment;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AppointmentId],
    ) -> Result<HashMap<AppointmentId, Appointment>, ApiError> {
        let found = appointments::find_many(self.db().read(), keys).await?;
        Ok(found.into_iter().map(|appointment| (appointment.id, appointment)).collect())
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
        for ((after, length), group) in grouped(keys, |key| (key.after, key.length)) {
            let weeks = group.iter().map(|key| key.week.0.clone()).collect();
            let firsts = self.service.first_available_of_each(weeks, after, length).await?;
            found.extend(group.into_iter().filter_map(|key| {
                firsts.get(&key.week.0.provider_id).map(|first| (key.clone(), *first))
            }));
        }
        Ok(found)
    }
}

impl Loader<OffersOf> for Batches {
    type Value = Vec<TimeSlot>;
    type Error = ApiError;

    async fn load(&self, keys: &[OffersOf]) -> Result<HashMap<OffersOf, Vec<TimeSlot>>, ApiError> {
        let mut found = HashMap::new();
        for ((window, length), group) in grouped(keys, |key| (key.window, key.length)) {
            let weeks: Vec<Week> = group.iter().map(|key| key.week.0.clone()).collect();
            let mut offers = self.service.offers_within(&weeks, window, length).await?;
            found.extend(group.into_iter().filter_map(|key| {
                offers.remove(&key.week.0.provider_id).map(|offers| (key.clone(), offers))
            }));
        }
        Ok(found)
    }
}

impl Loader<AppointmentsOf> for Batches {
    type Value = Vec<Appointment>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AppointmentsOf],
    ) -> Result<HashMap<AppointmentsOf, Vec<Appointment>>, ApiError> {
        let mut found = HashMap::new();
        for ((filter, page), group) in grouped(keys, |key| (key.filter.clone(), key.page)) {
            let owners: Vec<Owner> = group.iter().map(|key| key.owner).collect();
            let pages =
                appointments::page_of_each(self.db().read(), &owners, &filter, page).await?;
            found.extend(pages.into_iter().map(|(owner, appointments)| {
                (AppointmentsOf { owner, filter: filter.clone(), page }, appointments)
            }));
        }
        Ok(found)
    }
}

impl Loader<AppointmentCountOf> for Batches {
    type Value = u64;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AppointmentCountOf],
    ) -> Result<HashMap<AppointmentCountOf, u64>, ApiError> {
        let mut found = HashMap::new();
        for (filter, group) in grouped(keys, |key| key.filter.clone()) {
            let owners: Vec<Owner> = group.iter().map(|key| key.owner).collect();
            let counts = appointments::count_of_each(self.db().read(), &owners, &filter).await?;
            found.extend(counts.into_iter().map(|(owner, count)| {
                (AppointmentCountOf { owner, filter: filter.clone() }, count)
            }));
        }
        Ok(found)
    }
}

/// Keys that ask for the same of different owners, together: one read for all of them.
fn grouped<K, G: Eq + Hash>(keys: &[K], what: impl Fn(&K) -> G) -> HashMap<G, Vec<&K>> {
    let mut groups: HashMap<G, Vec<&K>> = HashMap::new();
    for key in keys {
        groups.entry(what(key)).or_default().push(key);
    }
    groups
}
