//! What a patient is told by mail, or was.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub appointment_id: Option<Uuid>,
    pub position: Option<i64>,
    pub entry_id: Option<Uuid>,
    pub offer_id: Option<Uuid>,
    pub lead_minutes: Option<i32>,
    pub provider_id: Uuid,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub previous_starts_at: Option<DateTimeUtc>,
    pub expires_at: Option<DateTimeUtc>,
    pub at: DateTimeUtc,
    pub status: String,
    pub outcome: Option<String>,
    pub attempts: i32,
    pub tried_since: Option<DateTimeUtc>,
    pub next_attempt_at: Option<DateTimeUtc>,
    pub settled_at: Option<DateTimeUtc>,
    pub recipient: Option<String>,
    pub leased_until: Option<DateTimeUtc>,
    pub lease: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
