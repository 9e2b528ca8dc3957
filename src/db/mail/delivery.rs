//! Mail that is to be sent, and what becomes of it.

use jiff::Timestamp;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

use crate::db::engine::{Engine, StoreError, to_db, walk_in_order};
use crate::db::entity::mail;
use crate::domain::{Mail, MailId, MailOutcome, MailStatus, MailSubject};

/// The right to send mail, until it lapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Tells one from another.
    pub token: Uuid,
    /// When it lapses.
    pub until: Timestamp,
}

/// All mail, the longest due first. SQLite would go by the status and sort.
fn by_when_due(conn: &impl ConnectionTrait) -> &'static str {
    match Engine::of(conn) {
        Engine::Postgres => "mail",
        Engine::Sqlite => "mail INDEXED BY mail_due",
    }
}

/// What is due: of each visit what happened first, and that before what reminds of it.
const DUE: &str = "mail.status = 'PENDING' AND mail.next_attempt_at <= $1
    AND (mail.leased_until IS NULL OR mail.leased_until <= $1)
    AND NOT EXISTS (SELECT 1 FROM mail AS earlier
        WHERE earlier.appointment_id = mail.appointment_id AND earlier.status = 'PENDING'
          AND earlier.position IS NOT NULL
          AND (mail.position IS NULL OR earlier.position < mail.position))";

/// How much mail is due that nobody works on; counted up to so much.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count_due(
    conn: &impl ConnectionTrait,
    most: u16,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let sql = format!("SELECT 1 FROM {} WHERE {DUE} LIMIT {most}", by_when_due(conn));
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [to_db(now).into()]);
    Ok(conn.query_all_raw(statement).await?.len())
}

/// Whether what happened to a visit after an event is told, or at least not to be told any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_told_since(
    conn: &impl ConnectionTrait,
    subject: MailSubject,
) -> Result<bool, StoreError> {
    use mail::Column;
    let MailSubject::Event { appointment_id, position } = subject else { return Ok(false) };
    let later = mail::Entity::find()
        .filter(Column::AppointmentId.eq(appointment_id.uuid()))
        .filter(Column::Position.gt(position.0))
        .filter(Column::Status.ne(MailStatus::Pending.as_str()))
        .one(conn)
        .await?;
    Ok(later.is_some())
}

/// Takes some of what is due, the longest due first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lease_due(
    tx: &impl ConnectionTrait,
    (limit, lease): (u16, Lease),
    now: Timestamp,
) -> Result<Vec<Mail>, StoreError> {
    let locking = match Engine::of(tx) {
        Engine::Postgres => "FOR UPDATE OF mail SKIP LOCKED",
        Engine::Sqlite => "",
    };
    walk_in_order(tx).await?;
    let sql = format!(
        "UPDATE mail SET leased_until = $2, lease = $3 WHERE id IN (SELECT mail.id FROM {} WHERE {DUE}
             ORDER BY mail.next_attempt_at, mail.id LIMIT {limit} {locking}) RETURNING id",
        by_when_due(tx)
    );
    let values = [to_db(now).into(), to_db(lease.until).into(), lease.token.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let leased = tx.query_all_raw(statement).await?;
    let ids: Vec<Uuid> =
        leased.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = mail::Entity::find()
        .filter(mail::Column::Id.is_in(ids))
        .order_by_asc(mail::Column::Id)
        .all(tx)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores how a mail stands, and what it told, if whoever says so still has the lease; that is over then.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn record(
    tx: &impl ConnectionTrait,
    after: &Mail,
    lease: Lease,
) -> Result<bool, StoreError> {
    let update = standing(after).filter(mail::Column::Lease.eq(lease.token));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Stores how a mail stands, whoever works on it.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn replace(tx: &impl ConnectionTrait, after: &Mail) -> Result<(), StoreError> {
    standing(after).exec(tx).await?;
    Ok(())
}

fn standing(after: &Mail) -> sea_orm::UpdateMany<mail::Entity> {
    use mail::Column;
    mail::Entity::update_many()
        .col_expr(Column::ProviderId, after.provider_id.uuid().into())
        .col_expr(Column::EndsAt, to_db(after.slot.ends_at()).into())
        .col_expr(Column::Status, after.status.as_str().into())
        .col_expr(Column::Outcome, Expr::value(after.outcome.map(MailOutcome::as_str)))
        .col_expr(Column::Attempts, i32::try_from(after.attempts).unwrap_or(i32::MAX).into())
        .col_expr(Column::TriedSince, Expr::value(after.tried_since.map(to_db)))
        .col_expr(Column::NextAttemptAt, Expr::value(after.next_attempt_at.map(to_db)))
        .col_expr(Column::SettledAt, Expr::value(after.settled_at.map(to_db)))
        .col_expr(Column::Recipient, Expr::value(after.recipient.clone()))
        .col_expr(Column::LeasedUntil, Expr::value(Option::<sea_orm::prelude::DateTimeUtc>::None))
        .col_expr(Column::Lease, Expr::value(Option::<Uuid>::None))
        .filter(Column::Id.eq(after.id.uuid()))
}

/// Some of what was settled before a moment, of visits that are over since.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn old(
    conn: &impl ConnectionTrait,
    before: Timestamp,
    limit: u16,
) -> Result<Vec<MailId>, StoreError> {
    use mail::Column;
    let rows = mail::Entity::find()
        .filter(Column::Status.ne(MailStatus::Pending.as_str()))
        .filter(Column::SettledAt.lt(to_db(before)))
        // What reminded of a visit that is yet to come says that it need not be reminded of.
        .filter(Column::StartsAt.lt(to_db(before)))
        .limit(u64::from(limit))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Forgets these.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_old(tx: &impl ConnectionTrait, ids: &[MailId]) -> Result<(), StoreError> {
    mail::Entity::delete_many()
        .filter(mail::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .filter(mail::Column::Status.ne(MailStatus::Pending.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}
