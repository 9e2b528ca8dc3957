//! The indexes by owner end with the id, as lists do: a page is read from its start to its end and
//! needs no sorting. Without it a planner may prefer the index of all times, and read through
//! everybody's appointments for one owner's.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r"
DROP INDEX appointment_provider_time;
DROP INDEX appointment_patient_time;
CREATE INDEX appointment_provider_time ON appointment (provider_id, starts_at, id);
CREATE INDEX appointment_patient_time ON appointment (patient_id, starts_at, id);
";

const DOWN: &str = r"
DROP INDEX appointment_provider_time;
DROP INDEX appointment_patient_time;
CREATE INDEX appointment_provider_time ON appointment (provider_id, starts_at);
CREATE INDEX appointment_patient_time ON appointment (patient_id, starts_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the indexes of appointments by provider and by patient anew")
            .blocking(&["appointment"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
