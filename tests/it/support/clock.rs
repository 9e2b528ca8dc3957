//! A clock that tells the time it is told.

use std::sync::Mutex;

use clinic::domain::Clock;
use jiff::{SignedDuration, Timestamp};

/// Monday, 2027-01-11, 12:00 in UTC, 7:00 in New York.
pub(crate) const MONDAY: &str = "2027-01-11T12:00:00Z";

pub(crate) struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub(crate) fn at(text: &str) -> Self {
        Self(Mutex::new(text.parse().unwrap()))
    }

    pub(crate) fn set(&self, text: &str) {
        *self.0.lock().unwrap() = text.parse().unwrap();
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
