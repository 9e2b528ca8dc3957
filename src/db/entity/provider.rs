//! Providers.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub reference: String,
    pub name: String,
    pub credentials: String,
    pub time_zone: String,
    pub version: i32,
    pub active: bool,
    pub grid_minutes: Option<i32>,
    pub buffer_before_minutes: Option<i32>,
    pub buffer_after_minutes: Option<i32>,
    pub notice_minutes: Option<i32>,
    pub horizon_days: Option<i32>,
    pub max_appointments_per_day: Option<i32>,
    #[sea_orm(has_many)]
    pub licences: HasMany<super::provider_state::Entity>,
    #[sea_orm(has_many)]
    pub working_hours: HasMany<super::working_hours::Entity>,
    #[sea_orm(has_many, via = "provider_insurance")]
    pub insurances: HasMany<super::insurance::Entity>,
    #[sea_orm(has_many)]
    pub appointments: HasMany<super::appointment::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
