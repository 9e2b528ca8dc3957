//! The one source of the present moment.

use jiff::Timestamp;

/// Tells the time. Everything that asks "now?" asks this, so that a test can answer.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Whether it is meant to tell what time it is in the world, where it may be wrong; a clock that
    /// stands still is right about a time of its own.
    fn tells_the_worlds_time(&self) -> bool {
        false
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the place the rule points to")]
        Timestamp::now()
    }

    fn tells_the_worlds_time(&self) -> bool {
        true
    }
}
