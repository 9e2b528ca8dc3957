//! The waitlist: who waits for a time is offered what is free or becomes free, one at a time, in the order in which
//! they joined, each time behind a hold. The database alone says who waits; every server looks for times, and the
//! locks of a booking say whose offer stands.

mod accept;
mod answer;
mod conclude;
mod join;
mod keeper;
mod matching;
mod memory;
mod offer;
mod reading;

pub(super) use memory::Waiting;

pub use answer::WaitlistOutcome;
pub use keeper::keep_waitlist;
