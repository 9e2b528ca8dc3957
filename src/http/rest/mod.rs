//! The REST door.

pub(super) mod appointments;
pub(super) mod bodies;
pub(super) mod calendars;
pub(super) mod changes;
pub(super) mod holds;
pub(super) mod lists;
pub(super) mod object_reader;
pub(super) mod openapi;
mod precondition;
mod representation;
