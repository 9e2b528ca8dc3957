//! The provider directory, read whole. Its version, which the database counts up with every
//! change (the migration of that name), tells whether it has to be read again.

mod days;
mod of_clinic;
mod of_providers;

pub(super) use of_clinic::payers;
pub(super) use of_providers::{licences, working_hours};

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};

use self::days::{overrides, time_off};
use self::of_clinic::{clinic_rules, closed_days, visit_types};
use self::of_providers::{own_rules, own_visit_types, taken};
use super::engine::{Db, StoreError};
use super::entity::provider;
use crate::domain::directory::DirectoryParts;
use crate::domain::{
    ClinicRules, Directory, Payer, Provider, ProviderId, VisitType, VisitTypeId, WeeklySchedule,
    WorkingHours, zone_named,
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
    let version = version(&snapshot).await?;
    let (payers, payer_by_key) = payers(&snapshot).await?;
    let rules = clinic_rules(&snapshot, defaults).await?;
    let visit_types = visit_types(&snapshot).await?;
    let closed_days = closed_days(&snapshot).await?;
    let clinic = OfClinic { payers: &payers, rules: &rules, visit_types: &visit_types };
    let (providers, unschedulable) = providers(&snapshot, &clinic).await?;
    Ok(Directory::new(DirectoryParts {
        version,
        providers,
        unschedulable,
        payers,
        payer_by_key,
        rules,
        visit_types,
        closed_days,
    }))
}

/// What the clinic has that its providers refer to.
struct OfClinic<'a> {
    payers: &'a [Arc<Payer>],
    rules: &'a ClinicRules,
    visit_types: &'a [Arc<VisitType>],
}

/// The providers who can be scheduled, and those who can't.
async fn providers(
    conn: &impl ConnectionTrait,
    clinic: &OfClinic<'_>,
) -> Result<(Vec<Provider>, Vec<Provider>), StoreError> {
    let rows = provider::Entity::find().all(conn).await?;
    let mut licences = licences(conn).await?;
    let mut hours = working_hours(conn).await?;
    let mut taken = taken(conn, clinic.payers).await?;
    let mut own_types = own_visit_types(conn).await?;
    let (mut overrides, mut time_off) = (overrides(conn).await?, time_off(conn).await?);
    let mut shared = Shared::default();
    let (mut providers, mut unschedulable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let id = ProviderId::from(row.id);
        let mut working_hours = hours.remove(&id).unwrap_or_default();
        let (zone, group) = match zone_named(&row.time_zone) {
            Some(zone) => (zone, &mut providers),
            None => {
                // One who can't be scheduled must not keep the others from it; but visits that they
                // have are shown and settled, their times in UTC. Hours would be of no known time.
                tracing::error!(provider.id = %id, "{id} is left out: there is no such time zone");
                working_hours.clear();
                (TimeZone::UTC, &mut unschedulable)
            }
        };
        let own_rules = own_rules(&row);
        let own_visit_types = own_types.remove(&id).unwrap_or_default();
        group.push(Provider {
            id,
            schedule: shared.week(&row.time_zone, &working_hours, zone),
            visit_types: shared.offered(clinic.visit_types, &own_visit_types),
            reference: row.reference,
            version: row.version,
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
            licences: licences.remove(&id).unwrap_or_default(),
            payers: taken.remove(&id).unwrap_or_default(),
            active: row.active,
            rules: clinic.rules.booking.with(&own_rules),
            own_rules,
            own_visit_types,
            overrides: overrides.remove(&id).unwrap_or_default(),
            time_off: time_off.remove(&id).unwrap_or_default(),
            working_hours,
        });
    }
    Ok((providers, unschedulable))
}

/// What providers have in common is in memory once.
#[derive(Default)]
struct Shared {
    weeks: HashMap<(String, Vec<WorkingHours>), Arc<WeeklySchedule>>,
    offered: HashMap<Vec<VisitTypeId>, Arc<[Arc<VisitType>]>>,
}

impl Shared {
    fn week(
        &mut self,
        zone_name: &str,
        hours: &[WorkingHours],
        zone: TimeZone,
    ) -> Arc<WeeklySchedule> {
        let week = (zone_name.to_owned(), hours.to_vec());
        let schedule = || Arc::new(WeeklySchedule::new(hours.to_vec(), zone));
        Arc::clone(self.weeks.entry(week).or_insert_with(schedule))
    }

    /// The kinds of visits that one offers for whom `own` are set.
    fn offered(&mut self, all: &[Arc<VisitType>], own: &[VisitTypeId]) -> Arc<[Arc<VisitType>]> {
        let offers =
            |one: &&Arc<VisitType>| one.active && (own.is_empty() || own.contains(&one.id));
        let offered = || all.iter().filter(offers).map(Arc::clone).collect();
        Arc::clone(self.offered.entry(own.to_vec()).or_insert_with(offered))
    }
}
