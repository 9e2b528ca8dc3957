//! Who has signed in, and until when.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};

use super::engine::{StoreError, from_db, to_db};
use super::entity::{person, session};
use super::people::role_named;
use crate::access::{Person, Role};
use crate::domain::PersonId;

/// A session, and whose it is.
#[derive(Debug, Clone)]
pub struct Session {
    /// Names it; no secret.
    pub id: Uuid,
    /// Who has signed in.
    pub person: Person,
    /// What they are in it, where the identity provider alone says that.
    pub role: Option<Role>,
    /// When they last did something.
    pub last_act_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
}

/// How a session is found.
#[derive(Debug, Clone, Copy)]
pub enum SessionKey<'a> {
    /// By the SHA-256 of its secret.
    Hash(&'a [u8]),
    /// By its id.
    Id(Uuid),
}

impl SessionKey<'_> {
    fn condition(self) -> Condition {
        Condition::all().add(match self {
            Self::Hash(hash) => session::Column::SecretHash.eq(hash.to_vec()),
            Self::Id(id) => session::Column::Id.eq(id),
        })
    }
}

/// Begins a session of somebody, who may have another role in it than is noted of them.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    id: Uuid,
    secret_hash: &[u8],
    (person_id, role): (PersonId, Option<Role>),
    (now, ends_at): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let row = session::ActiveModel {
        id: Set(id),
        secret_hash: Set(secret_hash.to_vec()),
        person_id: Set(person_id.uuid()),
        role: Set(role.map(|role| role.as_str().to_owned())),
        created_at: Set(to_db(now)),
        last_act_at: Set(to_db(now)),
        ends_at: Set(to_db(ends_at)),
    };
    session::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// A session with whoever has signed in, whether or not it has ended by the clock.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    key: SessionKey<'_>,
) -> Result<Option<Session>, StoreError> {
    let found = session::Entity::find()
        .filter(key.condition())
        .find_also_related(person::Entity)
        .one(conn)
        .await?;
    let Some((session, Some(person))) = found else { return Ok(None) };
    Ok(Some(Session {
        id: session.id,
        person: person.try_into()?,
        role: session.role.as_deref().map(role_named).transpose()?,
        last_act_at: from_db(session.last_act_at)?,
        ends_at: from_db(session.ends_at)?,
    }))
}

/// Notes that the person did something.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_act(
    tx: &impl ConnectionTrait,
    id: Uuid,
    now: Timestamp,
) -> Result<(), StoreError> {
    session::Entity::update_many()
        .col_expr(session::Column::LastActAt, Expr::value(to_db(now)))
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::LastActAt.lt(to_db(now)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn end(tx: &impl ConnectionTrait, key: SessionKey<'_>) -> Result<bool, StoreError> {
    let ended = session::Entity::delete_many().filter(key.condition()).exec(tx).await?;
    Ok(ended.rows_affected > 0)
}

/// Ends all sessions of somebody.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn end_all_of(tx: &impl ConnectionTrait, person_id: PersonId) -> Result<u64, StoreError> {
    let of_them = session::Column::PersonId.eq(person_id.uuid());
    Ok(session::Entity::delete_many().filter(of_them).exec(tx).await?.rows_affected)
}

/// Forgets the sessions that have ended: those whose person did nothing since `idle_since`, and those
/// that have lasted as long as any may.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_ended(
    tx: &impl ConnectionTrait,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<u64, StoreError> {
    let ended = Condition::any()
        .add(session::Column::EndsAt.lte(to_db(now)))
        .add(session::Column::LastActAt.lte(to_db(idle_since)));
    Ok(session::Entity::delete_many().filter(ended).exec(tx).await?.rows_affected)
}
