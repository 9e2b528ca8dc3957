//! Appointments: written by comparing and setting, read by window.

mod each_owner;

pub use each_owner::{count_of_each, page_of_each};

use jiff::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, TryInsertResult, UpdateMany,
};

use super::engine::{StoreError, from_db, slot_from_db, to_db};
use super::entity::{appointment, merged_patient};
use crate::domain::busy::LONGEST_APPOINTMENT;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentPosition, AppointmentStatus, Page,
    UsState,
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
    let inserted = appointment::Entity::insert(active_model(appointment))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .try_insert()
        .exec_without_returning(tx)
        .await;
    match inserted.map_err(StoreError::from) {
        Ok(TryInsertResult::Inserted(rows)) => Ok(rows == 1),
        Ok(TryInsertResult::Empty | TryInsertResult::Conflicted) | Err(StoreError::Overlap) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Replaces `before` by `after`, unless it was changed meanwhile.
///
/// # Errors
///
/// [`StoreError::Overlap`] when the new span is somebody else's (on `PostgreSQL` the transaction
/// is then over); [`StoreError`] when the database fails. A lost race is `Ok(false)`.
pub async fn replace(
    tx: &impl ConnectionTrait,
    before: &Appointment,
    after: &Appointment,
) -> Result<bool, StoreError> {
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
    let rows =
        appointment::Entity::find().filter(appointment::Column::Id.is_in(ids)).all(conn).await?;
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
    let row = appointment::Entity::find_by_id(id.uuid()).one(conn).await?;
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
    let mut rows = one_page(filter, page).all(conn).await?;
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

fn active_model(appointment: &Appointment) -> appointment::ActiveModel {
    appointment::ActiveModel {
        id: Set(appointment.id.uuid()),
        provider_id: Set(appointment.provider_id.uuid()),
        patient_id: Set(appointment.patient_id.uuid()),
        starts_at: Set(to_db(appointment.slot.starts_at())),
        ends_at: Set(to_db(appointment.slot.ends_at())),
        move_starts_at: Set(appointment.moving_to.map(|slot| to_db(slot.starts_at()))),
        move_ends_at: Set(appointment.moving_to.map(|slot| to_db(slot.ends_at()))),
        status: Set(appointment.status.as_str().to_owned()),
        ends_as: Set(appointment.ends_as.map(|status| status.as_str().to_owned())),
        version: Set(appointment.version),
        state: Set(appointment.state.code().to_owned()),
        insurance_id: Set(appointment.payer_id.uuid()),
        reason: Set(appointment.reason.clone()),
        cancel_reason: Set(appointment.cancel_reason.clone()),
        external_id: Set(appointment.external_id.clone()),
        kept_here: Set(appointment.kept_here),
        unsettled_outside: Set(appointment.unsettled_outside),
        created_at: Set(to_db(appointment.created_at)),
        updated_at: Set(to_db(appointment.updated_at)),
    }
}

impl TryFrom<appointment::Model> for Appointment {
    type Error = StoreError;

    fn try_from(row: appointment::Model) -> Result<Self, Self::Error> {
        let status = |name: &str| {
            name.parse::<AppointmentStatus>().map_err(|_unknown| StoreError::unreadable("status"))
        };
        let moving_to = match (row.move_starts_at, row.move_ends_at) {
            (Some(starts_at), Some(ends_at)) => Some(slot_from_db(starts_at, ends_at)?),
            _ => None,
        };
        Ok(Self {
            id: row.id.into(),
            provider_id: row.provider_id.into(),
            patient_id: row.patient_id.into(),
            slot: slot_from_db(row.starts_at, row.ends_at)?,
            moving_to,
            status: status(&row.status)?,
            ends_as: row.ends_as.as_deref().map(status).transpose()?,
            version: row.version,
            state: UsState::parse(&row.state)
                .map_err(|_unknown| StoreError::unreadable("state"))?,
            payer_id: row.insurance_id.into(),
            reason: row.reason,
            cancel_reason: row.cancel_reason,
            external_id: row.external_id,
            kept_here: row.kept_here,
            unsettled_outside: row.unsettled_outside,
            created_at: from_db(row.created_at)?,
            updated_at: from_db(row.updated_at)?,
        })
    }
}
