//! An appointment and its outbox row, which come and go together: both or neither.
//!
//! In one trip, for the writer of `SQLite` waits for each of them, and a connection to `PostgreSQL` too.

use jiff::Timestamp;
use sea_orm::sea_query::{CommonTableExpression, Expr, Query};
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait as _, Statement};

use super::engine::{Engine, StoreError};
use super::entity::appointment;
use super::outbox::{Lease, OutboxEntry};
use super::{appointments, holds, outbox};
use crate::domain::Appointment;

/// Writes a new appointment, unless a rule against overlapping ones refuses it, with its outbox row, which
/// is due now.
///
/// # Errors
///
/// [`StoreError`] when the database fails; a refusal is `Ok(false)`.
pub async fn insert_unsettled(
    tx: &impl ConnectionTrait,
    appointment: &Appointment,
    unsettled: &OutboxEntry,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (written, rows) = match Engine::of(tx) {
        Engine::Sqlite => {
            let made = appointments::insertion(appointment).build(DbBackend::Sqlite);
            let left = outbox::placing(unsettled, now, now).build(DbBackend::Sqlite);
            (tx.execute_raw(both(made, left)).await, 2)
        }
        // Refused, it leaves nothing for the other to belong to.
        Engine::Postgres => {
            let mut insert = appointments::insertion(appointment).into_query();
            insert.returning_col(appointment::Column::Id);
            let made = CommonTableExpression::new().query(insert).table_name("made").to_owned();
            let mut left = outbox::placing_for_each(unsettled, now, now, "made");
            left.with_cte(made);
            (tx.execute(&left).await, 1)
        }
    };
    match written.map_err(StoreError::from) {
        Ok(written) => Ok(written.rows_affected() == rows),
        Err(StoreError::Overlap) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Replaces `before` by `after` and removes its outbox row. `Ok(false)` when the appointment was
/// changed meanwhile or the lease was lost: then the transaction has to be rolled back.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace_and_settle(
    tx: &impl ConnectionTrait,
    before: &Appointment,
    after: &Appointment,
    lease: Lease,
) -> Result<bool, StoreError> {
    match Engine::of(tx) {
        Engine::Sqlite => {
            holds::remove_if_over(tx, before, after).await?;
            let update = appointments::replacement(before, after).build(DbBackend::Sqlite);
            let removal = outbox::removal(after.id, lease).build(DbBackend::Sqlite);
            Ok(tx.execute_raw(both(update, removal)).await?.rows_affected() == 2)
        }
        // The appointment's row is locked first, as everywhere: whether it changed decides whether the
        // other is looked at.
        Engine::Postgres => {
            holds::remove_if_over(tx, before, after).await?;
            let mut update = appointments::replacement(before, after).into_query();
            update.returning_col(appointment::Column::Id);
            let changed =
                CommonTableExpression::new().query(update).table_name("changed").to_owned();
            let found = Query::select().expr(Expr::value(1)).from("changed").to_owned();
            let mut removal = outbox::removal(after.id, lease).into_query();
            removal.with_cte(changed).and_where(Expr::exists(found));
            Ok(tx.execute(&removal).await?.rows_affected() == 1)
        }
    }
}

/// Two statements in one trip to `SQLite`, which runs one after the other and tells of the rows of both
/// together. Values are bound by their place, so each finds its own.
fn both(first: Statement, second: Statement) -> Statement {
    let values = [first.values, second.values].into_iter().flatten().flat_map(|values| values.0);
    let sql = format!("{}; {}", first.sql, second.sql);
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}
