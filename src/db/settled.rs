//! Storing an answer of the scheduling service that leaves nothing more to be called: the
//! appointment changes and its outbox row goes, both or neither.

use sea_orm::sea_query::{CommonTableExpression, Expr, Query};
use sea_orm::{ConnectionTrait, QueryTrait as _};

use super::outbox::Lease;
use super::{Engine, StoreError, appointments, outbox};
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
            && outbox::settle(tx, after.id, lease).await?),
        // In one trip.
        Engine::Postgres => {
            let mut removal = outbox::removal(after.id, lease).into_query();
            removal.returning_all();
            let settled =
                CommonTableExpression::new().query(removal).table_name("settled").to_owned();
            let found = Query::select().expr(Expr::value(1)).from("settled").to_owned();
            let mut update = appointments::replacement(before, after).into_query();
            update.with_cte(settled).and_where(Expr::exists(found));
            Ok(tx.execute(&update).await?.rows_affected() == 1)
        }
    }
}
