//! The one source of the present moment.

use jiff::Timestamp;

/// Tells the time. Everything that asks "now?" asks this, so that a test can answer.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the place the rule points to")]
        Timestamp::now()
    }
}
