//! Time that somebody has asked to have held, and the token by which it is booked or released. The row of
//! `appointment` says what is held and until when; that of `hold`, which goes with it, by whom and by which token.

use jiff::Timestamp;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::db::appointments;
use crate::db::engine::{StoreError, from_db, slot_from_db, to_db};
use crate::domain::{Appointment, AppointmentId, Hold, UsState, VisitTypeId};

/// What is kept of a token.
#[derive(Clone, Copy)]
pub struct HoldTokenKept {
    /// What it is found by.
    pub hash: [u8; 32],
    /// What it is made of, where it is to be told again to who knows the key of the request.
    pub seed: Option<[u8; 32]>,
}

/// Writes a new hold of that holder, unless a rule against overlapping ones refuses it: also one that has
/// lapsed is in its way.
///
/// # Errors
///
/// [`StoreError`] when the database fails; a refusal is `Ok(false)`.
pub async fn insert(
    tx: &impl ConnectionTrait,
    hold: &Hold,
    (holder, token): (&str, HoldTokenKept),
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !insert_offered(tx, hold, now).await? {
        return Ok(false);
    }
    let sql =
        "INSERT INTO hold (appointment_id, holder, token_hash, token_seed) VALUES ($1, $2, $3, $4)";
    let seed = token.seed.map(|seed| seed.to_vec());
    let values = [hold.id.uuid().into(), holder.into(), token.hash.to_vec().into(), seed.into()];
    execute(tx, sql, values).await?;
    Ok(true)
}

/// The same of a time that is offered to one who waits: nobody has a token of it.
///
/// # Errors
///
/// [`StoreError`] when the database fails; a refusal is `Ok(false)`.
pub async fn insert_offered(
    tx: &impl ConnectionTrait,
    hold: &Hold,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO appointment
            (id, provider_id, starts_at, ends_at, status, version, state, visit_type_id, hold_expires_at,
             created_at, updated_at)
        VALUES ($1, $2, $3, $4, 'HELD', 1, $5, $6, $7, $8, $8)
        ON CONFLICT DO NOTHING";
    let values: [Value; 8] = [
        hold.id.uuid().into(),
        hold.provider_id.uuid().into(),
        to_db(hold.slot.starts_at()).into(),
        to_db(hold.slot.ends_at()).into(),
        hold.state.map(UsState::code).into(),
        hold.visit_type_id.map(VisitTypeId::uuid).into(),
        to_db(hold.expires_at).into(),
        to_db(now).into(),
    ];
    match execute(tx, sql, values).await {
        Ok(inserted) => Ok(inserted == 1),
        Err(StoreError::Overlap) => Ok(false),
        Err(error) => Err(error),
    }
}

#[derive(FromQueryResult)]
struct HoldRow {
    id: Uuid,
    provider_id: Uuid,
    starts_at: DateTimeUtc,
    ends_at: DateTimeUtc,
    visit_type_id: Option<Uuid>,
    state: Option<String>,
    hold_expires_at: DateTimeUtc,
    token_seed: Option<Vec<u8>>,
}

impl TryFrom<HoldRow> for Hold {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, StoreError> {
        let state = row.state.as_deref().map(UsState::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            provider_id: row.provider_id.into(),
            slot: slot_from_db(row.starts_at, row.ends_at)?,
            visit_type_id: row.visit_type_id.map(Into::into),
            state: state.map_err(|_unknown| StoreError::unreadable("state"))?,
            expires_at: from_db(row.hold_expires_at)?,
        })
    }
}

async fn find_where(
    conn: &impl ConnectionTrait,
    which: &str,
    value: Value,
) -> Result<Option<HoldRow>, StoreError> {
    let sql = format!(
        "SELECT appointment.id, provider_id, starts_at, ends_at, visit_type_id, state, hold_expires_at, token_seed
           FROM hold JOIN appointment ON appointment.id = hold.appointment_id
          WHERE {which} = $1 AND status = 'HELD' AND hold_expires_at IS NOT NULL"
    );
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [value]);
    Ok(HoldRow::find_by_statement(statement).one(conn).await?)
}

/// The hold whose token hashes to that, whether or not it has lapsed.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find_by_token(
    conn: &impl ConnectionTrait,
    hash: &[u8; 32],
) -> Result<Option<Hold>, StoreError> {
    let row = find_where(conn, "token_hash", hash.to_vec().into()).await?;
    row.map(Hold::try_from).transpose()
}

/// The hold of that id, whether or not it has lapsed, and the seed of its token, where that is kept.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Option<(Hold, Option<[u8; 32]>)>, StoreError> {
    let row = find_where(conn, "hold.appointment_id", id.uuid().into()).await?;
    let Some(mut row) = row else { return Ok(None) };
    let seed = row.token_seed.take().map(<[u8; 32]>::try_from).transpose();
    let seed = seed.map_err(|_other_length| StoreError::unreadable("seed of a token"))?;
    Ok(Some((row.try_into()?, seed)))
}

/// What one caller holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldsOfCaller {
    /// How many.
    pub count: u64,
    /// When the next of them lapses.
    pub next_lapses_at: Option<Timestamp>,
}

/// What a holder holds at `now`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn count_live(
    conn: &impl ConnectionTrait,
    holder: &str,
    now: Timestamp,
) -> Result<HoldsOfCaller, StoreError> {
    let sql = "SELECT count(*), min(hold_expires_at)
                 FROM hold JOIN appointment ON appointment.id = hold.appointment_id
                WHERE holder = $1 AND status = 'HELD' AND hold_expires_at > $2";
    let values = [holder.into(), to_db(now).into()];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    let row = conn.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("count of holds"))?;
    let next: Option<DateTimeUtc> = row.try_get_by_index(1)?;
    Ok(HoldsOfCaller {
        count: row.try_get_by_index::<i64>(0)?.unsigned_abs(),
        next_lapses_at: next.map(from_db).transpose()?,
    })
}

/// Makes a hold the visit that has its id, which starts to be one with that, and forgets its token. `Ok(false)`
/// when it has lapsed by `now`, or is a hold no more.
///
/// # Errors
///
/// [`StoreError::Overlap`] when the patient has another visit then (on `PostgreSQL` the transaction is then
/// over); [`StoreError`] when the database fails.
pub async fn redeem(
    tx: &impl ConnectionTrait,
    visit: &Appointment,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if appointments::redemption(visit, now).exec(tx).await?.rows_affected != 1 {
        return Ok(false);
    }
    let sql = "DELETE FROM hold WHERE appointment_id = $1";
    execute(tx, sql, [visit.id.uuid().into()]).await?;
    Ok(true)
}

/// Frees what is held, if it is at `now`. `Ok(false)` when it has lapsed, or is a hold no more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn release_live(
    tx: &impl ConnectionTrait,
    id: AppointmentId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM appointment WHERE id = $1 AND status = 'HELD' AND hold_expires_at > $2";
    Ok(execute(tx, sql, [id.uuid().into(), to_db(now).into()]).await? == 1)
}

/// Frees what is held. `Ok(false)` when it is a hold no more.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn release(tx: &impl ConnectionTrait, id: AppointmentId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM appointment WHERE id = $1 AND status = 'HELD'";
    Ok(execute(tx, sql, [id.uuid().into()]).await? == 1)
}

async fn execute(
    tx: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
