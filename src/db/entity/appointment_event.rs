//! What happened to appointments, in order. Written by triggers alone.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment_event")]
pub struct Model {
    // On PostgreSQL, NULL until a sequencer gives it: every query leaves such rows out.
    #[sea_orm(primary_key)]
    pub position: i64,
    pub appointment_id: Uuid,
    pub provider_id: Uuid,
    pub state: String,
    pub kind: String,
    pub at: DateTimeUtc,
    pub from_provider_id: Option<Uuid>,
    pub other_provider_id: Option<Uuid>,
    #[sea_orm(belongs_to, from = "appointment_id", to = "id")]
    pub appointment: BelongsTo<super::appointment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
