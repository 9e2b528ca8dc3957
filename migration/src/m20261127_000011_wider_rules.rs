//! The rules against overlapping visits once more, for all that holds time from here on: whoever is there,
//! was seen or never came, and for a provider what is held without a patient. While a visit is on its way to
//! another provider its new time is the patient's already; that provider's is a held row, and not the one's
//! whom it leaves.
//!
//! They include those of migration 7, which stay for a version: an older server reads its rules by their
//! definition, and books nothing where one is another. A later migration drops them.

use sea_orm_migration::prelude::*;

use crate::effect::{Effect, Step};
use crate::execute;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Whose time it is, in which statuses, by which spans, and the name of the rule that it widens.
struct Rule {
    owner: &'static str,
    name: &'static str,
    holding: &'static str,
    spans: &'static [&'static str],
}

const RULES: [Rule; 2] = [
    Rule {
        owner: "provider_id",
        name: "appointment_provider_no_overlap",
        holding: "('PENDING', 'CONFIRMED', 'CANCELLING', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW', 'HELD')",
        spans: &["", "move_"],
    },
    Rule {
        owner: "patient_id",
        name: "appointment_patient_no_overlap",
        holding: "('PENDING', 'CONFIRMED', 'CANCELLING', 'CHECKED_IN', 'COMPLETED', 'NO_SHOW')",
        spans: &["", "move_", "reassign_"],
    },
];

/// `PostgreSQL` refuses by index.
fn exclusion_constraint(Rule { owner, name, holding, spans }: &Rule) -> String {
    let ranges = spans.iter().map(|span| match *span {
        "" => "tstzrange(starts_at, ends_at)".to_owned(),
        span => format!(
            "CASE WHEN {span}starts_at IS NULL THEN 'empty'::tstzrange
            ELSE tstzrange({span}starts_at, {span}ends_at) END"
        ),
    });
    let ranges = ranges.collect::<Vec<_>>().join(", ");
    format!(
        "ALTER TABLE appointment ADD CONSTRAINT {name}_all EXCLUDE USING gist (
            {owner} WITH =, tstzmultirange({ranges}) WITH &&
        ) WHERE (status IN {holding});"
    )
}

/// `SQLite` looks first: it has one writer at a time. The name that is told is that of the rule.
fn triggers(Rule { owner, name, holding, spans }: &Rule) -> String {
    let mut clashes = Vec::new();
    for new in *spans {
        for held in *spans {
            clashes.push(format!(
                "EXISTS (SELECT 1 FROM appointment AS held
                    WHERE held.{owner} = NEW.{owner} AND held.id <> NEW.id
                      AND held.status IN {holding}
                      AND held.{held}starts_at < NEW.{new}ends_at
                      AND held.{held}ends_at > NEW.{new}starts_at
                      AND held.{held}starts_at >
                          strftime('%Y-%m-%dT%H:%M:%S+00:00', NEW.{new}starts_at, '-1 day', '-1 second'))"
            ));
        }
    }
    let clash = clashes.join("\n OR ");
    let spans = spans.iter().map(|span| format!("{span}starts_at, {span}ends_at"));
    let columns = format!("id, {owner}, status, {}", spans.collect::<Vec<_>>().join(", "));
    let events = [("insert", "INSERT".to_owned()), ("update", format!("UPDATE OF {columns}"))];
    let trigger = |(suffix, event): &(&str, String)| {
        format!(
            "CREATE TRIGGER {name}_all_{suffix} BEFORE {event} ON appointment
            WHEN NEW.status IN {holding}
            BEGIN
                SELECT RAISE(ABORT, '{name}') WHERE {clash};
            END;\n"
        )
    };
    events.iter().map(trigger).collect()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for rule in &RULES {
            execute(manager, &triggers(rule), &exclusion_constraint(rule)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for Rule { name, .. } in &RULES {
            let sqlite = format!("DROP TRIGGER {name}_all_insert; DROP TRIGGER {name}_all_update;");
            let postgres = format!("ALTER TABLE appointment DROP CONSTRAINT {name}_all;");
            execute(manager, &sqlite, &postgres).await?;
        }
        Ok(())
    }
}

impl Step for Migration {
    fn effect(&self) -> Effect {
        Effect::of("adds wider rules against overlapping visits beside those that there are")
            .blocking(&["appointment"])
            .reading(&["appointment"])
    }
}
