//! Providers as they are written down: one of them, or all.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::directory;
use crate::db::engine::StoreError;
use crate::db::entity::{provider, provider_insurance, time_off};
use crate::domain::{PayerId, ProviderId, ProviderRecord, TimeOffId};

/// The provider of that id, as they are written down.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: ProviderId,
) -> Result<Option<ProviderRecord>, StoreError> {
    Ok(records(conn, Some(id)).await?.pop())
}

/// Everybody, by when they joined.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<ProviderRecord>, StoreError> {
    records(conn, None).await
}

/// Who takes that time off.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn who_takes_off(
    conn: &impl ConnectionTrait,
    id: TimeOffId,
) -> Result<Option<ProviderId>, StoreError> {
    let row = time_off::Entity::find_by_id(id.uuid()).one(conn).await?;
    Ok(row.map(|row| row.provider_id.into()))
}

async fn records(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<Vec<ProviderRecord>, StoreError> {
    let mut select = provider::Entity::find().order_by_asc(provider::Column::Id);
    if let Some(id) = only {
        select = select.filter(provider::Column::Id.eq(id.uuid()));
    }
    let rows = select.all(conn).await?;
    let mut payers = payers(conn, only).await?;
    let mut licences = directory::licences(conn, only).await?;
    let mut hours = directory::working_hours(conn, only).await?;
    let mut visit_types = directory::own_visit_types(conn, only).await?;
    let mut overrides = directory::overrides(conn, only).await?;
    let mut time_off = directory::time_off(conn, only).await?;
    let records = rows.into_iter().map(|row| {
        let id = ProviderId::from(row.id);
        let record = ProviderRecord {
            id,
            version: row.version,
            rules: directory::own_rules(&row),
            reference: row.reference,
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
            active: row.active,
            licences: licences.remove(&id).unwrap_or_default(),
            payers: payers.remove(&id).unwrap_or_default(),
            working_hours: hours.remove(&id).unwrap_or_default(),
            visit_types: visit_types.remove(&id).unwrap_or_default().into_iter().collect(),
            overrides: overrides.remove(&id).unwrap_or_default(),
            time_off: time_off.remove(&id).unwrap_or_default(),
        };
        record.in_order()
    });
    Ok(records.collect())
}

async fn payers(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, BTreeSet<PayerId>>, StoreError> {
    let mut select = provider_insurance::Entity::find();
    if let Some(id) = only {
        select = select.filter(provider_insurance::Column::ProviderId.eq(id.uuid()));
    }
    let mut taken: HashMap<ProviderId, BTreeSet<PayerId>> = HashMap::new();
    for row in select.all(conn).await? {
        taken.entry(row.provider_id.into()).or_default().insert(row.insurance_id.into());
    }
    Ok(taken)
}

/// Whether somebody has that reference.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn has_reference(
    conn: &impl ConnectionTrait,
    reference: &str,
) -> Result<bool, StoreError> {
    let same = provider::Entity::find().filter(provider::Column::Reference.eq(reference));
    Ok(same.limit(1).one(conn).await?.is_some())
}
