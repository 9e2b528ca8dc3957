//! Writing down what becomes of what is the clinic's: its rules, kinds of visits, insurances and the days
//! on which it is closed. Each is replaced unless it was changed meanwhile, which is `Ok(false)`.

use jiff::civil::Date;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::db::directory;
use crate::db::engine::{StoreError, date_to_db};
use crate::db::entity::{clinic_rules, closed_day, insurance, insurance_alias, visit_type};
use crate::domain::insurance::payer_key;
use crate::domain::visit_type::visit_type_key;
use crate::domain::{ClinicSettings, ClosedDay, LocalTime, Payer, VisitType};

/// What the clinic has set.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn clinic_settings(conn: &impl ConnectionTrait) -> Result<ClinicSettings, StoreError> {
    let row = clinic_rules::Entity::find_by_id(1).one(conn).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("clinic's rules"))?;
    let time = |text: &Option<String>| {
        let parsed = text.as_deref().map(str::parse::<LocalTime>).transpose();
        parsed.map_err(|_malformed| StoreError::unreadable("local time"))
    };
    Ok(ClinicSettings {
        version: row.version,
        patient_earliest: time(&row.patient_earliest)?,
        patient_latest: time(&row.patient_latest)?,
        rules: directory::own_rules_of([
            row.grid_minutes,
            row.buffer_before_minutes,
            row.buffer_after_minutes,
            row.notice_minutes,
            row.horizon_days,
            row.max_appointments_per_day,
        ]),
    })
}

/// Replaces what the clinic has set of version `before`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace_clinic_settings(
    tx: &impl ConnectionTrait,
    before: i32,
    after: &ClinicSettings,
) -> Result<bool, StoreError> {
    let (rules, text) = (&after.rules, |time: Option<LocalTime>| time.map(|time| time.to_string()));
    let row = clinic_rules::ActiveModel {
        id: Set(1),
        version: Set(after.version),
        grid_minutes: Set(rules.grid_minutes.map(i32::from)),
        buffer_before_minutes: Set(rules.buffer_before_minutes.map(i32::from)),
        buffer_after_minutes: Set(rules.buffer_after_minutes.map(i32::from)),
        notice_minutes: Set(rules.notice_minutes.and_then(|minutes| i32::try_from(minutes).ok())),
        horizon_days: Set(rules.horizon_days.map(i32::from)),
        max_appointments_per_day: Set(rules.max_appointments_per_day.map(i32::from)),
        patient_earliest: Set(text(after.patient_earliest)),
        patient_latest: Set(text(after.patient_latest)),
    };
    let updated = clinic_rules::Entity::update_many()
        .set(row)
        .filter(clinic_rules::Column::Version.eq(before))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Counts a change of what has no version of its own.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count_clinic_change(tx: &impl ConnectionTrait) -> Result<(), StoreError> {
    let version = clinic_rules::Column::Version;
    let next = Expr::col(version).add(1);
    clinic_rules::Entity::update_many().col_expr(version, next).exec(tx).await?;
    Ok(())
}

/// Writes down that the clinic is closed on a day, which may be called otherwise already.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put_closed_day(tx: &impl ConnectionTrait, day: &ClosedDay) -> Result<(), StoreError> {
    let row =
        closed_day::ActiveModel { date: Set(date_to_db(day.date)?), name: Set(day.name.clone()) };
    let again = OnConflict::column(closed_day::Column::Date)
        .update_column(closed_day::Column::Name)
        .to_owned();
    closed_day::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets that the clinic is closed on a day.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_closed_day(tx: &impl ConnectionTrait, date: Date) -> Result<(), StoreError> {
    closed_day::Entity::delete_by_id(date_to_db(date)?).exec(tx).await?;
    Ok(())
}

fn visit_type_columns(one: &VisitType) -> visit_type::ActiveModel {
    visit_type::ActiveModel {
        id: Set(one.id.uuid()),
        name: Set(one.name.clone()),
        name_key: Set(visit_type_key(&one.name)),
        duration_minutes: Set(i32::from(one.length.minutes())),
        buffer_before_minutes: Set(i32::from(one.buffers.before_minutes())),
        buffer_after_minutes: Set(i32::from(one.buffers.after_minutes())),
        active: Set(one.active),
        version: Set(one.version),
    }
}

/// Writes down a new kind of visit.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_visit_type(
    tx: &impl ConnectionTrait,
    one: &VisitType,
) -> Result<(), StoreError> {
    visit_type::Entity::insert(visit_type_columns(one)).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces a kind of visit of version `before`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace_visit_type(
    tx: &impl ConnectionTrait,
    before: i32,
    after: &VisitType,
) -> Result<bool, StoreError> {
    let updated = visit_type::Entity::update_many()
        .set(visit_type_columns(after))
        .filter(visit_type::Column::Id.eq(after.id.uuid()))
        .filter(visit_type::Column::Version.eq(before))
        .exec(tx)
        .await?;
    Ok(updated.rows_affected == 1)
}

fn payer_columns(payer: &Payer) -> insurance::ActiveModel {
    insurance::ActiveModel {
        id: Set(payer.id.uuid()),
        name: Set(payer.name.clone()),
        self_pay: Set(payer.self_pay),
        version: Set(payer.version),
        active: Set(payer.active),
    }
}

/// Writes down a new payer, whose names are written by themselves.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_payer(tx: &impl ConnectionTrait, payer: &Payer) -> Result<(), StoreError> {
    insurance::Entity::insert(payer_columns(payer)).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces a payer of version `before`, and takes all its names from it, which are written by themselves.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace_payer(
    tx: &impl ConnectionTrait,
    before: i32,
    after: &Payer,
) -> Result<bool, StoreError> {
    let updated = insurance::Entity::update_many()
        .set(payer_columns(after))
        .filter(insurance::Column::Id.eq(after.id.uuid()))
        .filter(insurance::Column::Version.eq(before))
        .exec(tx)
        .await?;
    if updated.rows_affected != 1 {
        return Ok(false);
    }
    insurance_alias::Entity::delete_many()
        .filter(insurance_alias::Column::InsuranceId.eq(after.id.uuid()))
        .exec(tx)
        .await?;
    Ok(true)
}

/// Writes down every name of a payer.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert_payer_names(
    tx: &impl ConnectionTrait,
    payer: &Payer,
) -> Result<(), StoreError> {
    for name in payer.spellings() {
        let row = insurance_alias::ActiveModel {
            key: Set(payer_key(name)),
            alias: Set(name.to_owned()),
            insurance_id: Set(payer.id.uuid()),
        };
        // Two spellings of one name are one row.
        insurance_alias::Entity::insert(row)
            .on_conflict_do_nothing()
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
