//! Tries to sign in of late that were not right.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_try")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_hash: Vec<u8>,
    pub address: String,
    pub tried_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
