//! What the directory knows of each provider, as it is every week.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select,
};

use crate::db::engine::{StoreError, date_from_db};
use crate::db::entity::{
    provider, provider_insurance, provider_state, provider_visit_type, working_hours,
};
use crate::domain::working_hours::weekday_named;
use crate::domain::{
    Licence, LocalTime, OwnRules, Payer, PayerId, ProviderId, UsState, VisitTypeId, WorkingHours,
};

/// What a table has of everybody, or of one provider.
pub(super) fn of<E: EntityTrait>(
    select: Select<E>,
    whose: impl ColumnTrait,
    only: Option<ProviderId>,
) -> Select<E> {
    select.apply_if(only, |select, id| select.filter(whose.eq(id.uuid())))
}

/// The licences of everybody, or of one provider, by state.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(in crate::db) async fn licences(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<Licence>>, StoreError> {
    let select = of(provider_state::Entity::find(), provider_state::Column::ProviderId, only)
        .order_by_asc(provider_state::Column::State)
        .order_by_asc(provider_state::Column::ValidFrom);
    let mut licences: HashMap<ProviderId, Vec<Licence>> = HashMap::new();
    for row in select.all(conn).await? {
        let licence = Licence {
            id: row.id.into(),
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
pub(in crate::db) async fn working_hours(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<WorkingHours>>, StoreError> {
    let mut hours: HashMap<ProviderId, Vec<WorkingHours>> = HashMap::new();
    for row in
        of(working_hours::Entity::find(), working_hours::Column::ProviderId, only).all(conn).await?
    {
        let span = WorkingHours {
            weekday: weekday_named(&row.weekday)
                .ok_or_else(|| StoreError::unreadable("weekday"))?,
            opens_at: local_time(&row.opens_at)?,
            closes_at: local_time(&row.closes_at)?,
            effective_from: row.effective_from.map(date_from_db).transpose()?,
            effective_until: row.effective_until.map(date_from_db).transpose()?,
        };
        hours.entry(row.provider_id.into()).or_default().push(span);
    }
    for spans in hours.values_mut() {
        spans.sort_by_key(|span| (span.minutes_of_week(), span.effective_from));
    }
    Ok(hours)
}

pub(super) fn local_time(text: &str) -> Result<LocalTime, StoreError> {
    text.parse().map_err(|_malformed| StoreError::unreadable("local time"))
}

/// The payers whose insurance each provider takes, by name.
pub(super) async fn taken(
    conn: &impl ConnectionTrait,
    payers: &[Arc<Payer>],
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<Arc<Payer>>>, StoreError> {
    let by_id: HashMap<PayerId, &Arc<Payer>> =
        payers.iter().map(|payer| (payer.id, payer)).collect();
    let mut taken: HashMap<ProviderId, Vec<Arc<Payer>>> = HashMap::new();
    for row in of(provider_insurance::Entity::find(), provider_insurance::Column::ProviderId, only)
        .all(conn)
        .await?
    {
        let payer = by_id.get(&row.insurance_id.into()).map(|payer| Arc::clone(payer));
        taken.entry(row.provider_id.into()).or_default().extend(payer);
    }
    for payers in taken.values_mut() {
        payers.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(taken)
}

/// The kinds of visits that are set for each provider, in order.
pub(in crate::db) async fn own_visit_types(
    conn: &impl ConnectionTrait,
    only: Option<ProviderId>,
) -> Result<HashMap<ProviderId, Vec<VisitTypeId>>, StoreError> {
    let mut own: HashMap<ProviderId, Vec<VisitTypeId>> = HashMap::new();
    for row in
        of(provider_visit_type::Entity::find(), provider_visit_type::Column::ProviderId, only)
            .all(conn)
            .await?
    {
        own.entry(row.provider_id.into()).or_default().push(row.visit_type_id.into());
    }
    for types in own.values_mut() {
        types.sort_unstable();
    }
    Ok(own)
}

/// The rules that a provider has set.
pub(in crate::db) fn own_rules(row: &provider::Model) -> OwnRules {
    own_rules_of([
        row.grid_minutes,
        row.buffer_before_minutes,
        row.buffer_after_minutes,
        row.notice_minutes,
        row.horizon_days,
        row.max_appointments_per_day,
    ])
}

/// Rules as the columns have them, in this order.
pub(in crate::db) fn own_rules_of(columns: [Option<i32>; 6]) -> OwnRules {
    let [grid, before, after, notice, horizon, most] = columns;
    // The schema keeps each within its bounds.
    let small = |column: Option<i32>| column.and_then(|number| u16::try_from(number).ok());
    OwnRules {
        grid_minutes: small(grid),
        buffer_before_minutes: small(before),
        buffer_after_minutes: small(after),
        notice_minutes: notice.and_then(|number| u32::try_from(number).ok()),
        horizon_days: small(horizon),
        max_appointments_per_day: small(most),
    }
}
