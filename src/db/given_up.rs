//! What a scheduling service still has of visits that were moved or cancelled while none was named: ours
//! alone since, and to be struck out there.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::engine::{StoreError, to_db};
use super::entity::given_up_outside;
use crate::domain::AppointmentId;

/// Notes under which id a service has a visit that is ours alone from now on.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    external_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = given_up_outside::ActiveModel {
        appointment_id: Set(id.uuid()),
        external_id: Set(external_id.to_owned()),
        given_up_at: Set(to_db(now)),
    };
    let once = OnConflict::column(given_up_outside::Column::AppointmentId).do_nothing().to_owned();
    given_up_outside::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Which of these a service was left with.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn among(
    conn: &impl ConnectionTrait,
    ids: &[AppointmentId],
) -> Result<Vec<AppointmentId>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.uuid());
    let rows = given_up_outside::Entity::find()
        .filter(given_up_outside::Column::AppointmentId.is_in(ids))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.appointment_id.into()).collect())
}
