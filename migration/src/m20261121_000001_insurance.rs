//! Payers and all the names that people write for them.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP_SQLITE: &str = r"
CREATE TABLE insurance (
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    CONSTRAINT insurance_pkey PRIMARY KEY (id),
    CONSTRAINT insurance_name_key UNIQUE (name)
) STRICT;

-- Every name of a payer, its own included, by its letters and digits in lower case:
-- what a spelling means is one look-up, and no two payers share one.
CREATE TABLE insurance_alias (
    key TEXT NOT NULL,
    alias TEXT NOT NULL,
    insurance_id BLOB NOT NULL,
    CONSTRAINT insurance_alias_pkey PRIMARY KEY (key),
    CONSTRAINT insurance_alias_insurance_id_fkey FOREIGN KEY (insurance_id)
        REFERENCES insurance (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX insurance_alias_insurance_id ON insurance_alias (insurance_id);
";

const UP_POSTGRES: &str = r"
CREATE TABLE insurance (
    id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT insurance_pkey PRIMARY KEY (id),
    CONSTRAINT insurance_name_key UNIQUE (name)
);

-- Every name of a payer, its own included, by its letters and digits in lower case:
-- what a spelling means is one look-up, and no two payers share one.
CREATE TABLE insurance_alias (
    key text NOT NULL,
    alias text NOT NULL,
    insurance_id uuid NOT NULL,
    CONSTRAINT insurance_alias_pkey PRIMARY KEY (key),
    CONSTRAINT insurance_alias_insurance_id_fkey FOREIGN KEY (insurance_id)
        REFERENCES insurance (id) ON DELETE CASCADE
);
CREATE INDEX insurance_alias_insurance_id ON insurance_alias (insurance_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, UP_SQLITE, UP_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE insurance_alias; DROP TABLE insurance;";
        execute(manager, down, down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("makes the tables of payers and of the names that people write for them")
    }
}
