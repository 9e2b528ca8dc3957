//! Loaders: what many rows need is read at once. Fresh for each request, so that nothing one
//! caller read is shown to another.

mod directory;
mod history;
mod mail;
mod series;

pub(super) use history::HistoryOf;
pub(super) use mail::MailsOf;
pub(super) use series::{SeriesOf, VisitsOf};

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::dataloader::{DataLoader, Loader};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::error::ApiError;
use super::library::{AfterThePoll, AtOnce};
use crate::access::{Actor, Grant, Permission};
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentOwner, AppointmentPosition,
    Directory, Page, Patient, PatientId, Provider, TimeSlot, VisitShape,
};
use crate::services::Services;

/// More keys than any request that fits the cost limit asks for; what one statement can carry.
const LARGEST_BATCH: usize = 10_000;

/// The first free time of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FirstAvailableOf {
    pub(super) provider: ProviderKey,
    /// Not given: now, which is one moment for all who ask.
    pub(super) after: Option<Timestamp>,
    pub(super) shape: VisitShape,
}

/// The free times of a provider within a window.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct OffersOf {
    pub(super) provider: ProviderKey,
    pub(super) window: TimeSlot,
    pub(super) shape: VisitShape,
}

/// A provider, told from others by the id.
#[derive(Debug, Clone)]
pub(super) struct ProviderKey(pub(super) Arc<Provider>);

impl PartialEq for ProviderKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ProviderKey {}

impl Hash for ProviderKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

/// A page of the appointments of one provider or patient.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AppointmentsOf {
    pub(super) owner: AppointmentOwner,
    pub(super) filter: AppointmentFilter,
    pub(super) page: Page<AppointmentPosition>,
}

/// How many appointments one provider or patient has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AppointmentCountOf {
    pub(super) owner: AppointmentOwner,
    pub(super) filter: AppointmentFilter,
}

/// Every loader of a request, and the directory as it was when the request first asked. Cheap to
/// clone; clones share it.
#[derive(Clone)]
pub struct Loaders(Arc<Shared>);

struct Shared {
    batches: DataLoader<Batches>,
    directory: OnceCell<Arc<Directory>>,
    services: Services,
    actor: Actor,
}

/// How a batch of each kind of key is read, and for whom.
pub(super) struct Batches {
    services: Services,
    actor: Actor,
}

impl Loaders {
    /// Loaders for one request of `actor`.
    pub fn new(services: Services, actor: Actor) -> Self {
        let batches = Batches { services: services.clone(), actor: actor.clone() };
        let batches = DataLoader::new(batches, AfterThePoll, AtOnce);
        let batches = batches.delay(Duration::ZERO).max_batch_size(LARGEST_BATCH);
        Self(Arc::new(Shared { batches, directory: OnceCell::new(), services, actor }))
    }

    /// The patients of those ids who are there, and for the caller to see.
    pub(super) async fn patients(
        &self,
        ids: Vec<PatientId>,
    ) -> Result<HashMap<PatientId, Arc<Patient>>, ApiError> {
        self.0.batches.load_many(ids).await
    }

    /// The patient of an appointment; none where they are not for the caller to see.
    pub(super) async fn patient_of(
        &self,
        appointment: &Appointment,
    ) -> Result<Option<Arc<Patient>>, ApiError> {
        let found = self.load(appointment.patient_id).await?;
        if found.is_none() && self.0.actor.grant(Permission::ReadPatients) == Grant::All {
            return Err(ApiError::missing("patient"));
        }
        Ok(found)
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
        self.0.batches.load_one(key).await
    }
}

impl Loader<AppointmentId> for Batches {
    type Value = Appointment;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[AppointmentId],
    ) -> Result<HashMap<AppointmentId, Appointment>, ApiError> {
        let found = self.services.records.appointments_of_ids(&self.actor, keys).await?;
        Ok(found.into_iter().map(|appointment| (appointment.id, appointment)).collect())
    }
}

impl Loader<PatientId> for Batches {
    type Value = Arc<Patient>;
    type Error = ApiError;

    async fn load(&self, keys: &[PatientId]) -> Result<HashMap<PatientId, Arc<Patient>>, ApiError> {
        let found = self.services.records.patients_of_ids(&self.actor, keys).await?;
        Ok(found.into_iter().map(|(id, patient)| (id, Arc::new(patient))).collect())
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
        for ((after, shape), group) in grouped(keys, |key| (key.after, key.shape)) {
            let providers = group.iter().map(|key| Arc::clone(&key.provider.0)).collect();
            let firsts = self
                .services
                .search
                .first_available_of_each(&self.actor, providers, after, shape)
                .await?;
            found.extend(group.into_iter().filter_map(|key| {
                firsts.get(&key.provider.0.id).map(|first| (key.clone(), *first))
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
        for ((window, shape), group) in grouped(keys, |key| (key.window, key.shape)) {
            let providers: Vec<Arc<Provider>> =
                group.iter().map(|key| Arc::clone(&key.provider.0)).collect();
            let mut offers =
                self.services.search.offers_within(&self.actor, &providers, window, shape).await?;
            found.extend(group.into_iter().filter_map(|key| {
                offers.remove(&key.provider.0.id).map(|offers| (key.clone(), offers))
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
            let owners: Vec<AppointmentOwner> = group.iter().map(|key| key.owner).collect();
            let records = &self.services.records;
            let pages = records.appointments_of_each(&self.actor, &owners, &filter, page).await?;
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
            let owners: Vec<AppointmentOwner> = group.iter().map(|key| key.owner).collect();
            let records = &self.services.records;
            let counts = records.count_appointments_of_each(&self.actor, &owners, &filter).await?;
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
