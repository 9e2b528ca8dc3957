//! Behaviour, tested through the real application over HTTP, on SQLite and on PostgreSQL.
//!
//! One binary, because linking is the slow part.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on has failed"
)]

mod support;

mod architecture;
mod availability;
mod bad_days;
mod booking;
mod integrity;
mod moves_and_faults;
mod races;
mod recovery;
mod scheduler;
mod schema;
