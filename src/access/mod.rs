//! Who asks: every read and every write that a door can call is told its caller.

mod actor;

pub use actor::Actor;
