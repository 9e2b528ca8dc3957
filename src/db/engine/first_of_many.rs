//! Taking the first few of much that waits.

use sea_orm::{ConnectionTrait, Statement};

use super::error::StoreError;
use super::kind::Engine;

/// Has the rest of a transaction walk an index where that has the order that is asked for. PostgreSQL's statistics of a
/// queue are of when it was last looked at, which most of the time found it empty: by them it would read and sort all that
/// waits for the few that are taken, so that what has fallen behind falls behind further.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub(in crate::db) async fn walk_in_order(tx: &impl ConnectionTrait) -> Result<(), StoreError> {
    if Engine::of(tx) == Engine::Postgres {
        let sql = "SET LOCAL enable_sort = off";
        tx.execute_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    }
    Ok(())
}
