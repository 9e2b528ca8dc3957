//! The tokens of machines.

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::engine::{StoreError, from_db, to_db};
use super::entity::api_token;
use super::people::role_named;
use crate::access::Token;
use crate::domain::{ProviderId, TokenId};

/// How exactly it is known when a token was used last.
const USE_NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// The token of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(conn: &impl ConnectionTrait, id: TokenId) -> Result<Option<Token>, StoreError> {
    api_token::Entity::find_by_id(id.uuid()).one(conn).await?.map(Token::try_from).transpose()
}

/// The token whose secret hashes to that, whether or not it opens anything.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn by_secret(
    conn: &impl ConnectionTrait,
    hash: &[u8],
) -> Result<Option<Token>, StoreError> {
    let found = api_token::Entity::find().filter(api_token::Column::SecretHash.eq(hash.to_vec()));
    found.one(conn).await?.map(Token::try_from).transpose()
}

/// All of them, also what opens nothing any more, the newest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Token>, StoreError> {
    let rows = api_token::Entity::find().order_by_desc(api_token::Column::Id).all(conn).await?;
    rows.into_iter().map(Token::try_from).collect()
}

/// Whether any opens anything at that moment.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_any_live(conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool, StoreError> {
    let lasts = Condition::any()
        .add(api_token::Column::ExpiresAt.is_null())
        .add(api_token::Column::ExpiresAt.gt(to_db(now)));
    let live =
        api_token::Entity::find().filter(api_token::Column::RevokedAt.is_null()).filter(lasts);
    Ok(live.limit(1).count(conn).await? > 0)
}

/// Writes a new one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    token: &Token,
    secret_hash: &[u8],
) -> Result<(), StoreError> {
    let row = api_token::ActiveModel {
        id: Set(token.id.uuid()),
        secret_hash: Set(secret_hash.to_vec()),
        name: Set(token.name.clone()),
        role: Set(token.role.as_str().to_owned()),
        provider_id: Set(token.provider_id.map(ProviderId::uuid)),
        created_at: Set(to_db(token.created_at)),
        expires_at: Set(token.expires_at.map(to_db)),
        revoked_at: Set(None),
        last_used_at: Set(None),
    };
    api_token::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Revokes one, unless it is revoked already.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    id: TokenId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let revoked = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(to_db(now)))
        .filter(api_token::Column::Id.eq(id.uuid()))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(revoked.rows_affected > 0)
}

/// Whether it is time to note that a token was used.
pub fn use_is_due(token: &Token, now: Timestamp) -> bool {
    token.last_used_at.is_none_or(|last| now.duration_since(last) >= USE_NOTED_EVERY)
}

/// Notes that a token was used.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_use(
    tx: &impl ConnectionTrait,
    id: TokenId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let noted_before = now.saturating_sub(USE_NOTED_EVERY).unwrap_or(Timestamp::MIN);
    let due = Condition::any()
        .add(api_token::Column::LastUsedAt.is_null())
        .add(api_token::Column::LastUsedAt.lte(to_db(noted_before)));
    api_token::Entity::update_many()
        .col_expr(api_token::Column::LastUsedAt, Expr::value(to_db(now)))
        .filter(api_token::Column::Id.eq(id.uuid()))
        .filter(due)
        .exec(tx)
        .await?;
    Ok(())
}

impl TryFrom<api_token::Model> for Token {
    type Error = StoreError;

    fn try_from(row: api_token::Model) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            role: role_named(&row.role)?,
            provider_id: row.provider_id.map(Into::into),
            created_at: from_db(row.created_at)?,
            expires_at: row.expires_at.map(from_db).transpose()?,
            revoked_at: row.revoked_at.map(from_db).transpose()?,
            last_used_at: row.last_used_at.map(from_db).transpose()?,
        })
    }
}
