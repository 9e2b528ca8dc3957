//! Who waits for a time.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i32,
    pub status: String,
    pub patient_id: Uuid,
    pub state: String,
    pub insurance_id: Uuid,
    pub provider_id: Option<Uuid>,
    pub duration_minutes: i32,
    pub visit_type_id: Option<Uuid>,
    pub earliest: DateTimeUtc,
    pub latest: DateTimeUtc,
    pub weekdays: i32,
    pub local_from: i32,
    pub local_until: i32,
    pub instead_of: Option<Uuid>,
    pub joined: i64,
    pub position: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
