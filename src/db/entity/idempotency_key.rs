//! Keys under which callers repeat a request.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub request_hash: String,
    pub appointment_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub appointment_version: Option<i32>,
    pub refusal: Option<String>,
    pub patient_id: Option<Uuid>,
    pub made_id: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
