//! What the library of the migrations says, for the operator.

use sea_orm::DbErr;

use crate::db::engine::error::StoreError;

/// What the library says of the migrations themselves is for the operator; it has read no rows but
/// those of its own table. A right that is lacking is the owner's.
pub(super) fn told(error: DbErr) -> StoreError {
    match error {
        DbErr::Custom(text) | DbErr::Migration(text) => StoreError::Internal(text),
        other => match StoreError::from(other) {
            error if error.code() == Some("42501") => StoreError::NotSetUp(
                "the role that clinic connects as does not own the tables (42501): run clinic migrate \
                 up with a DATABASE_URL of the role that does, or make it the owner: ALTER TABLE … \
                 OWNER TO …"
                    .to_owned(),
            ),
            error => error,
        },
    }
}
