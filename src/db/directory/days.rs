//! What the directory knows of each provider that is not as every week.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};

use super::of_providers::{local_time, of};
use crate::db::engine::{StoreError, date_from_db, slot_from_db};
use crate::db::entity::{date_override, date_override_hours, time_off};
use crate::domain::{DateOverride, DayHours, ProviderId, TimeOff};

/// The days of everybody that are not as every week, in order.
pub(in crate::db) async fn overrides(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<DateOverride>>, StoreError> {
    let mut hours: HashMap<_, Vec<DayHours>> = HashMap::new();
    let select =
        of(date_override_hours::Entity::find(), date_override_hours::Column::ProviderId, only)
            .order_by_asc(date_override_hours::Column::OpensAt);
    for row in select.all(conn).await? {
        let (opens_at, closes_at) = (local_time(&row.opens_at)?, local_time(&row.closes_at)?);
        let of_the_day = hours.entry((row.provider_id, row.date)).or_default();
        of_the_day.push(DayHours { opens_at, closes_at });
    }
    let mut overrides: HashMap<ProviderId, Vec<DateOverride>> = HashMap::new();
    let select = of(date_override::Entity::find(), date_override::Column::ProviderId, only)
        .order_by_asc(date_override::Column::Date);
    for row in select.all(conn).await? {
        let hours = hours.remove(&(row.provider_id, row.date)).unwrap_or_default();
        let one = DateOverride { date: date_from_db(row.date)?, hours };
        overrides.entry(row.provider_id.into()).or_default().push(one);
    }
    Ok(overrides)
}

/// The time that everybody takes off, by start.
pub(in crate::db) async fn time_off(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<TimeOff>>, StoreError> {
    let mut all: HashMap<ProviderId, Vec<TimeOff>> = HashMap::new();
    let select = of(time_off::Entity::find(), time_off::Column::ProviderId, only)
        .order_by_asc(time_off::Column::StartsAt);
    for row in select.all(conn).await? {
        let slot = slot_from_db(row.starts_at, row.ends_at)?;
        let one = TimeOff { id: row.id.into(), slot, reason: row.reason };
        all.entry(row.provider_id.into()).or_default().push(one);
    }
    Ok(all)
}
