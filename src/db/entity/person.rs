//! The clinic's staff.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub email_key: String,
    pub role: String,
    pub provider_id: Option<Uuid>,
    pub password_hash: Option<String>,
    pub invitation_hash: Option<Vec<u8>>,
    pub invited_until: Option<DateTimeUtc>,
    pub oidc_issuer: Option<String>,
    pub oidc_subject: Option<String>,
    pub disabled_at: Option<DateTimeUtc>,
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub sessions: HasMany<super::session::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
