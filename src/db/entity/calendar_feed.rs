//! Calendars that are subscribed to.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feed")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub secret_hash: Vec<u8>,
    pub provider_id: Uuid,
    pub name: Option<String>,
    pub with_patients: bool,
    pub owner: String,
    pub person_id: Option<Uuid>,
    pub token_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    pub last_read_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
