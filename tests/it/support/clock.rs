//! A clock that tells the time it is told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use clinic::domain::Clock;
use jiff::{SignedDuration, Timestamp};

/// Monday, 2027-01-11, 12:00 in UTC, 7:00 in New York.
pub(crate) const MONDAY: &str = "2027-01-11T12:00:00Z";

pub(crate) struct ManualClock {
    now: Mutex<Timestamp>,
    /// What passes whenever somebody looks.
    tick: Mutex<SignedDuration>,
    /// Whether the next to look finds a broken clock.
    broken: AtomicBool,
    /// Whether it is meant to tell what time it is in the world.
    of_the_world: bool,
}

impl ManualClock {
    pub(crate) fn at(text: &str) -> Self {
        let now = Mutex::new(text.parse().unwrap());
        Self { now, tick: Mutex::default(), broken: AtomicBool::new(false), of_the_world: false }
    }

    /// The same, of a machine whose clock may be wrong about the time in the world.
    pub(crate) fn of_a_machine(self) -> Self {
        Self { of_the_world: true, ..self }
    }

    /// Whoever looks next panics.
    pub(crate) fn panic_once(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    /// Nobody panics any more.
    pub(crate) fn panic_never(&self) {
        self.broken.store(false, Ordering::SeqCst);
    }

    /// Runs from now on, as real time does: a little passes whenever somebody looks.
    pub(crate) fn run(&self) {
        *self.tick.lock().unwrap() = SignedDuration::from_micros(1);
    }

    pub(crate) fn set(&self, text: &str) {
        *self.now.lock().unwrap() = text.parse().unwrap();
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        assert!(!self.broken.swap(false, Ordering::SeqCst), "the clock is broken, as ordered");
        let mut now = self.now.lock().unwrap();
        *now += *self.tick.lock().unwrap();
        *now
    }

    fn tells_the_worlds_time(&self) -> bool {
        self.of_the_world
    }
}
