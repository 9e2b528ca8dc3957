//! Appointments. Rows in status `HELD` are none, and never read as one: they need not say for whom, from
//! where or under which insurance (`db::holds`).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub provider_id: Uuid,
    pub patient_id: Uuid,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub move_starts_at: Option<DateTimeUtc>,
    pub move_ends_at: Option<DateTimeUtc>,
    pub reassign_provider_id: Option<Uuid>,
    pub reassign_starts_at: Option<DateTimeUtc>,
    pub reassign_ends_at: Option<DateTimeUtc>,
    pub status: String,
    pub ends_as: Option<String>,
    pub version: i32,
    pub state: String,
    pub insurance_id: Uuid,
    pub visit_type_id: Option<Uuid>,
    pub reason: Option<String>,
    pub cancel_reason: Option<String>,
    pub external_id: Option<String>,
    pub kept_here: bool,
    pub unsettled_outside: bool,
    pub provenance: Option<String>,
    pub overruled: Option<String>,
    pub overrule_reason: Option<String>,
    pub overruled_in: Option<i32>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "provider_id", to = "id")]
    pub provider: BelongsTo<super::provider::Entity>,
    #[sea_orm(belongs_to, from = "patient_id", to = "id")]
    pub patient: BelongsTo<super::patient::Entity>,
    #[sea_orm(belongs_to, from = "insurance_id", to = "id")]
    pub insurance: BelongsTo<super::insurance::Entity>,
    #[sea_orm(has_one)]
    pub outbox: HasOne<super::outbox::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
