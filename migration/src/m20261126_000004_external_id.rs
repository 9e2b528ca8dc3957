//! One outside id, one appointment: cancelling one must never cancel another's outside.
//!
//! A database of before may hold an id twice, because the scheduling service gave it twice and was
//! believed. Whose it is can't be told from here. The first that holds its time keeps it; what is over
//! forgets it; each other one is given an id that leads nowhere outside, so that moving it books it anew
//! and cancelling it cancels nobody else's, and the comparison of the two books names it until then.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LOOK_UP: &str = "CREATE INDEX appointment_external_id_lookup ON appointment (external_id);";

/// What is over, where another that is not, or that came first, has the id.
const FORGET: &str = "
UPDATE appointment SET external_id = NULL
 WHERE status IN ('CANCELLED', 'FAILED', 'EXPIRED') AND external_id IS NOT NULL
   AND EXISTS (SELECT 1 FROM appointment AS other
                WHERE other.external_id = appointment.external_id AND other.id <> appointment.id
                  AND (other.status IN ('PENDING', 'CONFIRMED', 'CANCELLING') OR other.id < appointment.id));
";

/// What is left twice holds its time. The id is cut, for the service's own may be long.
const LEAD_NOWHERE: (&str, &str) = (
    "
UPDATE appointment SET external_id = 'doubled-' || lower(hex(id)) || '-' || substr(external_id, 1, 100)
 WHERE external_id IS NOT NULL
   AND EXISTS (SELECT 1 FROM appointment AS other
                WHERE other.external_id = appointment.external_id AND other.id < appointment.id);
",
    "
UPDATE appointment SET external_id = 'doubled-' || replace(CAST(id AS text), '-', '') || '-' || substr(external_id, 1, 100)
 WHERE external_id IS NOT NULL
   AND EXISTS (SELECT 1 FROM appointment AS other
                WHERE other.external_id = appointment.external_id AND other.id < appointment.id);
",
);

const UNIQUE: &str = "
DROP INDEX appointment_external_id_lookup;
CREATE UNIQUE INDEX appointment_external_id_key ON appointment (external_id) WHERE external_id IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [LOOK_UP, FORGET] {
            execute(manager, sql, sql).await?;
        }
        execute(manager, LEAD_NOWHERE.0, LEAD_NOWHERE.1).await?;
        execute(manager, UNIQUE, UNIQUE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP INDEX appointment_external_id_key;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("lets an outside id stand at one appointment only; mends where it does not")
            .blocking(&["appointment"])
            .reading(&["appointment"])
            .reading_on_sqlite(&["appointment"])
    }
}
