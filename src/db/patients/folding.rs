//! What is written beside a name for comparing and searching, and writing it where it is missing.

use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::engine::{Db, Ending, StoreError};
use crate::db::entity::patient;
use crate::domain::folding::{folded_words, name_key, without_accents};

/// How many rows one transaction writes.
const BATCH: u64 = 500;

/// What a search looks through: the words of the name, the name in one and as it is written, the address, and the digits
/// of the telephone number.
pub(super) fn search_text(name: &str, email: &str, phone: Option<&str>) -> String {
    let digits: String = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let mut parts = folded_words(name);
    let as_written = [without_accents(name), without_accents(email)];
    parts.extend([name_key(name)].into_iter().chain(as_written).chain([digits]));
    parts.join(" ")
}

/// Writes for patients of servers of before what their names are compared and searched by; says of
/// how many.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn fold_what_is_not(db: &Db) -> Result<u64, StoreError> {
    let mut written = 0;
    let mut after = Uuid::nil();
    loop {
        let rows = patient::Entity::find()
            .filter(patient::Column::FoldedName.is_null())
            .filter(patient::Column::Id.gt(after))
            .order_by_asc(patient::Column::Id)
            .limit(BATCH)
            .all(db.read())
            .await?;
        let Some(last) = rows.last() else { return Ok(written) };
        after = last.id;
        let fold = |tx| {
            let rows = &rows;
            async move {
                for row in rows {
                    fold(&tx, row).await?;
                }
                Ok::<_, StoreError>(Ending::Commit(()))
            }
        };
        db.transaction("patient_folding", fold).await?;
        written += u64::try_from(rows.len()).unwrap_or_default();
    }
}

/// Unless it was written, or the name changed, meanwhile. The version stays: nothing that is shown
/// has changed.
async fn fold(tx: &impl ConnectionTrait, row: &patient::Model) -> Result<(), StoreError> {
    let text = search_text(&row.name, &row.email, row.phone.as_deref());
    patient::Entity::update_many()
        .col_expr(patient::Column::FoldedName, name_key(&row.name).into())
        .col_expr(patient::Column::SearchText, text.into())
        .filter(patient::Column::Id.eq(row.id))
        .filter(patient::Column::Version.eq(row.version))
        .filter(patient::Column::FoldedName.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
