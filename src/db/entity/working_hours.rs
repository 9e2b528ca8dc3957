//! Working hours, as local times. The first day on which they are in effect is of the key as well,
//! but open for most.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "working_hours")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub weekday: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub opens_at: String,
    pub closes_at: String,
    pub effective_from: Option<Date>,
    pub effective_until: Option<Date>,
    #[sea_orm(belongs_to, from = "provider_id", to = "id")]
    pub provider: BelongsTo<super::provider::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
