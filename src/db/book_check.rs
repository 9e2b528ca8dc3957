//! Whether the book as a whole is one that this program can have written: what the rules of the database
//! keep out row by row, asked of all rows, and what no rule can say because two tables have to agree.
//!
//! After a restore, a repair by hand or a disk that lies this tells what is wrong before a patient does.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use super::busy::HOLDING;
use super::engine::{Db, Ending, StoreError, Tx, to_db};
use super::holds;
use crate::domain::AppointmentId;

/// Of each kind of mistake so many are named.
pub const NAMED: usize = 10;

/// A mistake that must not be in the book.
struct Question {
    /// What is wrong with each row that is found, for the operator.
    wrong: &'static str,
    /// Finds them, as `id`.
    sql: String,
}

/// What is wrong, and with which appointments.
#[derive(Debug, PartialEq, Eq)]
pub struct BookMistake {
    /// For the operator.
    pub wrong: &'static str,
    /// How many.
    pub count: usize,
    /// The first of their ids.
    pub appointments: Vec<AppointmentId>,
}

#[derive(FromQueryResult)]
struct FoundRow {
    id: uuid::Uuid,
}

/// Every mistake in the book.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn mistakes(conn: &impl ConnectionTrait) -> Result<Vec<BookMistake>, StoreError> {
    let mut mistakes = Vec::new();
    for Question { wrong, sql } in questions() {
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        let found = FoundRow::find_by_statement(statement).all(conn).await?;
        if found.is_empty() {
            continue;
        }
        let count = found.len();
        let appointments = found.iter().take(NAMED).map(|row| row.id.into()).collect();
        mistakes.push(BookMistake { wrong, count, appointments });
    }
    Ok(mistakes)
}

fn questions() -> [Question; 6] {
    let span = |owner: &str, time: &str, which: &str| {
        format!(
            "SELECT id, {owner} AS owner, {time}starts_at AS starts_at, {time}ends_at AS ends_at
               FROM appointment WHERE {which}"
        )
    };
    let visits = format!("status IN {HOLDING}");
    let moving = format!("{visits} AND move_starts_at IS NOT NULL");
    let reassigned = format!("{visits} AND reassign_starts_at IS NOT NULL");
    // A hold that lapses is in nobody's way from then on; what is held for a visit lasts.
    let held = "status = 'HELD' AND hold_expires_at IS NULL";
    let of_provider = [
        span("provider_id", "", &visits),
        span("provider_id", "move_", &moving),
        span("provider_id", "", held),
    ];
    let of_patient = [
        span("patient_id", "", &visits),
        span("patient_id", "move_", &moving),
        span("patient_id", "reassign_", &reassigned),
    ];
    // In order of their beginnings each must end before the next begins; or the one after that, for between
    // them there may be another of the same visit.
    let overlapping = |spans: [String; 3]| {
        format!(
            "SELECT DISTINCT id FROM (
                SELECT id, ends_at, lead(id) OVER later AS next_id, lead(starts_at) OVER later AS next_starts_at,
                       lead(id, 2) OVER later AS after_id, lead(starts_at, 2) OVER later AS after_starts_at
                  FROM ({}) AS span WINDOW later AS (PARTITION BY owner ORDER BY starts_at, ends_at, id)
             ) AS three WHERE (next_starts_at < ends_at AND next_id <> id)
                           OR (after_starts_at < ends_at AND after_id <> id) ORDER BY id",
            spans.join(" UNION ALL ")
        )
    };
    let (lacks, has) = (
        "NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.appointment_id = appointment.id)",
        "EXISTS (SELECT 1 FROM outbox WHERE outbox.appointment_id = appointment.id)",
    );
    [
        Question {
            wrong: "overlaps another visit of its provider",
            sql: overlapping(of_provider),
        },
        Question { wrong: "overlaps another visit of its patient", sql: overlapping(of_patient) },
        Question {
            wrong: "is to be settled with the scheduling service, and nobody is told to (no outbox row)",
            sql: format!(
                "SELECT id FROM appointment WHERE {lacks}
                    AND (status IN ('PENDING', 'CANCELLING') OR move_starts_at IS NOT NULL
                         OR reassign_starts_at IS NOT NULL) ORDER BY id"
            ),
        },
        Question {
            wrong: "is kept here alone, and is to be settled with the scheduling service (outbox row)",
            sql: format!("SELECT id FROM appointment WHERE {has} AND kept_here ORDER BY id"),
        },
        Question {
            wrong: "holds time for a visit that is not on its way to this provider",
            sql: "SELECT id FROM appointment WHERE status = 'HELD' AND hold_for IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM appointment AS visit
                        WHERE visit.id = appointment.hold_for AND visit.reassign_starts_at IS NOT NULL)
                  ORDER BY id"
                .to_owned(),
        },
        Question {
            wrong: "is in no event of the log",
            sql: "SELECT id FROM appointment WHERE status <> 'HELD' AND NOT EXISTS (
                    SELECT 1 FROM appointment_event WHERE appointment_id = appointment.id)
                  ORDER BY id"
                .to_owned(),
        },
    ]
}

/// How many holds have lapsed by `now` and are still there.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn lapsed_holds(conn: &impl ConnectionTrait, now: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM appointment WHERE status = 'HELD' AND hold_expires_at <= $1";
    let values = [to_db(now).into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("count of holds"))?;
    Ok(row.try_get_by_index::<i64>(0)?.unsigned_abs())
}

/// Removes the holds that have lapsed by `now`: their time is free without that, but for who writes into the
/// database by hand. And what was noted of changes of held time so long ago that nobody asks for it any more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn remove_lapsed_holds(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let remove = |tx: Tx| async move {
        let sql = "DELETE FROM appointment WHERE status = 'HELD' AND hold_expires_at <= $1";
        let values = [to_db(now).into()];
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
        let removed = tx.execute_raw(statement).await?.rows_affected();
        holds::forget_changes(&tx).await?;
        Ok::<_, StoreError>(Ending::Commit(removed))
    };
    db.transaction("holds_forget", remove).await
}
