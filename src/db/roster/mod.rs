//! The roster as it is written down: reading it, and writing what becomes of it.

mod of_clinic;
mod records;
mod write;

pub use of_clinic::{
    clinic_settings, count_clinic_change, insert_payer, insert_payer_names, insert_visit_type,
    put_closed_day, remove_closed_day, replace_clinic_settings, replace_payer, replace_visit_type,
};
pub use records::{all, find, has_reference, who_takes_off};
pub use write::{insert, replace};

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QuerySelect};

use super::engine::StoreError;
use super::entity::provider;

/// Whether there is no provider at all.
///
/// # Errors
///
/// [`StoreError`] when the database fails.
pub async fn is_empty(conn: &impl ConnectionTrait) -> Result<bool, StoreError> {
    Ok(provider::Entity::find().limit(1).count(conn).await? == 0)
}
