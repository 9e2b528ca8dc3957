//! Comparing our book with the scheduling service's, both ways: what we have and it has not, or has
//! otherwise, and what it has of ours that we have not. And mending what differs.

mod finding;
mod repair;
mod walk;
mod window;

pub use finding::{ComparisonError, Difference, Finding, OurVisit, Report};
pub use repair::{Mended, Remedy};
pub use walk::{ComparisonWalk, compare};
