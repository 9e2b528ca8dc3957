//! Providers, with what decides whom they may treat and when.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sea_orm::sea_query::{ExprTrait, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use super::StoreError;
use super::entity::{insurance, provider, provider_insurance, provider_state, working_hours};
use super::time::{date_from_db, date_to_db};
use crate::domain::working_hours::weekday_named;
use crate::domain::{
    Licence, LocalTime, PayerId, Provider, ProviderId, UsState, WeeklySchedule, WorkingHours,
};

/// A provider with the working week.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Who.
    pub provider: Provider,
    /// Every licence, also those that are not valid now.
    pub licences: Vec<Licence>,
    /// When they work.
    pub schedule: WeeklySchedule,
}

/// Which providers are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct ProviderFilter {
    /// Holds a licence that is valid today.
    pub licensed: Option<LicensedToday>,
    /// Takes the payer.
    pub payer: Option<PayerId>,
}

/// A licence for a state that is valid today, where "today" depends on where the provider is.
#[derive(Debug, Clone)]
pub struct LicensedToday {
    /// The state.
    pub state: UsState,
    /// The day it is in each time zone.
    pub today: BTreeMap<Date, Vec<String>>,
}

fn selection(filter: &ProviderFilter) -> Result<Select<provider::Entity>, StoreError> {
    let mut select = provider::Entity::find();
    if let Some(LicensedToday { state, today }) = &filter.licensed {
        let mut anywhere = Condition::any();
        for (day, zones) in today {
            let here = Condition::all()
                .add(provider::Column::TimeZone.is_in(zones))
                .add(provider::Column::Id.in_subquery(licensed_on(*state, *day)?));
            anywhere = anywhere.add(here);
        }
        select = select.filter(anywhere);
    }
    if let Some(payer) = filter.payer {
        select = select.filter(provider::Column::Id.in_subquery(takes(payer)));
    }
    Ok(select)
}

fn licensed_on(state: UsState, day: Date) -> Result<SelectStatement, StoreError> {
    let day = date_to_db(day)?;
    let (from, until) = (provider_state::Column::ValidFrom, provider_state::Column::ValidUntil);
    let licensed = provider_state::Entity::find()
        .select_only()
        .column(provider_state::Column::ProviderId)
        .filter(provider_state::Column::State.eq(state.code()))
        .filter(from.is_null().or(from.lte(day)))
        .filter(until.is_null().or(until.gte(day)));
    Ok(licensed.into_query())
}

/// The time zones that providers are in.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn time_zones(conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let zones =
        provider::Entity::find().select_only().column(provider::Column::TimeZone).distinct();
    Ok(zones.into_tuple().all(conn).await?)
}

fn takes(payer: PayerId) -> SelectStatement {
    let takes = provider_insurance::Entity::find()
        .select_only()
        .column(provider_insurance::Column::ProviderId)
        .filter(provider_insurance::Column::InsuranceId.eq(payer.uuid()));
    takes.into_query()
}

/// One page of providers by id: up to `limit` after `after`, or before `before` (nearest to it).
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &ProviderFilter,
    page: super::Page<ProviderId>,
) -> Result<Vec<Provider>, StoreError> {
    let mut select = selection(filter)?;
    if let Some(after) = page.after {
        select = select.filter(provider::Column::Id.gt(after.uuid()));
    }
    if let Some(before) = page.before {
        select = select.filter(provider::Column::Id.lt(before.uuid()));
    }
    select = if page.backward {
        select.order_by_desc(provider::Column::Id)
    } else {
        select.order_by_asc(provider::Column::Id)
    };
    let mut rows: Vec<_> = select.limit(page.limit).all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    Ok(rows.into_iter().map(Provider::from).collect())
}

/// How many providers there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    filter: &ProviderFilter,
) -> Result<u64, StoreError> {
    Ok(selection(filter)?.count(conn).await?)
}

/// The provider of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: ProviderId,
) -> Result<Option<Provider>, StoreError> {
    let row = provider::Entity::find_by_id(id.uuid()).one(conn).await?;
    Ok(row.map(Provider::from))
}

/// The providers of those ids, in no order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    ids: &[ProviderId],
) -> Result<Vec<Provider>, StoreError> {
    let rows =
        provider::Entity::find().filter(provider::Column::Id.is_in(uuids(ids))).all(conn).await?;
    Ok(rows.into_iter().map(Provider::from).collect())
}

/// The providers of those ids with licences and hours, by id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn candidates(
    conn: &impl ConnectionTrait,
    ids: &[ProviderId],
) -> Result<Vec<Candidate>, StoreError> {
    let rows = provider::Entity::find()
        .filter(provider::Column::Id.is_in(uuids(ids)))
        .order_by_asc(provider::Column::Id)
        .all(conn)
        .await?;
    with_week(conn, rows).await
}

/// Everybody who was ever licensed in the state and takes the payer, by id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn matching(
    conn: &impl ConnectionTrait,
    state: UsState,
    payer: PayerId,
) -> Result<Vec<Candidate>, StoreError> {
    let ever_licensed = provider_state::Entity::find()
        .select_only()
        .column(provider_state::Column::ProviderId)
        .filter(provider_state::Column::State.eq(state.code()));
    let rows = provider::Entity::find()
        .filter(provider::Column::Id.in_subquery(ever_licensed.into_query()))
        .filter(provider::Column::Id.in_subquery(takes(payer)))
        .order_by_asc(provider::Column::Id)
        .all(conn)
        .await?;
    with_week(conn, rows).await
}

/// Whether the provider takes the payer.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn accepts(
    conn: &impl ConnectionTrait,
    id: ProviderId,
    payer: PayerId,
) -> Result<bool, StoreError> {
    let row = provider_insurance::Entity::find_by_id((id.uuid(), payer.uuid())).one(conn).await?;
    Ok(row.is_some())
}

async fn with_week(
    conn: &impl ConnectionTrait,
    rows: Vec<provider::Model>,
) -> Result<Vec<Candidate>, StoreError> {
    let ids: Vec<ProviderId> = rows.iter().map(|row| row.id.into()).collect();
    let mut licences = licences(conn, &ids).await?;
    let mut hours = working_hours(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let provider = Provider::from(row);
            let zone = TimeZone::get(&provider.time_zone)
                .map_err(|_unknown_zone| StoreError::unreadable("time zone"))?;
            let hours = hours.remove(&provider.id).unwrap_or_default();
            Ok(Candidate {
                licences: licences.remove(&provider.id).unwrap_or_default(),
                schedule: WeeklySchedule::new(hours, zone),
                provider,
            })
        })
        .collect()
}

/// The licences of those providers, by state.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn licences(
    conn: &impl ConnectionTrait,
    ids: &[ProviderId],
) -> Result<HashMap<ProviderId, Vec<Licence>>, StoreError> {
    let rows = provider_state::Entity::find()
        .filter(provider_state::Column::ProviderId.is_in(uuids(ids)))
        .order_by_asc(provider_state::Column::State)
        .order_by_asc(provider_state::Column::ValidFrom)
        .all(conn)
        .await?;
    let mut licences: HashMap<ProviderId, Vec<Licence>> = HashMap::new();
    for row in rows {
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

/// The names of the payers that those providers take, by name.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn payer_names(
    conn: &impl ConnectionTrait,
    ids: &[ProviderId],
) -> Result<HashMap<ProviderId, Vec<String>>, StoreError> {
    let rows = provider_insurance::Entity::find()
        .find_also_related(insurance::Entity)
        .filter(provider_insurance::Column::ProviderId.is_in(uuids(ids)))
        .order_by_asc(insurance::Column::Name)
        .all(conn)
        .await?;
    let mut names: HashMap<ProviderId, Vec<String>> = HashMap::new();
    for (row, payer) in rows {
        names.entry(row.provider_id.into()).or_default().extend(payer.map(|payer| payer.name));
    }
    Ok(names)
}

/// The working hours of those providers, Monday first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn working_hours(
    conn: &impl ConnectionTrait,
    ids: &[ProviderId],
) -> Result<HashMap<ProviderId, Vec<WorkingHours>>, StoreError> {
    let rows = working_hours::Entity::find()
        .filter(working_hours::Column::ProviderId.is_in(uuids(ids)))
        .all(conn)
        .await?;
    let mut hours: HashMap<ProviderId, Vec<WorkingHours>> = HashMap::new();
    for row in rows {
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

fn uuids(ids: &[ProviderId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

impl From<provider::Model> for Provider {
    fn from(row: provider::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            credentials: row.credentials,
            time_zone: row.time_zone,
        }
    }
}
