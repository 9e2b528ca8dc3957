//! Behaviour, tested through the real application over HTTP, on SQLite and on PostgreSQL.
//!
//! One binary, because linking is the slow part.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that can't go on has failed"
)]

mod support;

mod access;
mod access_commands;
mod answers;
mod architecture;
mod audit_access;
mod audit_command;
mod audit_reads;
mod audit_rows;
mod audit_tampering;
mod availability;
mod backup;
mod bad_days;
mod begun;
mod bodies;
mod booking;
mod bulkheads;
mod busy_in_memory;
mod calendar;
mod calendars;
mod canary;
mod complaints;
mod connecting;
mod connections;
mod correcting;
mod cost;
mod database_clock;
#[cfg(unix)]
mod database_file;
mod database_rights;
mod database_rules;
mod database_trouble;
mod day;
mod desk;
mod directory;
#[cfg(unix)]
mod disk_full;
mod docs;
mod earliest_first;
mod endings;
mod errors;
mod errors_graphql;
mod errors_rest;
mod event_streams;
mod events;
mod explain_time;
mod followers;
mod forms;
mod group_commit;
mod guesses;
mod header_keys;
mod holds;
mod hostile;
mod hosts;
mod http;
mod idempotency;
mod integrity;
mod lengths;
mod library;
mod limits;
mod links;
mod lists;
mod live_access;
mod logs;
mod looking_commands;
mod mail;
mod match_providers;
mod metrics;
mod migrate;
mod migrate_plan;
mod migration_effects;
mod moves_and_faults;
mod mutations_once;
mod names;
mod no_scheduler;
mod offered_is_bookable;
mod oidc;
mod open_visits;
mod openapi;
mod operations;
mod origins;
mod outbox_command;
mod overruling;
mod patient_clock;
mod patient_details;
mod people;
mod persisted;
mod plans;
mod poison;
mod policy;
mod protection;
mod protocol;
mod races;
mod rate_limit;
mod reassign;
mod reconcile;
mod recovery;
mod refused_outside;
mod repair;
mod repeats;
mod request_bodies;
mod rest_csv;
mod rest_docs;
mod rest_lists;
mod roster_edits;
mod roster_events;
mod roster_export;
mod roster_file;
mod roster_seed;
mod rules_first;
mod same_patient;
mod scheduler;
mod scheduler_document;
mod schema;
mod sentences;
mod series;
#[cfg(unix)]
mod settings;
mod sign_in;
mod sign_in_pages;
mod specification;
mod start;
mod statements;
mod stock_transport;
mod subscriptions;
mod tokens;
mod traces;
mod updating;
mod versions;
mod visit_status;
mod visit_types;
mod waitlist;
mod webhooks;
mod websocket;
mod windows;
mod workers;
mod zone_data;
