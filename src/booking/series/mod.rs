//! Series of visits.

mod preview;
