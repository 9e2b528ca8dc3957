//! Series of visits: booked, moved, cancelled and shown as a whole. Each visit of one is an appointment as any other,
//! and may be moved or cancelled by itself.

mod book;
mod cancel;
mod clashes;
mod hold;
mod outcome;
mod preview;
mod reschedule;
mod stayed;

pub use outcome::{SeriesAnswer, SeriesOutcome};
