//! The endpoints.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::engine::{Engine, StoreError, from_db, to_db};
use crate::db::entity::webhook_endpoint;
use crate::domain::webhook::{EndpointSecrets, WebhookSecret};
use crate::domain::{AppointmentEventKind, EventPosition, WebhookEndpoint, WebhookEndpointId};

/// Writes a new one, which is told what comes after `position`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    new: &WebhookEndpoint,
    secret: &WebhookSecret,
    position: EventPosition,
) -> Result<(), StoreError> {
    let row = webhook_endpoint::ActiveModel {
        id: Set(new.id.uuid()),
        version: Set(new.version),
        url: Set(new.url.clone()),
        kinds: Set(written(&new.kinds)),
        active: Set(new.active),
        secret: Set(secret.reveal()),
        previous_secrets: Set(None),
        previous_secrets_until: Set(None),
        position: Set(position.0),
        failing_since: Set(None),
        switched_off_at: Set(None),
        deleted_at: Set(None),
        created_at: Set(to_db(new.created_at)),
    };
    webhook_endpoint::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Those that were not deleted, the oldest first.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<WebhookEndpoint>, StoreError> {
    let rows = webhook_endpoint::Entity::find()
        .filter(webhook_endpoint::Column::DeletedAt.is_null())
        .order_by_asc(webhook_endpoint::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Those that are told something, each with the position up to which that is written down.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn active(
    conn: &impl ConnectionTrait,
) -> Result<Vec<(WebhookEndpoint, EventPosition)>, StoreError> {
    let rows = webhook_endpoint::Entity::find()
        .filter(webhook_endpoint::Column::Active.eq(true))
        .order_by_asc(webhook_endpoint::Column::Id)
        .all(conn)
        .await?;
    let with_position = |row: webhook_endpoint::Model| {
        let position = EventPosition(row.position);
        Ok((row.try_into()?, position))
    };
    rows.into_iter().map(with_position).collect()
}

/// The one of that id, also where it was deleted.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<Option<WebhookEndpoint>, StoreError> {
    let row = webhook_endpoint::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.map(TryInto::try_into).transpose()
}

/// The same, which nobody else changes until the transaction ends.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn locked(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<Option<WebhookEndpoint>, StoreError> {
    let mut select = webhook_endpoint::Entity::find_by_id(id.uuid());
    if Engine::of(tx) == Engine::Postgres {
        select = select.lock(LockType::NoKeyUpdate);
    }
    select.one(tx).await?.map(TryInto::try_into).transpose()
}

/// An endpoint with what messages to it are signed with.
pub struct Target {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// Its secrets.
    pub secrets: EndpointSecrets,
}

/// The one of that id with its secrets, unless it was deleted.
///
/// # Errors
///
/// [`StoreError`] when the database fails, or has what is no secret.
pub async fn target(
    conn: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<Option<Target>, StoreError> {
    let row = webhook_endpoint::Entity::find_by_id(id.uuid())
        .filter(webhook_endpoint::Column::DeletedAt.is_null())
        .one(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Target { secrets: secrets_of(&row)?, endpoint: row.try_into()? }))
}

/// What messages to it are signed with.
///
/// # Errors
///
/// [`StoreError`] when the database fails, or has what is no secret.
pub async fn secrets(
    conn: &impl ConnectionTrait,
    id: WebhookEndpointId,
) -> Result<Option<EndpointSecrets>, StoreError> {
    let row = webhook_endpoint::Entity::find_by_id(id.uuid()).one(conn).await?;
    row.as_ref().map(secrets_of).transpose()
}

fn secrets_of(row: &webhook_endpoint::Model) -> Result<EndpointSecrets, StoreError> {
    let read = |text: &str| {
        WebhookSecret::parse(text).ok_or_else(|| StoreError::unreadable("secret of a webhook"))
    };
    let previous = row.previous_secrets.as_deref().unwrap_or_default().split_whitespace();
    Ok(EndpointSecrets {
        current: read(&row.secret)?,
        previous: previous.map(read).collect::<Result<_, _>>()?,
        previous_until: row.previous_secrets_until.map(from_db).transpose()?,
    })
}

/// Stores what becomes of one.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn change(tx: &impl ConnectionTrait, after: &WebhookEndpoint) -> Result<(), StoreError> {
    use webhook_endpoint::Column;
    webhook_endpoint::Entity::update_many()
        .col_expr(Column::Version, after.version.into())
        .col_expr(Column::Url, after.url.clone().into())
        .col_expr(Column::Kinds, written(&after.kinds).into())
        .col_expr(Column::Active, after.active.into())
        .col_expr(Column::FailingSince, Expr::value(after.failing_since.map(to_db)))
        .col_expr(Column::SwitchedOffAt, Expr::value(after.switched_off_at.map(to_db)))
        .col_expr(Column::DeletedAt, Expr::value(after.deleted_at.map(to_db)))
        .filter(Column::Id.eq(after.id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Stores another secret.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn set_secrets(
    tx: &impl ConnectionTrait,
    id: WebhookEndpointId,
    secrets: &EndpointSecrets,
) -> Result<(), StoreError> {
    use webhook_endpoint::Column;
    let previous: Vec<String> = secrets.previous.iter().map(WebhookSecret::reveal).collect();
    let (previous, until) = (previous.join(" "), secrets.previous_until.map(to_db));
    webhook_endpoint::Entity::update_many()
        .col_expr(Column::Secret, secrets.current.reveal().into())
        .col_expr(Column::PreviousSecrets, previous.into())
        .col_expr(Column::PreviousSecretsUntil, Expr::value(until))
        .filter(Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

fn written(kinds: &[AppointmentEventKind]) -> String {
    kinds.iter().map(|kind| format!("{},", kind.as_str())).collect()
}

impl TryFrom<webhook_endpoint::Model> for WebhookEndpoint {
    type Error = StoreError;

    fn try_from(row: webhook_endpoint::Model) -> Result<Self, StoreError> {
        let kind = |name: &str| name.parse().map_err(|_unknown| StoreError::unreadable("kind"));
        Ok(Self {
            id: row.id.into(),
            version: row.version,
            url: row.url,
            kinds: row.kinds.split_terminator(',').map(kind).collect::<Result<_, _>>()?,
            active: row.active,
            failing_since: row.failing_since.map(from_db).transpose()?,
            switched_off_at: row.switched_off_at.map(from_db).transpose()?,
            deleted_at: row.deleted_at.map(from_db).transpose()?,
            created_at: from_db(row.created_at)?,
        })
    }
}
