//! What a scheduling service still has of visits that were changed while none was named.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "given_up_outside")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: Uuid,
    pub external_id: String,
    pub given_up_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
