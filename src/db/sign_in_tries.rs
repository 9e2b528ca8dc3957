//! Tries to sign in, each noted before it is judged and taken back when it was right: so that many
//! at once, at whichever replicas, are counted as well.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::engine::{StoreError, from_db, to_db};
use super::entity::sign_in_try;

/// Whose tries: for that account, from that address.
#[derive(Debug, Clone, Copy)]
pub struct Tries<'a> {
    /// SHA-256 of the account's address, whether or not there is such an account.
    pub account_hash: &'a [u8],
    /// Where they came from.
    pub address: &'a str,
}

/// When those were made that count, the oldest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn since(
    tx: &impl ConnectionTrait,
    tries: Tries<'_>,
    since: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    let rows = sign_in_try::Entity::find()
        .filter(sign_in_try::Column::AccountHash.eq(tries.account_hash.to_vec()))
        .filter(sign_in_try::Column::Address.eq(tries.address))
        .filter(sign_in_try::Column::TriedAt.gt(to_db(since)))
        .order_by_asc(sign_in_try::Column::TriedAt)
        .all(tx)
        .await?;
    rows.into_iter().map(|row| from_db(row.tried_at)).collect()
}

/// Notes one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note(
    tx: &impl ConnectionTrait,
    id: Uuid,
    tries: Tries<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = sign_in_try::ActiveModel {
        id: Set(id),
        account_hash: Set(tries.account_hash.to_vec()),
        address: Set(tries.address.to_owned()),
        tried_at: Set(to_db(now)),
    };
    sign_in_try::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes them all back: the last of them was right.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn take_back(tx: &impl ConnectionTrait, tries: Tries<'_>) -> Result<(), StoreError> {
    sign_in_try::Entity::delete_many()
        .filter(sign_in_try::Column::AccountHash.eq(tries.account_hash.to_vec()))
        .filter(sign_in_try::Column::Address.eq(tries.address))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets those that do not count any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_old(tx: &impl ConnectionTrait, before: Timestamp) -> Result<u64, StoreError> {
    let old = sign_in_try::Column::TriedAt.lte(to_db(before));
    Ok(sign_in_try::Entity::delete_many().filter(old).exec(tx).await?.rows_affected)
}
