//! Storing an answer of the scheduling service that leaves nothing more to be called: the
//! appointment changes and its outbox row goes, both or neither.

use sea_orm::sea_query::{CommonTableExpression, Expr, Query};
use sea_orm::{ConnectionTrait, QueryTrait as _};

use super::engine::{Engine, StoreError};
use super::entity::appointment;
use super::outbox::Lease;
use super::{appointments, holds, outbox};
use crate::domain::Appointment;

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
        Engine::Sqlite => Ok(appointments::replace(tx, before, after).await?
            && outbox::remove(tx, after.id, lease).await?),
        // In one trip, but for one that was on its way to another provider. The appointment's row is locked first, as everywhere: whether it changed decides
        // whether the other is looked at.
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
