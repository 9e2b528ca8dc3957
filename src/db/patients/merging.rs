//! Making one patient of two. The row of the merged one goes, so that nothing can be booked for them
//! any more: what was about to be is refused by the reference, and looks again who is meant.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use super::find_to_change;
use crate::db::busy::{HOLDING, OF_PATIENT};
use crate::db::engine::{StoreError, to_db};
use crate::db::entity::{appointment, idempotency_key, merged_patient, patient};
use crate::domain::folding::name_key;
use crate::domain::name_and_address::email_key;
use crate::domain::{AppointmentId, Patient, PatientId};

/// Both patients, for whom nobody else books until the transaction ends: on `PostgreSQL` an
/// appointment refers to a row that is locked. Whoever locks two takes the lower id first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lock_both(
    tx: &impl ConnectionTrait,
    one: PatientId,
    other: PatientId,
) -> Result<Option<(Patient, Patient)>, StoreError> {
    let first = find_to_change(tx, one.min(other)).await?;
    let second = find_to_change(tx, one.max(other)).await?;
    let both = first.zip(second);
    Ok(if one <= other { both } else { both.map(|(first, second)| (second, first)) })
}

#[derive(FromQueryResult)]
struct PairRow {
    one: Uuid,
    other: Uuid,
}

/// The visits of the two that hold time and overlap, by their ids.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn visits_that_overlap(
    tx: &impl ConnectionTrait,
    kept: PatientId,
    merged: PatientId,
) -> Result<Vec<AppointmentId>, StoreError> {
    let mut pairs = Vec::new();
    // One that is on the move holds two spans.
    for (one, other) in
        OF_PATIENT.iter().flat_map(|one| OF_PATIENT.iter().map(move |other| (one, other)))
    {
        pairs.push(format!(
            "SELECT one.id AS one, other.id AS other
               FROM appointment AS one JOIN appointment AS other
                 ON other.{other}starts_at < one.{one}ends_at AND other.{other}ends_at > one.{one}starts_at
              WHERE one.patient_id = $1 AND other.patient_id = $2
                AND one.status IN {HOLDING} AND other.status IN {HOLDING}"
        ));
    }
    let values = [kept.uuid().into(), merged.uuid().into()];
    let sql = pairs.join(" UNION ");
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let rows = PairRow::find_by_statement(statement).all(tx).await?;
    let mut ids: Vec<AppointmentId> =
        rows.into_iter().flat_map(|row| [row.one.into(), row.other.into()]).collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Gives the visits of one patient to another, the keys of requests about them with them. A visit
/// keeps its version: whoever settles it at this moment goes on, and nothing that a version is asked
/// for has changed.
///
/// # Errors
///
/// [`StoreError::Overlap`] when two of them can't be one person's; [`StoreError`] when the database
/// fails.
pub async fn move_visits(
    tx: &impl ConnectionTrait,
    kept: PatientId,
    merged: PatientId,
    now: Timestamp,
) -> Result<(), StoreError> {
    appointment::Entity::update_many()
        .col_expr(appointment::Column::PatientId, kept.uuid().into())
        .col_expr(appointment::Column::UpdatedAt, to_db(now).into())
        .filter(appointment::Column::PatientId.eq(merged.uuid()))
        .exec(tx)
        .await?;
    idempotency_key::Entity::update_many()
        .col_expr(idempotency_key::Column::PatientId, Expr::value(kept.uuid()))
        .filter(idempotency_key::Column::PatientId.eq(merged.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Removes a patient whose visits are another's; the id, and name and address, lead there from now
/// on, and so do those that led to the merged one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_merged(
    tx: &impl ConnectionTrait,
    kept: PatientId,
    merged: &Patient,
    now: Timestamp,
) -> Result<(), StoreError> {
    merged_patient::Entity::update_many()
        .col_expr(merged_patient::Column::KeptId, kept.uuid().into())
        .filter(merged_patient::Column::KeptId.eq(merged.id.uuid()))
        .exec(tx)
        .await?;
    patient::Entity::delete_by_id(merged.id.uuid()).exec(tx).await?;
    let row = merged_patient::ActiveModel {
        id: Set(merged.id.uuid()),
        kept_id: Set(kept.uuid()),
        email_key: Set(email_key(&merged.email)),
        folded_name: Set(name_key(&merged.name)),
        merged_at: Set(to_db(now)),
    };
    merged_patient::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
