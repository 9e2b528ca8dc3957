//! What is still to be settled with the external scheduling service.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: Uuid,
    pub attempts: i32,
    pub unanswered_key: Option<String>,
    pub due_at: DateTimeUtc,
    pub lease_token: Option<Uuid>,
    pub leased_until: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
    pub failures: i32,
    pub failing: bool,
    pub ends_at: Option<DateTimeUtc>,
    pub late_until: Option<DateTimeUtc>,
    pub trace_parent: Option<String>,
    #[sea_orm(belongs_to, from = "appointment_id", to = "id")]
    pub appointment: BelongsTo<super::appointment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
