//! The database schema, one table a file, up and down, for `SQLite` and `PostgreSQL`.
//!
//! Written in each engine's own SQL, because what matters most here (exclusion constraints,
//! triggers, checks of the stored form) is where the two differ. Append only: a migration that
//! has been released is never edited. Imports no entity, so that an old migration keeps its
//! meaning when the entities move on.

pub use effect::{Effect, Step};
pub use sea_orm_migration::prelude::*;

mod directory_triggers;
mod effect;
mod m20261121_000001_insurance;
mod m20261121_000002_provider;
mod m20261121_000003_provider_state;
mod m20261121_000004_provider_insurance;
mod m20261121_000005_working_hours;
mod m20261121_000006_patient;
mod m20261121_000007_appointment;
mod m20261121_000008_outbox;
mod m20261121_000009_idempotency_key;
mod m20261121_000010_appointment_event;
mod m20261122_000001_list_indexes;
mod m20261122_000002_directory_version;
mod m20261122_000003_held_in_memory;
mod m20261122_000004_window_index;
mod m20261125_000001_refused_requests;
mod m20261125_000002_busy_version;
mod m20261125_000003_patient_details;
mod m20261125_000004_provider_version;
mod m20261125_000005_same_patient;
mod m20261125_000010_self_pay;
mod m20261126_000001_outbox_lanes;
mod m20261126_000002_unsettled_outside;
mod m20261126_000004_external_id;
mod m20261126_000010_kept_here;
mod m20261126_000011_refused_time;
mod m20261126_000012_late_until;
mod m20261126_000013_given_up_outside;
mod m20261126_000020_people;
mod m20261126_000030_audit;
mod m20261126_000031_history;
mod m20261126_000040_session_role;
mod m20261127_000001_rules;
mod m20261127_000002_visit_type;
mod m20261127_000003_effective_hours;
mod m20261127_000004_days;
mod m20261127_000005_provider_change;
mod m20261127_000010_life_of_a_visit;
mod m20261127_000011_wider_rules;
mod m20261127_000012_events_of_a_life;
mod m20261127_000020_roster_event;
mod m20261127_000070_audit_object;
mod m20261127_000080_hold;
mod m20261127_000080_trace_parent;
mod m20261127_000090_held_change;
mod m20261127_000090_series;
mod m20261128_000100_waitlist;
mod m20261128_000110_calendar_feed;
mod m20261128_000200_webhooks;
mod m20261129_000100_visit_link;
mod m20261129_000200_mail;
mod sqlite_schema;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| -> Box<dyn MigrationTrait> { step }).collect()
    }
}

/// The same, each with what it does to others: there is none that does not say so.
#[must_use]
pub fn steps() -> Vec<Box<dyn Step>> {
    vec![
        Box::new(m20261121_000001_insurance::Migration),
        Box::new(m20261121_000002_provider::Migration),
        Box::new(m20261121_000003_provider_state::Migration),
        Box::new(m20261121_000004_provider_insurance::Migration),
        Box::new(m20261121_000005_working_hours::Migration),
        Box::new(m20261121_000006_patient::Migration),
        Box::new(m20261121_000007_appointment::Migration),
        Box::new(m20261121_000008_outbox::Migration),
        Box::new(m20261121_000009_idempotency_key::Migration),
        Box::new(m20261121_000010_appointment_event::Migration),
        Box::new(m20261122_000001_list_indexes::Migration),
        Box::new(m20261122_000002_directory_version::Migration),
        Box::new(m20261122_000003_held_in_memory::Migration),
        Box::new(m20261122_000004_window_index::Migration),
        // In the order in which a booking takes the two tables.
        Box::new(m20261125_000001_refused_requests::Migration),
        Box::new(m20261125_000002_busy_version::Migration),
        Box::new(m20261125_000003_patient_details::Migration),
        Box::new(m20261125_000004_provider_version::Migration),
        Box::new(m20261125_000005_same_patient::Migration),
        Box::new(m20261125_000010_self_pay::Migration),
        Box::new(m20261126_000001_outbox_lanes::Migration),
        Box::new(m20261126_000002_unsettled_outside::Migration),
        Box::new(m20261126_000004_external_id::Migration),
        Box::new(m20261126_000010_kept_here::Migration),
        Box::new(m20261126_000011_refused_time::Migration),
        Box::new(m20261126_000012_late_until::Migration),
        Box::new(m20261126_000013_given_up_outside::Migration),
        Box::new(m20261126_000020_people::Migration),
        Box::new(m20261126_000030_audit::Migration),
        Box::new(m20261126_000031_history::Migration),
        Box::new(m20261126_000040_session_role::Migration),
        Box::new(m20261127_000001_rules::Migration),
        Box::new(m20261127_000002_visit_type::Migration),
        Box::new(m20261127_000003_effective_hours::Migration),
        Box::new(m20261127_000004_days::Migration),
        Box::new(m20261127_000005_provider_change::Migration),
        Box::new(m20261127_000010_life_of_a_visit::Migration),
        Box::new(m20261127_000011_wider_rules::Migration),
        Box::new(m20261127_000012_events_of_a_life::Migration),
        Box::new(m20261127_000020_roster_event::Migration),
        Box::new(m20261127_000070_audit_object::Migration),
        Box::new(m20261127_000080_trace_parent::Migration),
        Box::new(m20261127_000080_hold::Migration),
        Box::new(m20261127_000090_held_change::Migration),
        Box::new(m20261127_000090_series::Migration),
        Box::new(m20261128_000100_waitlist::Migration),
        Box::new(m20261128_000110_calendar_feed::Migration),
        Box::new(m20261128_000200_webhooks::Migration),
        Box::new(m20261129_000100_visit_link::Migration),
        Box::new(m20261129_000200_mail::Migration),
    ]
}

/// Runs the SQL of the engine at hand, statement by statement.
async fn execute(manager: &SchemaManager<'_>, sqlite: &str, postgres: &str) -> Result<(), DbErr> {
    let sql = match manager.get_database_backend() {
        sea_orm::DbBackend::Sqlite => sqlite,
        sea_orm::DbBackend::Postgres => postgres,
        other => {
            return Err(DbErr::Migration(format!("{other:?} is not supported")));
        }
    };
    manager.get_connection().execute_unprepared(sql).await?;
    Ok(())
}
