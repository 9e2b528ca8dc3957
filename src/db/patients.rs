//! Patients: one row for each person. An id that was merged into another leads to that one.

mod doubles;
mod folding;
mod identity;
mod merging;
mod own;
mod row;
mod search;

pub use doubles::{Double, all as doubles};
pub use folding::fold_what_is_not;
pub use identity::{
    booked_last, has_twin, insert_beside, insert_if_new, replace, same, same_elsewhere,
};
pub use merging::{lock_both, move_visits, remove_merged, visits_that_overlap};
pub use search::{count, page};

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use self::row::rows_of;
use super::engine::{Engine, StoreError};
use super::entity::{merged_patient, patient};
use crate::domain::{Patient, PatientId, ProviderId};

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
    let select = patient::Entity::find().filter(is_one(Engine::of(conn), ids)).filter(further);
    let found = rows_of(select).all(conn).await?.into_iter().map(Patient::try_from);
    found.map(|patient| patient.map(|patient| (patient.id, patient))).collect()
}

/// Whether a patient has one of those ids.
fn is_one(engine: Engine, ids: &[PatientId]) -> SimpleExpr {
    let ids = ids.iter().map(|id| id.uuid());
    match engine {
        Engine::Sqlite => patient::Column::Id.is_in(ids),
        // One value, so that the statement is the same however many they are.
        Engine::Postgres => {
            let list = ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",");
            let any = "\"patient\".\"id\" = ANY(CAST($1 AS uuid[]))";
            Expr::cust_with_values(any, [format!("{{{list}}}")])
        }
    }
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
