//! The REST door.

pub(super) mod appointments;
mod bodies;
pub(super) mod lists;
mod object_reader;
pub(super) mod openapi;
mod precondition;
mod representation;
