//! Patients.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub name_key: String,
    pub email_key: String,
    pub state: String,
    pub insurance_id: Uuid,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub phone: Option<String>,
    pub birth_date: Option<Date>,
    pub time_zone: Option<String>,
    pub version: i32,
    pub folded_name: Option<String>,
    pub search_text: Option<String>,
    pub reminders: bool,
    #[sea_orm(belongs_to, from = "insurance_id", to = "id")]
    pub insurance: BelongsTo<super::insurance::Entity>,
    #[sea_orm(has_many)]
    pub appointments: HasMany<super::appointment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
