//! The types of the schema: each wraps a domain type and says it in GraphQL's terms.

pub(super) mod access_change;
pub(super) mod appointment;
pub(super) mod appointment_list;
pub(super) mod audit;
pub(super) mod booking_error;
pub(super) mod caller;
pub(super) mod connection;
pub(super) mod date;
pub(super) mod event;
pub(super) mod history;
pub(super) mod input;
pub(super) mod instant;
pub(super) mod node;
pub(super) mod patient;
pub(super) mod patient_change;
pub(super) mod payload;
pub(super) mod person;
pub(super) mod provider;
pub(super) mod slot;
pub(super) mod token;
