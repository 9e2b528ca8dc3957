//! Writing an outbox row.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, InsertStatement, OnConflict, Query};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Insert, Iterable};

use super::{FAILING_FROM, OutboxEntry};
use crate::db::engine::{StoreError, to_db};
use crate::db::entity::outbox;

/// Writes the row of an appointment, or takes over the one that is there.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn put(
    tx: &impl ConnectionTrait,
    unsettled: &OutboxEntry,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    placing(unsettled, due_at, now).exec_without_returning(tx).await?;
    Ok(())
}

pub(in crate::db) fn placing(
    unsettled: &OutboxEntry,
    due_at: Timestamp,
    now: Timestamp,
) -> Insert<outbox::ActiveModel> {
    outbox::Entity::insert(row(unsettled, due_at, now)).on_conflict(taking_over())
}

/// The same once for each row of a common table expression, so that it depends on what that has come to.
pub(in crate::db) fn placing_for_each(
    unsettled: &OutboxEntry,
    due_at: Timestamp,
    now: Timestamp,
    made: &'static str,
) -> InsertStatement {
    let row = row(unsettled, due_at, now);
    let set =
        outbox::Column::iter().filter_map(|column| Some((column, row.get(column).into_value()?)));
    let (columns, values): (Vec<_>, Vec<_>) = set.unzip();
    let values = Query::select().exprs(values.into_iter().map(Expr::val)).from(made).to_owned();
    let mut insert = Query::insert();
    insert.into_table(outbox::Entity).columns(columns).on_conflict(taking_over());
    // As many values as columns, both from the same list.
    drop(insert.select_from(values));
    insert
}

fn row(unsettled: &OutboxEntry, due_at: Timestamp, now: Timestamp) -> outbox::ActiveModel {
    outbox::ActiveModel {
        appointment_id: Set(unsettled.appointment_id.uuid()),
        attempts: Set(unsettled.attempts),
        unanswered_key: Set(unsettled.unanswered_key.clone()),
        due_at: Set(to_db(due_at)),
        lease_token: Set(unsettled.lease.map(|lease| lease.token)),
        leased_until: Set(unsettled.lease.map(|lease| to_db(lease.until))),
        last_error: Set(None),
        created_at: Set(to_db(now)),
        failures: Set(unsettled.failures),
        failing: Set(unsettled.failures >= FAILING_FROM),
        ends_at: Set(unsettled.ends_at.map(to_db)),
        trace_parent: Set(unsettled.asked_for_by.as_ref().map(ToString::to_string)),
        late_until: Set(unsettled.late_until.map(to_db)),
    }
}

/// What may have been sent stays, because it is known there alone.
fn taking_over() -> OnConflict {
    OnConflict::column(outbox::Column::AppointmentId)
        .update_columns([
            outbox::Column::DueAt,
            outbox::Column::LeaseToken,
            outbox::Column::LeasedUntil,
            outbox::Column::LastError,
            outbox::Column::TraceParent,
            outbox::Column::Failures,
            outbox::Column::Failing,
            outbox::Column::EndsAt,
        ])
        .to_owned()
}
