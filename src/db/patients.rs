//! Patients: one row for each person. An id that was merged into another leads to that one.

mod doubles;
mod folding;
mod identity;
mod merging;
mod own;
mod search;

pub use doubles::{Double, all as doubles};
pub use folding::fold_what_is_not;
pub use identity::{
    booked_last, has_twin, insert_beside, insert_if_new, replace, same, same_elsewhere,
};
pub use merging::{lock_both, move_visits, remove_merged, visits_that_overlap};
pub use search::{count, page};

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::engine::{StoreError, date_from_db, from_db};
use super::entity::{merged_patient, patient};
use crate::domain::{Patient, PatientId, ProviderId, UsState};

/// The patient of that id, or the one that they were merged into.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: PatientId,
) -> Result<Option<Patient>, StoreError> {
    find_of(conn, id, None).await
}

/// The same, only if they are that provider's own where one is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_of(
    conn: &impl ConnectionTrait,
    id: PatientId,
    provider: Option<ProviderId>,
) -> Result<Option<Patient>, StoreError> {
    Ok(find_many_of(conn, &[id], provider).await?.remove(&id))
}

/// The patients of those ids that there are, by the id that was asked for; who was merged into
/// another is that other.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    ids: &[PatientId],
) -> Result<HashMap<PatientId, Patient>, StoreError> {
    find_many_of(conn, ids, None).await
}

/// The same, only those who are that provider's own where one is given.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_many_of(
    conn: &impl ConnectionTrait,
    ids: &[PatientId],
    provider: Option<ProviderId>,
) -> Result<HashMap<PatientId, Patient>, StoreError> {
    let is_own = || Condition::all().add_option(provider.map(own::is_own));
    let mut found = by_ids(conn, ids, is_own()).await?;
    let missing: Vec<_> = ids.iter().filter(|id| !found.contains_key(id)).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    let missing = missing.into_iter().map(|id| id.uuid());
    // In one statement: whoever was kept may be merged into another at any moment.
    let merged = merged_patient::Entity::find()
        .filter(merged_patient::Column::Id.is_in(missing))
        .find_also_related(patient::Entity)
        .filter(is_own())
        .all(conn)
        .await?;
    for (merged, kept) in merged {
        if let Some(kept) = kept {
            found.insert(merged.id.into(), Patient::try_from(kept)?);
        }
    }
    Ok(found)
}

async fn by_ids(
    conn: &impl ConnectionTrait,
    ids: &[PatientId],
    further: Condition,
) -> Result<HashMap<PatientId, Patient>, StoreError> {
    let is_one = patient::Column::Id.is_in(ids.iter().map(|id| id.uuid()));
    let rows = patient::Entity::find().filter(is_one).filter(further).all(conn).await?;
    rows.into_iter().map(|row| Ok((row.id.into(), Patient::try_from(row)?))).collect()
}

/// The patient of that id, who nobody else changes until the transaction ends; none where there is
/// none, or they were merged.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_to_change(
    tx: &impl ConnectionTrait,
    id: PatientId,
) -> Result<Option<Patient>, StoreError> {
    let row = patient::Entity::find_by_id(id.uuid()).lock_exclusive().one(tx).await?;
    row.map(Patient::try_from).transpose()
}

impl TryFrom<patient::Model> for Patient {
    type Error = StoreError;

    fn try_from(row: patient::Model) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            email: row.email,
            state: UsState::parse(&row.state)
                .map_err(|_unknown| StoreError::unreadable("state"))?,
            payer_id: row.insurance_id.into(),
            phone: row.phone,
            birth_date: row.birth_date.map(date_from_db).transpose()?,
            time_zone: row.time_zone,
            version: row.version,
            created_at: from_db(row.created_at)?,
        })
    }
}
