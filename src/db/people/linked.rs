//! Who comes in by which account of the clinic's identity provider.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::access::Person;
use crate::db::StoreError;
use crate::db::entity::person;
use crate::domain::PersonId;

/// Who is linked to that account of an identity provider: its issuer and its subject.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn linked_to(
    conn: &impl ConnectionTrait,
    (issuer, subject): (&str, &str),
) -> Result<Option<Person>, StoreError> {
    let found = person::Entity::find()
        .filter(person::Column::OidcIssuer.eq(issuer))
        .filter(person::Column::OidcSubject.eq(subject));
    found.one(conn).await?.map(Person::try_from).transpose()
}

/// Links somebody to that account of an identity provider.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn link(
    tx: &impl ConnectionTrait,
    id: PersonId,
    (issuer, subject): (&str, &str),
) -> Result<(), StoreError> {
    person::Entity::update_many()
        .col_expr(person::Column::OidcIssuer, Expr::value(issuer))
        .col_expr(person::Column::OidcSubject, Expr::value(subject))
        .filter(person::Column::Id.eq(id.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}
