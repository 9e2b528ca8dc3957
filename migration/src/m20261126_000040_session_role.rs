//! What somebody is in a session, where the clinic's identity provider alone says that: it counts in
//! place of the role that is noted of them, and is not written there.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = "
ALTER TABLE session ADD COLUMN role TEXT
    CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER'));
";

const UP_POSTGRES: &str = "
ALTER TABLE session
    ADD COLUMN role text,
    ADD CONSTRAINT session_role_check
        CHECK (role IN ('ADMIN', 'SCHEDULER', 'CLINICIAN', 'AUDITOR', 'VIEWER'));
";

/// A session must not go on in the role that is noted of the person, which may be a higher one.
const DOWN: &str = "
DELETE FROM session WHERE role IS NOT NULL;
ALTER TABLE session DROP COLUMN role;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, DOWN, DOWN).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds to sessions the role that the identity provider says")
            .blocking(&["session"])
            .reading(&["session"])
            .reading_on_sqlite(&["session"])
    }
}
