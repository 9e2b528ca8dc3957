//! The REST routes that look: lists, a page at a time, as JSON or as CSV.

pub(in crate::http) mod appointments;
mod csv;
pub(in crate::http::rest) mod described;
mod format;
pub(in crate::http) mod insurances;
pub(in crate::http) mod patients;
pub(in crate::http) mod providers;
mod reading;
pub(in crate::http) mod slots;
