//! What the role needs that sets the database up, and what to ask of whoever runs it.

use sea_orm::{ConnectionTrait, Statement};

use super::error::StoreError;

const ASKED: &str = "
    SELECT quote_ident(current_user), quote_ident(current_database()), quote_ident(current_schema()),
           EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'),
           EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'),
           has_database_privilege(current_database(), 'CREATE'),
           coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)";

/// Looks whether the role may make what the migrations make on `PostgreSQL`.
///
/// # Errors
///
/// [`StoreError::NotSetUp`], which says which right is lacking, what for, and what to ask for.
pub(super) async fn check(conn: &impl ConnectionTrait) -> Result<(), StoreError> {
    let statement = Statement::from_string(conn.get_database_backend(), ASKED);
    let row = conn.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| StoreError::unreadable("rights"))?;
    let (role, database): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    let schema: Option<String> = row.try_get_by_index(2)?;
    let (made, available): (bool, bool) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let (in_database, in_schema): (bool, bool) =
        (row.try_get_by_index(5)?, row.try_get_by_index(6)?);
    let mut asked = Vec::new();
    if !made && !available {
        asked.push(
            "The extension btree_gist keeps the times of a provider apart, and this server does not \
             have it: install PostgreSQL's contrib package"
                .to_owned(),
        );
    } else if !made && !in_database {
        asked.push(format!(
            "The extension btree_gist keeps the times of a provider apart, and the role {role} may \
             not make it. In the database {database}: CREATE EXTENSION btree_gist;"
        ));
    }
    match schema {
        None => asked.push(format!(
            "There is no schema for the tables. In the database {database}: CREATE SCHEMA clinic \
             AUTHORIZATION {role}; ALTER ROLE {role} SET search_path = clinic, public;"
        )),
        Some(schema) if !in_schema => asked.push(format!(
            "The role {role} may not make tables in the schema {schema}. In the database {database}: \
             GRANT CREATE ON SCHEMA {schema} TO {role};"
        )),
        Some(_) => {}
    }
    if asked.is_empty() {
        return Ok(());
    }
    let asked = asked.join("\n  ");
    Err(StoreError::NotSetUp(format!(
        "a right is lacking; ask an administrator of the database (42501):\n  {asked}"
    )))
}
