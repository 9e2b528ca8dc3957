//! Appointments: written by comparing and setting, read by window.

mod each_owner;
mod of_calendar;
mod row;

pub use each_owner::{count_of_each, page_of_each};
pub use of_calendar::of_calendar;

use jiff::Timestamp;
use sea_orm::ActiveValue::NotSet;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Insert, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, TryInsertResult, UpdateMany,
};

pub(super) use self::row::rules_from_db;

use self::row::{ListedRow, active_model};
use super::engine::{StoreError, to_db};
use super::entity::{appointment, merged_patient};
use super::holds;
use crate::domain::busy::LONGEST_APPOINTMENT;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentPosition, AppointmentStatus, Page,
};

/// Writes a new appointment, unless a rule against overlapping ones refuses it.
///
/// `ON CONFLICT DO NOTHING` instead of catching the refusal: on `PostgreSQL` two plain inserts
/// that race for one time can deadlock on the exclusion constraint. It names no constraint, for then
/// it would be of that one alone, and a refusal by another would end the transaction there.
///
/// # Errors
///
/// [`StoreError`] when the database fails; a refusal is `Ok(false)`.
pub async fn insert(
    tx: &impl ConnectionTrait,
    appointment: &Appointment,
) -> Result<bool, StoreError> {
    let inserted = insertion(appointment).try_insert().exec_without_returning(tx).await;
    match inserted.map_err(StoreError::from) {
        Ok(TryInsertResult::Inserted(rows)) => Ok(rows == 1),
        Ok(TryInsertResult::Empty | TryInsertResult::Conflicted) | Err(StoreError::Overlap) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

pub(super) fn insertion(appointment: &Appointment) -> Insert<appointment::ActiveModel> {
    appointment::Entity::insert(active_model(appointment))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
}

/// Replaces `before` by `after`, unless it was changed meanwhile. What is held for it with another provider
/// goes when it is not on its way there any more.
///
/// # Errors
///
/// [`StoreError::Overlap`] when the new span is somebody else's (on `PostgreSQL` the transaction
/// is then over); [`StoreError`] when the database fails. A lost race is `Ok(false)`: then the transaction
/// has to be rolled back.
pub async fn replace(
    tx: &impl ConnectionTrait,
    before: &Appointment,
    after: &Appointment,
) -> Result<bool, StoreError> {
    holds::remove_if_over(tx, before, after).await?;
    let result = replacement(before, after).exec(tx).await?;
    Ok(result.rows_affected == 1)
}

pub(super) fn replacement(
    before: &Appointment,
    after: &Appointment,
) -> UpdateMany<appointment::Entity> {
    // Whose visit it is changes by merging alone, which leaves the version: what was read before must
    // not undo it.
    let changed = appointment::ActiveModel { patient_id: NotSet, ..active_model(after) };
    appointment::Entity::update_many()
        .set(changed)
        .filter(appointment::Column::Id.eq(before.id.uuid()))
        .filter(appointment::Column::Version.eq(before.version))
}

/// Makes what is held until after `now` the visit of the same id.
pub(super) fn redemption(visit: &Appointment, now: Timestamp) -> UpdateMany<appointment::Entity> {
    let ends = || Expr::col("hold_expires_at");
    appointment::Entity::update_many()
        .set(active_model(visit))
        .col_expr("hold_expires_at", Expr::value(Option::<DateTimeUtc>::None))
        .filter(appointment::Column::Id.eq(visit.id.uuid()))
        .filter(appointment::Column::Status.eq(holds::HELD))
        .filter(ends().gt(to_db(now)))
}

/// All but what is held and nobody's visit.
fn visits() -> Select<appointment::Entity> {
    appointment::Entity::find().filter(appointment::Column::Status.ne(holds::HELD))
}

/// The appointments of those ids, in no order.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    ids: &[AppointmentId],
) -> Result<Vec<Appointment>, StoreError> {
    let ids = ids.iter().map(|id| id.uuid());
    let rows = visits().filter(appointment::Column::Id.is_in(ids)).all(conn).await?;
    rows.into_iter().map(Appointment::try_from).collect()
}

/// The appointment of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Option<Appointment>, StoreError> {
    let row = visits().filter(appointment::Column::Id.eq(id.uuid())).one(conn).await?;
    row.map(Appointment::try_from).transpose()
}

/// The appointment that has an outside id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn with_external_id(
    conn: &impl ConnectionTrait,
    external_id: &str,
) -> Result<Option<Appointment>, StoreError> {
    let has_it = appointment::Column::ExternalId.eq(external_id);
    let row = appointment::Entity::find().filter(has_it).one(conn).await?;
    row.map(Appointment::try_from).transpose()
}

/// What a list holds, between two places in it.
fn selection(
    filter: &AppointmentFilter,
    after: Option<AppointmentPosition>,
    before: Option<AppointmentPosition>,
) -> Select<appointment::Entity> {
    let statuses = filter.statuses.as_deref().unwrap_or(&AppointmentStatus::HOLDING);
    let (starts_at, id) = (appointment::Column::StartsAt, appointment::Column::Id);
    let mut select = appointment::Entity::find()
        .filter(appointment::Column::Status.is_in(statuses.iter().map(|status| status.as_str())));
    // Not by comparing pairs, (starts_at, id): SQLite takes a pair for more selective than it is,
    // and leaves the index of the owner for that of all times.
    if let Some(after) = after {
        let at = to_db(after.starts_at);
        let later = starts_at.gt(at).or(id.gt(after.id.uuid()));
        select = select.filter(starts_at.gte(at)).filter(later);
    }
    if let Some(before) = before {
        let at = to_db(before.starts_at);
        let sooner = starts_at.lt(at).or(id.lt(before.id.uuid()));
        select = select.filter(starts_at.lte(at)).filter(sooner);
    }
    if let Some(window) = filter.window {
        let earliest =
            window.starts_at().saturating_sub(LONGEST_APPOINTMENT).unwrap_or(Timestamp::MIN);
        // Each end is said once, by the narrower bound: a planner takes two for more selective.
        if after.is_none_or(|after| after.starts_at <= earliest) {
            select = select.filter(starts_at.gt(to_db(earliest)));
        }
        if before.is_none_or(|before| before.starts_at >= window.ends_at()) {
            select = select.filter(starts_at.lt(to_db(window.ends_at())));
        }
        select = select.filter(appointment::Column::EndsAt.gt(to_db(window.starts_at())));
    }
    if let Some(id) = filter.provider_id {
        select = select.filter(appointment::Column::ProviderId.eq(id.uuid()));
    }
    if let Some(ids) = &filter.provider_ids {
        let ids = ids.iter().map(|id| id.uuid());
        select = select.filter(appointment::Column::ProviderId.is_in(ids));
    }
    if let Some(payer) = filter.payer {
        select = select.filter(appointment::Column::InsuranceId.eq(payer.uuid()));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(appointment::Column::VisitTypeId.eq(kind.uuid()));
    }
    if let Some(id) = filter.patient_id {
        // Whoever was merged into another is that other.
        let kept = merged_patient::Entity::find()
            .select_only()
            .column(merged_patient::Column::KeptId)
            .filter(merged_patient::Column::Id.eq(id.uuid()))
            .into_query();
        let mut ids = Query::select().expr(Expr::value(id.uuid())).to_owned();
        ids.union(UnionType::All, kept);
        select = select.filter(appointment::Column::PatientId.in_subquery(ids));
    }
    if let Some(state) = filter.state {
        select = select.filter(appointment::Column::State.eq(state.code()));
    }
    if let Some(since) = filter.updated_since {
        select = select.filter(appointment::Column::UpdatedAt.gte(to_db(since)));
    }
    select
}

/// A page of what a list holds; backward pages come in reverse.
fn one_page(
    filter: &AppointmentFilter,
    page: Page<AppointmentPosition>,
) -> Select<appointment::Entity> {
    let order = if page.backward { Order::Desc } else { Order::Asc };
    selection(filter, page.after, page.before)
        .order_by(appointment::Column::StartsAt, order.clone())
        .order_by(appointment::Column::Id, order)
        .limit(page.limit)
}

/// One page of appointments by start.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn page(
    conn: &impl ConnectionTrait,
    filter: &AppointmentFilter,
    page: Page<AppointmentPosition>,
) -> Result<Vec<Appointment>, StoreError> {
    let mut rows = one_page(filter, page).into_model::<ListedRow>().all(conn).await?;
    if page.backward {
        rows.reverse();
    }
    rows.into_iter().map(Appointment::try_from).collect()
}

/// How many appointments there are.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    filter: &AppointmentFilter,
) -> Result<u64, StoreError> {
    Ok(selection(filter, None, None).count(conn).await?)
}
