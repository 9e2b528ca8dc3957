//! The names of payers, by what they are compared by.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "insurance_alias")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub alias: String,
    pub insurance_id: Uuid,
    #[sea_orm(belongs_to, from = "insurance_id", to = "id")]
    pub insurance: BelongsTo<super::insurance::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
