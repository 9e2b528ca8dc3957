//! Who did something, as a row has it.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::db::engine::StoreError;
use crate::domain::AppointmentId;
use crate::domain::audit::AuditedCaller;

/// A caller whose kind is the column at `first`.
pub(super) fn caller_in(
    row: &QueryResult,
    first: usize,
) -> Result<Option<AuditedCaller>, StoreError> {
    let text = |index: usize| -> Result<Option<String>, StoreError> {
        Ok(row.try_get_by_index(first + index)?)
    };
    let caller = |kind: String| {
        Ok(AuditedCaller {
            kind: Cow::Owned(kind),
            id: text(1)?,
            name: text(2)?,
            role: Cow::Owned(text(3)?.unwrap_or_default()),
        })
    };
    text(0)?.map(caller).transpose()
}

/// Who changed an appointment last, but for the server itself.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn last_caller(
    conn: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Option<AuditedCaller>, StoreError> {
    let sql = "SELECT actor_kind, actor_id, actor_name, actor_role FROM audit_event
                WHERE changed_appointment = $1 AND actor_kind <> 'SYSTEM'
                ORDER BY version_after DESC LIMIT 1";
    let values = [id.uuid().into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    row.map(|row| caller_in(&row, 0)).transpose().map(Option::flatten)
}
