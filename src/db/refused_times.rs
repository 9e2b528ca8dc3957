//! Times of providers that the scheduling service has refused of late: not offered for some minutes,
//! and still tried for whoever asks for one of them by name.

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::engine::{StoreError, to_db};
use super::entity::refused_time;
use crate::domain::{ProviderId, TimeSlot};

/// For how long a refusal is remembered. The service's book may have changed by then.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What was refused after this moment is remembered.
pub fn remembered_since(now: Timestamp) -> Timestamp {
    now.saturating_sub(REMEMBERED_FOR).unwrap_or(Timestamp::MIN)
}

/// Remembers that the service has refused this time of the provider's.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remember(
    tx: &impl ConnectionTrait,
    provider_id: ProviderId,
    slot: TimeSlot,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = refused_time::ActiveModel {
        provider_id: Set(provider_id.uuid()),
        starts_at: Set(to_db(slot.starts_at())),
        ends_at: Set(to_db(slot.ends_at())),
        refused_at: Set(to_db(now)),
    };
    let key = [
        refused_time::Column::ProviderId,
        refused_time::Column::StartsAt,
        refused_time::Column::EndsAt,
    ];
    let again = OnConflict::columns(key).update_column(refused_time::Column::RefusedAt).to_owned();
    refused_time::Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Forgets what is not remembered any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_old(tx: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let deleted = refused_time::Entity::delete_many()
        .filter(refused_time::Column::RefusedAt.lte(to_db(remembered_since(now))))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}
