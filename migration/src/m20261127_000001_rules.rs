//! The rules by which visits are booked, the clinic's and each provider's own; who works here no
//! more; payers that are taken no more. What is null is as the next above has it: a provider's rule
//! is the clinic's, the clinic's is the setting's.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::{directory_triggers, execute};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Each rule, and from which to which number it goes. Minutes, days, appointments.
const RULES: [(&str, u32, u32); 6] = [
    ("grid_minutes", 1, 480),
    ("buffer_before_minutes", 0, 480),
    ("buffer_after_minutes", 0, 480),
    ("notice_minutes", 0, 525_600),
    ("horizon_days", 1, 730),
    ("max_appointments_per_day", 1, 1000),
];

fn sqlite() -> String {
    let added = RULES.map(|(rule, least, most)| {
        format!("ALTER TABLE provider ADD COLUMN {rule} INTEGER CHECK ({rule} BETWEEN {least} AND {most});\n")
    });
    let columns = RULES.map(|(rule, least, most)| {
        format!("    {rule} INTEGER CHECK ({rule} BETWEEN {least} AND {most}),\n")
    });
    format!(
        "
ALTER TABLE insurance ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE insurance ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));
ALTER TABLE provider ADD COLUMN active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1));
{}
CREATE TABLE clinic_rules (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL DEFAULT 1,
{}    -- At which times of their own day patients are offered visits.
    patient_earliest TEXT CHECK
        (patient_earliest GLOB '[0-2][0-9]:[0-5][0-9]' AND patient_earliest <= '24:00'),
    patient_latest TEXT CHECK
        (patient_latest GLOB '[0-2][0-9]:[0-5][0-9]' AND patient_latest <= '24:00'),
    CONSTRAINT clinic_rules_patient_check CHECK (patient_earliest <= patient_latest)
) STRICT;
INSERT INTO clinic_rules (id) VALUES (1);
{}",
        added.concat(),
        columns.concat(),
        directory_triggers::sqlite("clinic_rules")
    )
}

fn postgres() -> String {
    let added = RULES.map(|(rule, ..)| format!("    ADD COLUMN {rule} integer,\n"));
    let columns = RULES.map(|(rule, ..)| format!("    {rule} integer,\n"));
    let checks = |table: &str, verb: &str| {
        RULES
            .map(|(rule, least, most)| {
                format!(
                    ",\n    {verb}CONSTRAINT {table}_{rule}_check CHECK ({rule} BETWEEN {least} AND {most})"
                )
            })
            .concat()
    };
    format!(
        "
ALTER TABLE insurance
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN active boolean NOT NULL DEFAULT true;
ALTER TABLE provider
{}    ADD COLUMN active boolean NOT NULL DEFAULT true{};
CREATE TABLE clinic_rules (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    version integer NOT NULL DEFAULT 1,
{}    -- At which times of their own day patients are offered visits.
    patient_earliest text,
    patient_latest text,
    CONSTRAINT clinic_rules_patient_check CHECK (patient_earliest <= patient_latest),
    CONSTRAINT clinic_rules_patient_earliest_check
        CHECK (patient_earliest ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    CONSTRAINT clinic_rules_patient_latest_check
        CHECK (patient_latest ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'){}
);
INSERT INTO clinic_rules (id) VALUES (1);
{}",
        added.concat(),
        checks("provider", "ADD "),
        columns.concat(),
        checks("clinic_rules", ""),
        directory_triggers::postgres("clinic_rules")
    )
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, &sqlite(), &postgres()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_provider =
            RULES.map(|(rule, ..)| format!("ALTER TABLE provider DROP COLUMN {rule};\n")).concat();
        let down = format!(
            "{of_provider}
            DROP TABLE clinic_rules;
            ALTER TABLE provider DROP COLUMN active;
            ALTER TABLE insurance DROP COLUMN active;
            ALTER TABLE insurance DROP COLUMN version;"
        );
        execute(manager, &down, &down).await
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds rules of booking, and marks who works and which payers are taken")
            .blocking(&["insurance", "provider"])
            .reading(&["provider"])
            .reading_on_sqlite(&["insurance", "provider"])
    }
}
