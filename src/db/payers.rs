//! Payers and their names.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::StoreError;
use super::entity::{insurance, insurance_alias};
use crate::domain::insurance::payer_key;
use crate::domain::{Payer, PayerId};

/// The payer that `name` means, by any of its names.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_by_name(
    conn: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<PayerId>, StoreError> {
    let alias = insurance_alias::Entity::find_by_id(payer_key(name)).one(conn).await?;
    Ok(alias.map(|alias| PayerId::from(alias.insurance_id)))
}

/// Every payer with its aliases, by name.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<Payer>, StoreError> {
    let rows = insurance::Entity::find()
        .find_with_related(insurance_alias::Entity)
        .order_by_asc(insurance::Column::Name)
        .order_by_asc(insurance_alias::Column::Alias)
        .all(conn)
        .await?;
    let payers = rows.into_iter().map(|(payer, aliases)| {
        let aliases = aliases.into_iter().map(|row| row.alias).filter(|alias| *alias != payer.name);
        Payer { id: payer.id.into(), aliases: aliases.collect(), name: payer.name }
    });
    Ok(payers.collect())
}

/// The names of those payers.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn names(
    conn: &impl ConnectionTrait,
    ids: &[PayerId],
) -> Result<HashMap<PayerId, String>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = insurance::Entity::find().filter(insurance::Column::Id.is_in(ids)).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.name)).collect())
}
