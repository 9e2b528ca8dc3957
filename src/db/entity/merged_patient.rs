//! Patients who were merged into others.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merged_patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kept_id: Uuid,
    pub email_key: String,
    pub folded_name: String,
    pub merged_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "kept_id", to = "id")]
    pub kept: BelongsTo<super::patient::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
