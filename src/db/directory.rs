//! The provider directory, read whole. Its version, which the database counts up with every
//! change (the migration of that name), tells whether it has to be read again.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, Statement};

use super::engine::{Db, StoreError, date_from_db};
use super::entity::{
    insurance, insurance_alias, provider, provider_insurance, provider_state, working_hours,
};
use crate::domain::working_hours::weekday_named;
use crate::domain::{
    Directory, Licence, LocalTime, Payer, PayerId, Provider, ProviderId, UsState, WeeklySchedule,
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

/// The whole directory, of one version.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn load(db: &Db) -> Result<Directory, StoreError> {
    // One snapshot: what is written meanwhile is not half in it.
    let snapshot = db.snapshot().await?;
    let version = version(&snapshot).await?;
    let (payers, payer_by_key) = payers(&snapshot).await?;
    let (providers, unschedulable) = providers(&snapshot, &payers).await?;
    Ok(Directory::new(version, providers, unschedulable, payers, payer_by_key))
}

/// Every payer with its aliases, by name; and what each spelling means.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(super) async fn payers(
    conn: &impl ConnectionTrait,
) -> Result<(Vec<Arc<Payer>>, HashMap<String, PayerId>), StoreError> {
    let rows = insurance::Entity::find()
        .find_with_related(insurance_alias::Entity)
        .order_by_asc(insurance::Column::Name)
        .order_by_asc(insurance_alias::Column::Alias)
        .all(conn)
        .await?;
    let mut by_key = HashMap::new();
    let payers = rows.into_iter().map(|(payer, aliases)| {
        let id = PayerId::from(payer.id);
        by_key.extend(aliases.iter().map(|row| (row.key.clone(), id)));
        let aliases = aliases.into_iter().map(|row| row.alias).filter(|alias| *alias != payer.name);
        Arc::new(Payer {
            id,
            aliases: aliases.collect(),
            name: payer.name,
            self_pay: payer.self_pay,
        })
    });
    Ok((payers.collect(), by_key))
}

/// The providers who can be scheduled, and those who can't.
async fn providers(
    conn: &impl ConnectionTrait,
    payers: &[Arc<Payer>],
) -> Result<(Vec<Provider>, Vec<Provider>), StoreError> {
    let rows = provider::Entity::find().all(conn).await?;
    let mut licences = licences(conn).await?;
    let mut hours = working_hours(conn).await?;
    let by_id: HashMap<PayerId, &Arc<Payer>> =
        payers.iter().map(|payer| (payer.id, payer)).collect();
    let mut taken: HashMap<ProviderId, Vec<Arc<Payer>>> = HashMap::new();
    for row in provider_insurance::Entity::find().all(conn).await? {
        let payer = by_id.get(&row.insurance_id.into()).map(|payer| Arc::clone(payer));
        taken.entry(row.provider_id.into()).or_default().extend(payer);
    }
    let mut weeks: HashMap<(String, Vec<WorkingHours>), Arc<WeeklySchedule>> = HashMap::new();
    let (mut providers, mut unschedulable) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let id = ProviderId::from(row.id);
        let mut payers = taken.remove(&id).unwrap_or_default();
        payers.sort_by(|a, b| a.name.cmp(&b.name));
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
        let schedule = weeks
            .entry((row.time_zone.clone(), working_hours.clone()))
            .or_insert_with(|| Arc::new(WeeklySchedule::new(working_hours.clone(), zone)));
        group.push(Provider {
            id,
            reference: row.reference,
            version: row.version,
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
            licences: licences.remove(&id).unwrap_or_default(),
            payers,
            schedule: Arc::clone(schedule),
            working_hours,
        });
    }
    Ok((providers, unschedulable))
}

/// The licences of everybody, by state.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(super) async fn licences(
    conn: &impl ConnectionTrait,
) -> Result<HashMap<ProviderId, Vec<Licence>>, StoreError> {
    let select = provider_state::Entity::find()
        .order_by_asc(provider_state::Column::State)
        .order_by_asc(provider_state::Column::ValidFrom);
    let mut licences: HashMap<ProviderId, Vec<Licence>> = HashMap::new();
    for row in select.all(conn).await? {
        let licence = Licence {
            state: UsState::parse(&row.state)
                .map_err(|_unknown| StoreError::unreadable("state"))?,
            number: row.licence_number,
            valid_from: row.valid_from.map(date_from_db).transpose()?,
            valid_until: row.valid_until.map(date_from_db).transpose()?,
        };
        licences.entry(row.provider_id.into()).or_default().push(licence);
    }
    Ok(licences)
}

/// The working hours of everybody, Monday first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(super) async fn working_hours(
    conn: &impl ConnectionTrait,
) -> Result<HashMap<ProviderId, Vec<WorkingHours>>, StoreError> {
    let mut hours: HashMap<ProviderId, Vec<WorkingHours>> = HashMap::new();
    for row in working_hours::Entity::find().all(conn).await? {
        let time = |text: &str| {
            text.parse::<LocalTime>().map_err(|_malformed| StoreError::unreadable("local time"))
        };
        let span = WorkingHours {
            weekday: weekday_named(&row.weekday)
                .ok_or_else(|| StoreError::unreadable("weekday"))?,
            opens_at: time(&row.opens_at)?,
            closes_at: time(&row.closes_at)?,
        };
        hours.entry(row.provider_id.into()).or_default().push(span);
    }
    for spans in hours.values_mut() {
        spans.sort_by_key(|span| span.minutes_of_week());
    }
    Ok(hours)
}
