//! The provider directory, read whole. Its version, which the database counts up with every
//! change (the migration of that name), tells whether it has to be read again.

mod days;
mod of_clinic;
mod of_providers;

pub use of_clinic::{clinic_rules, closed_days, payers, visit_types};

pub(super) use days::{overrides, time_off};
pub(super) use of_providers::{licences, own_rules, own_rules_of, own_visit_types, working_hours};

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;

use self::of_providers::{of, taken};
use super::engine::{Db, StoreError};
use super::entity::provider;
use crate::domain::directory::DirectoryParts;
use crate::domain::provider::ClinicSide;
use crate::domain::visit_type::TypeBuffers;
use crate::domain::{
    ClinicRules, DateOverride, Directory, Payer, Provider, ProviderId, VisitType, VisitTypeId,
    WeeklySchedule, WorkingHours, zone_named,
};

/// The version of what is stored now.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn version(conn: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT version FROM directory_version";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("directory version"))?.try_get_by_index(0)?)
}

/// The whole directory, of one version; what the clinic has not set of its rules is as in `defaults`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn load(db: &Db, defaults: &ClinicRules) -> Result<Directory, StoreError> {
    // One snapshot: what is written meanwhile is not half in it.
    let snapshot = db.snapshot().await?;
    read(&snapshot, defaults).await
}

/// The whole directory, as a transaction sees it.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn read(
    conn: &impl ConnectionTrait,
    defaults: &ClinicRules,
) -> Result<Directory, StoreError> {
    let version = version(conn).await?;
    let (payers, payer_by_key) = payers(conn).await?;
    let (rules, clinic) = clinic(conn, defaults).await?;
    let all = providers_of(conn, &clinic, &payers, None).await?;
    let (providers, unschedulable) =
        all.into_iter().partition(|provider| zone_named(&provider.time_zone).is_some());
    let parts =
        DirectoryParts { version, providers, unschedulable, payers, payer_by_key, rules, clinic };
    Ok(Directory::new(parts))
}

/// The directory as it is now, by what has changed of `known`: that of a few providers. None where
/// everything has to be read.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn follow(db: &Db, known: &Directory) -> Result<Option<Directory>, StoreError> {
    let snapshot = db.snapshot().await?;
    let version = version(&snapshot).await?;
    let Some(changed) = changed_since(&snapshot, known.version).await? else { return Ok(None) };
    let payers: Vec<Arc<Payer>> = known.payers().into_iter().map(Arc::clone).collect();
    let mut providers = Vec::with_capacity(changed.len());
    for id in changed {
        let found = providers_of(&snapshot, known.clinic_side(), &payers, Some(id)).await?;
        providers.push((id, found.into_iter().next()));
    }
    let is_schedulable = |provider: &Provider| zone_named(&provider.time_zone).is_some();
    Ok(Some(known.with(version, providers, is_schedulable)))
}

/// More than so many providers are read with all others.
const FEW: usize = 20;

/// The providers that have changed since a version, if they are few and nothing of the clinic's has.
async fn changed_since(
    conn: &impl ConnectionTrait,
    version: i64,
) -> Result<Option<Vec<ProviderId>>, StoreError> {
    let sql =
        format!("SELECT provider_id FROM provider_change WHERE version > $1 LIMIT {}", FEW + 1);
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), sql, [version.into()]);
    let rows = conn.query_all_raw(statement).await?;
    let changed = rows.iter().map(|row| Ok(row.try_get_by_index::<Uuid>(0)?.into()));
    let changed = changed.collect::<Result<Vec<ProviderId>, StoreError>>()?;
    let follows =
        !changed.is_empty() && changed.len() <= FEW && !changed.contains(&ProviderId::NOBODY);
    Ok(follows.then_some(changed))
}

/// Whether a provider is as they were at a version, and all that is the clinic's. For who has the
/// provider's lock.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_as_it_was(
    conn: &impl ConnectionTrait,
    id: ProviderId,
    version: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM provider_change WHERE provider_id IN ($1, $2) AND version > $3";
    let values = [id.uuid().into(), ProviderId::NOBODY.uuid().into(), version.into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("changes of the directory"))?;
    Ok(row.try_get_by_index::<i64>(0)? == 0)
}

/// One provider and the clinic's rules as they are at the moment, for who has the provider's lock; none
/// where they can't be scheduled.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn provider(
    conn: &impl ConnectionTrait,
    id: ProviderId,
    defaults: &ClinicRules,
) -> Result<Option<Provider>, StoreError> {
    let (payers, _) = payers(conn).await?;
    let (_, clinic) = clinic(conn, defaults).await?;
    let found = providers_of(conn, &clinic, &payers, Some(id)).await?;
    Ok(found.into_iter().find(|provider| zone_named(&provider.time_zone).is_some()))
}

/// The clinic's rules, and what visits with its providers are judged by.
async fn clinic(
    conn: &impl ConnectionTrait,
    defaults: &ClinicRules,
) -> Result<(ClinicRules, ClinicSide), StoreError> {
    let rules = clinic_rules(conn, defaults).await?;
    let visit_types = visit_types(conn).await?;
    let type_buffers = Arc::new(TypeBuffers::of(visit_types.iter().map(Arc::as_ref)));
    let closed_days = closed_days(conn).await?;
    Ok((rules, ClinicSide { rules: rules.booking, visit_types, type_buffers, closed_days }))
}

/// The providers, or one of them.
async fn providers_of(
    conn: &impl ConnectionTrait,
    clinic: &ClinicSide,
    payers: &[Arc<Payer>],
    only: Option<ProviderId>,
) -> Result<Vec<Provider>, StoreError> {
    let select = of(provider::Entity::find(), provider::Column::Id, only);
    let rows = select.all(conn).await?;
    let mut licences = licences(conn, only).await?;
    let mut hours = working_hours(conn, only).await?;
    let mut taken = taken(conn, payers, only).await?;
    let mut own_types = own_visit_types(conn, only).await?;
    let mut overrides = overrides(conn, only).await?;
    let mut time_off = time_off(conn, only).await?;
    let mut shared = Shared::default();
    let providers = rows.into_iter().map(|row| {
        let id = ProviderId::from(row.id);
        let mut working_hours = hours.remove(&id).unwrap_or_default();
        if zone_named(&row.time_zone).is_none() {
            // One who can't be scheduled must not keep the others from it; but visits that they
            // have are shown and settled, their times in UTC. Hours would be of no known time.
            tracing::error!(provider.id = %id, "{id} is left out: there is no such time zone");
            working_hours.clear();
        }
        let own_rules = own_rules(&row);
        let provider = Provider {
            id,
            reference: row.reference,
            version: row.version,
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
            licences: licences.remove(&id).unwrap_or_default(),
            payers: taken.remove(&id).unwrap_or_default(),
            active: row.active,
            own_rules,
            own_visit_types: own_types.remove(&id).unwrap_or_default(),
            overrides: overrides.remove(&id).unwrap_or_default(),
            time_off: time_off.remove(&id).unwrap_or_default(),
            working_hours,
            // What follows from these.
            rules: clinic.rules,
            visit_types: Arc::default(),
            type_buffers: Arc::default(),
            schedule: Arc::new(WeeklySchedule::new(Vec::new(), TimeZone::UTC)),
        };
        shared.share(provider.by(clinic))
    });
    Ok(providers.collect())
}

/// Whose week it is: the zone, the hours, and the days that are not like it.
type Week = (String, Vec<WorkingHours>, Vec<DateOverride>);

/// What providers have in common is in memory once.
#[derive(Default)]
struct Shared {
    weeks: HashMap<Week, Arc<WeeklySchedule>>,
    offered: HashMap<Vec<VisitTypeId>, Arc<[Arc<VisitType>]>>,
}

impl Shared {
    fn share(&mut self, provider: Provider) -> Provider {
        let Provider { time_zone, working_hours, overrides, own_visit_types, .. } = &provider;
        let week = (time_zone.clone(), working_hours.clone(), overrides.clone());
        let schedule = self.weeks.entry(week).or_insert_with(|| Arc::clone(&provider.schedule));
        let offered = self.offered.entry(own_visit_types.clone());
        let offered = offered.or_insert_with(|| Arc::clone(&provider.visit_types));
        Provider { schedule: Arc::clone(schedule), visit_types: Arc::clone(offered), ..provider }
    }
}
