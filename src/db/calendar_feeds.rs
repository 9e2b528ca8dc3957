//! Calendars that are subscribed to.

use jiff::{SignedDuration, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::engine::{StoreError, from_db, to_db};
use super::entity::calendar_feed;
use crate::domain::{CalendarFeed, CalendarFeedId, FeedOwner, PersonId, ProviderId, TokenId};

/// How exactly it is known when a feed was read last.
const READING_NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Which feeds are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedFilter {
    /// All of them.
    All,
    /// Those of this provider's visits.
    Of(ProviderId),
    /// Those of this owner.
    Owned(FeedOwner),
}

/// The feed of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: CalendarFeedId,
) -> Result<Option<CalendarFeed>, StoreError> {
    let found = calendar_feed::Entity::find_by_id(id.uuid()).one(conn).await?;
    found.map(CalendarFeed::try_from).transpose()
}

/// The feed whose secret hashes to that, whether or not it opens anything.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn by_secret(
    conn: &impl ConnectionTrait,
    hash: &[u8],
) -> Result<Option<CalendarFeed>, StoreError> {
    let has_it = calendar_feed::Column::SecretHash.eq(hash.to_vec());
    let found = calendar_feed::Entity::find().filter(has_it).one(conn).await?;
    found.map(CalendarFeed::try_from).transpose()
}

/// Those that are asked for, also what opens nothing any more, the newest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(
    conn: &impl ConnectionTrait,
    filter: FeedFilter,
) -> Result<Vec<CalendarFeed>, StoreError> {
    let select = calendar_feed::Entity::find().order_by_desc(calendar_feed::Column::Id);
    let select = match filter {
        FeedFilter::All => select,
        FeedFilter::Of(provider) => {
            select.filter(calendar_feed::Column::ProviderId.eq(provider.uuid()))
        }
        FeedFilter::Owned(owner) => {
            let (kind, person, token) = owner_to_db(owner);
            select
                .filter(calendar_feed::Column::Owner.eq(kind))
                .filter(is_or_is_null(calendar_feed::Column::PersonId, person.map(PersonId::uuid)))
                .filter(is_or_is_null(calendar_feed::Column::TokenId, token.map(TokenId::uuid)))
        }
    };
    select.all(conn).await?.into_iter().map(CalendarFeed::try_from).collect()
}

fn is_or_is_null(column: calendar_feed::Column, id: Option<uuid::Uuid>) -> Condition {
    let is = id.map_or_else(|| column.is_null(), |id| column.eq(id));
    Condition::all().add(is)
}

/// Writes a new one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    feed: &CalendarFeed,
    secret_hash: &[u8],
) -> Result<(), StoreError> {
    let (owner, person, token) = owner_to_db(feed.owner);
    let row = calendar_feed::ActiveModel {
        id: Set(feed.id.uuid()),
        secret_hash: Set(secret_hash.to_vec()),
        provider_id: Set(feed.provider_id.uuid()),
        name: Set(feed.name.clone()),
        with_patients: Set(feed.with_patients),
        owner: Set(owner.to_owned()),
        person_id: Set(person.map(PersonId::uuid)),
        token_id: Set(token.map(TokenId::uuid)),
        created_at: Set(to_db(feed.created_at)),
        revoked_at: Set(None),
        last_read_at: Set(None),
    };
    calendar_feed::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Revokes one, unless it is revoked already.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn revoke(
    tx: &impl ConnectionTrait,
    id: CalendarFeedId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let revoked = calendar_feed::Entity::update_many()
        .col_expr(calendar_feed::Column::RevokedAt, Expr::value(to_db(now)))
        .filter(calendar_feed::Column::Id.eq(id.uuid()))
        .filter(calendar_feed::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(revoked.rows_affected > 0)
}

/// Whether it is time to note that a feed was read.
pub fn reading_is_due(feed: &CalendarFeed, now: Timestamp) -> bool {
    feed.last_read_at.is_none_or(|last| now.duration_since(last) >= READING_NOTED_EVERY)
}

/// Notes that a feed was read.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn note_reading(
    tx: &impl ConnectionTrait,
    id: CalendarFeedId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let noted_before = now.saturating_sub(READING_NOTED_EVERY).unwrap_or(Timestamp::MIN);
    let due = Condition::any()
        .add(calendar_feed::Column::LastReadAt.is_null())
        .add(calendar_feed::Column::LastReadAt.lte(to_db(noted_before)));
    calendar_feed::Entity::update_many()
        .col_expr(calendar_feed::Column::LastReadAt, Expr::value(to_db(now)))
        .filter(calendar_feed::Column::Id.eq(id.uuid()))
        .filter(due)
        .exec(tx)
        .await?;
    Ok(())
}

/// An owner as it is stored: the kind, and the id of a person or a token.
fn owner_to_db(owner: FeedOwner) -> (&'static str, Option<PersonId>, Option<TokenId>) {
    match owner {
        FeedOwner::Person(id) => ("PERSON", Some(id), None),
        FeedOwner::Token(id) => ("TOKEN", None, Some(id)),
        FeedOwner::ApiToken => ("API_TOKEN", None, None),
        FeedOwner::Everybody => ("EVERYBODY", None, None),
    }
}

impl TryFrom<calendar_feed::Model> for CalendarFeed {
    type Error = StoreError;

    fn try_from(row: calendar_feed::Model) -> Result<Self, Self::Error> {
        let owner = match (row.owner.as_str(), row.person_id, row.token_id) {
            ("PERSON", Some(id), None) => FeedOwner::Person(id.into()),
            ("TOKEN", None, Some(id)) => FeedOwner::Token(id.into()),
            ("API_TOKEN", None, None) => FeedOwner::ApiToken,
            ("EVERYBODY", None, None) => FeedOwner::Everybody,
            _ => return Err(StoreError::unreadable("owner of a calendar feed")),
        };
        Ok(Self {
            id: row.id.into(),
            provider_id: row.provider_id.into(),
            name: row.name,
            with_patients: row.with_patients,
            owner,
            created_at: from_db(row.created_at)?,
            revoked_at: row.revoked_at.map(from_db).transpose()?,
            last_read_at: row.last_read_at.map(from_db).transpose()?,
        })
    }
}
