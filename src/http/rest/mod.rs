//! The REST door.

pub(super) mod appointments;
pub(super) mod bodies;
pub(super) mod lists;
pub(super) mod object_reader;
pub(super) mod openapi;
mod precondition;
mod representation;
pub(super) mod visit_status;
