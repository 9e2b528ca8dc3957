//! The number that the database counts up whenever somebody's rights change (the migration of that
//! name): while it stays, whoever came in may stay.

use sea_orm::{ConnectionTrait, Statement};

use super::engine::StoreError;

/// The number now.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn now(conn: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = "SELECT version FROM access_version";
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    Ok(row.ok_or_else(|| StoreError::unreadable("access version"))?.try_get_by_index(0)?)
}
