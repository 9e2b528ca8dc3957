//! The booking server for virtual clinics.
//!
//! Doors call booking, booking orders effects, domain decides, db and scheduling obey:
//!
//! - [`http`] and [`graphql`] are the two doors: they parse, call and map.
//! - [`booking`] holds the use cases; whatever happens to an appointment happens in a transaction
//!   that is opened there.
//! - [`domain`] is pure: what a booking is and when it is allowed.
//! - [`db`] is the only place that names SeaORM.
//! - [`scheduling`] is the external scheduling service: the client, and the mock.
//! - [`app`] puts them together from a [`config`]; [`cli`] starts it; [`roster`] reads the file
//!   that providers come from; [`telemetry`] logs and counts.

pub mod app;
pub mod booking;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod roster;
pub mod scheduling;
pub mod telemetry;
