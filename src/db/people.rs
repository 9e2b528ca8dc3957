//! The clinic's staff. Whoever writes here holds the lock of the people: they are few and change
//! seldom, and what must hold among them (one address a person, one administrator at least) is
//! looked at and kept in one transaction.

mod linked;

pub use linked::{link, linked_to};

use jiff::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::engine::{StoreError, from_db, to_db};
use super::entity::person;
use crate::access::{Person, Role};
use crate::domain::PersonId;
use crate::domain::name_and_address::email_key;

/// Somebody, and the hash of their password where they have one.
pub struct Account {
    /// Who.
    pub person: Person,
    /// The Argon2id hash in PHC's form.
    pub password_hash: Option<String>,
}

/// An invitation: what it hashes to, and until when it counts.
#[derive(Clone, Copy)]
pub struct Invitation<'a> {
    /// SHA-256 of the secret.
    pub hash: &'a [u8],
    /// From then on it counts no more.
    pub until: Timestamp,
}

/// The person of that id.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn find(conn: &impl ConnectionTrait, id: PersonId) -> Result<Option<Person>, StoreError> {
    person::Entity::find_by_id(id.uuid()).one(conn).await?.map(Person::try_from).transpose()
}

/// Everybody, also who is disabled, by name.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<Person>, StoreError> {
    let rows = person::Entity::find()
        .order_by_asc(person::Column::Name)
        .order_by_asc(person::Column::Id)
        .all(conn)
        .await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// Who signs in with that address.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn account(
    conn: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<Account>, StoreError> {
    let found = person::Entity::find().filter(person::Column::EmailKey.eq(email_key(email)));
    let Some(mut row) = found.one(conn).await? else { return Ok(None) };
    let password_hash = row.password_hash.clone();
    row.password_hash = row.password_hash.map(|_| String::new());
    Ok(Some(Account { person: row.try_into()?, password_hash }))
}

/// Whom that invitation is for, if it counts at that moment.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn invited(
    conn: &impl ConnectionTrait,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<Person>, StoreError> {
    let row = person::Entity::find()
        .filter(person::Column::InvitationHash.eq(hash.to_vec()))
        .filter(person::Column::InvitedUntil.gt(to_db(now)))
        .filter(person::Column::DisabledAt.is_null())
        .one(conn)
        .await?;
    row.map(Person::try_from).transpose()
}

/// Administrators who may come in, beside `one`.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn other_administrators(
    conn: &impl ConnectionTrait,
    one: PersonId,
) -> Result<Vec<Person>, StoreError> {
    let rows = person::Entity::find()
        .filter(person::Column::Role.eq(Role::Admin.as_str()))
        .filter(person::Column::DisabledAt.is_null())
        .filter(person::Column::Id.ne(one.uuid()))
        .all(conn)
        .await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// Whether there is anybody who may come in.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_anybody(conn: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let active = person::Entity::find().filter(person::Column::DisabledAt.is_null());
    Ok(active.limit(1).count(conn).await? > 0)
}

/// Whether somebody else than `one` has that address.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn has_other_at(
    conn: &impl ConnectionTrait,
    email: &str,
    one: PersonId,
) -> Result<bool, StoreError> {
    let others = person::Entity::find()
        .filter(person::Column::EmailKey.eq(email_key(email)))
        .filter(person::Column::Id.ne(one.uuid()));
    Ok(others.count(conn).await? > 0)
}

/// Writes somebody new, with their invitation.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn insert(
    tx: &impl ConnectionTrait,
    person: &Person,
    invitation: Invitation<'_>,
) -> Result<(), StoreError> {
    let row = person::ActiveModel {
        id: Set(person.id.uuid()),
        invitation_hash: Set(Some(invitation.hash.to_vec())),
        created_at: Set(to_db(person.created_at)),
        ..changed(person, person.created_at)
    };
    person::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes what is known of somebody, but for their secrets.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn update(
    tx: &impl ConnectionTrait,
    person: &Person,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = person::ActiveModel {
        id: Unchanged(person.id.uuid()),
        invited_until: NotSet,
        ..changed(person, now)
    };
    row.update(tx).await?;
    Ok(())
}

fn changed(person: &Person, now: Timestamp) -> person::ActiveModel {
    person::ActiveModel {
        name: Set(person.name.clone()),
        email: Set(person.email.clone()),
        email_key: Set(email_key(&person.email)),
        role: Set(person.role.as_str().to_owned()),
        provider_id: Set(person.provider_id.map(crate::domain::ProviderId::uuid)),
        invited_until: Set(person.invited_until.map(to_db)),
        disabled_at: Set(person.disabled_at.map(to_db)),
        version: Set(person.version),
        updated_at: Set(to_db(now)),
        ..Default::default()
    }
}

/// Gives somebody another invitation, or none.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn invite(
    tx: &impl ConnectionTrait,
    id: PersonId,
    invitation: Option<Invitation<'_>>,
) -> Result<(), StoreError> {
    let hash = invitation.map(|invitation| invitation.hash.to_vec());
    let until = invitation.map(|invitation| to_db(invitation.until));
    person::Entity::update_many()
        .col_expr(person::Column::InvitationHash, Expr::value(hash))
        .col_expr(person::Column::InvitedUntil, Expr::value(until))
        .filter(person::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives somebody a password. Their invitation is used up by it.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn set_password(
    tx: &impl ConnectionTrait,
    id: PersonId,
    hash: &str,
) -> Result<(), StoreError> {
    invite(tx, id, None).await?;
    person::Entity::update_many()
        .col_expr(person::Column::PasswordHash, Expr::value(hash))
        .filter(person::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets somebody's password and invitation.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn forget_secrets(tx: &impl ConnectionTrait, id: PersonId) -> Result<(), StoreError> {
    invite(tx, id, None).await?;
    person::Entity::update_many()
        .col_expr(person::Column::PasswordHash, Expr::value(Option::<String>::None))
        .filter(person::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

impl TryFrom<person::Model> for Person {
    type Error = StoreError;

    fn try_from(row: person::Model) -> Result<Self, Self::Error> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            email: row.email,
            role: role_named(&row.role)?,
            provider_id: row.provider_id.map(Into::into),
            has_password: row.password_hash.is_some(),
            is_linked: row.oidc_subject.is_some(),
            invited_until: row.invited_until.map(from_db).transpose()?,
            disabled_at: row.disabled_at.map(from_db).transpose()?,
            version: row.version,
            created_at: from_db(row.created_at)?,
        })
    }
}

pub(in crate::db) fn role_named(name: &str) -> Result<Role, StoreError> {
    name.parse().map_err(|_unknown| StoreError::unreadable("role"))
}
