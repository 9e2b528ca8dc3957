//! Programs that are told what happens to visits.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i32,
    pub url: String,
    pub kinds: String,
    pub active: bool,
    pub secret: String,
    pub previous_secrets: Option<String>,
    pub previous_secrets_until: Option<DateTimeUtc>,
    pub position: i64,
    pub failing_since: Option<DateTimeUtc>,
    pub switched_off_at: Option<DateTimeUtc>,
    pub deleted_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
