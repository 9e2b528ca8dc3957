//! Payers.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "insurance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub name: String,
    pub self_pay: bool,
    pub version: i32,
    pub active: bool,
    #[sea_orm(has_many)]
    pub aliases: HasMany<super::insurance_alias::Entity>,
    #[sea_orm(has_many, via = "provider_insurance")]
    pub providers: HasMany<super::provider::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
