//! What is told, or was, to another program.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub position: Option<i64>,
    pub appointment_id: Option<Uuid>,
    pub kind: Option<String>,
    pub at: DateTimeUtc,
    pub status: String,
    pub outcome: Option<String>,
    pub response_status: Option<i32>,
    pub attempts: i32,
    pub tried_since: Option<DateTimeUtc>,
    pub next_attempt_at: Option<DateTimeUtc>,
    pub leased_until: Option<DateTimeUtc>,
    pub lease: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
