//! Up to where every row is sealed, so that a look need not begin with the first.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::db::audit::Horizon;

/// Longer than any statement takes on `PostgreSQL`: a row that was numbered so long ago is written, and
/// its transaction has a number.
const NUMBERED_FOR: Duration = Duration::from_secs(10);
/// How long after it got its number a row may be written on `PostgreSQL` and be found by the next look;
/// what takes longer is found by the next whole one.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);
/// How often every row is looked at behind which one may come.
const WHOLE_LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a sealer knows of the rows before it looks.
#[derive(Default)]
pub(super) struct Sealing {
    /// Up to this number every row is sealed, and none will come.
    pub(super) done: i64,
    /// Looks at how far rows may still come, on `PostgreSQL`, the latest last.
    looks: VecDeque<(Instant, Horizon)>,
    /// When it was looked last at every row behind `done`.
    whole_look: Option<Instant>,
    /// When the log said last where the chain ends, and where.
    pub(super) logged: Option<(Instant, i64)>,
}

impl Sealing {
    /// Whether every row behind which one may come is to be looked at again.
    pub(super) fn whole_is_due(&self, now: Instant) -> bool {
        self.whole_look.is_none_or(|at| now.duration_since(at) >= WHOLE_LOOK_EVERY)
    }

    /// After which number to look for rows, where not at all of them: those before it were there to be
    /// found when they were looked for.
    pub(super) fn recent(&self, now: Instant) -> i64 {
        let settled = |(at, _): &&(Instant, Horizon)| now.duration_since(*at) >= WRITTEN_WITHIN;
        let look = self.looks.iter().rev().find(settled).or(self.looks.front());
        look.map_or(self.done, |(_, seen)| seen.last_number.max(self.done))
    }

    /// Notes how far rows may still come.
    pub(super) fn saw(&mut self, now: Instant, seen: Horizon) {
        self.looks.push_back((now, seen));
        // Where a transaction stays open for very long.
        while self.looks.len() > 256 {
            self.looks.pop_front();
        }
    }

    /// Learns from a look up to which number no row can come any more. A number is given before its
    /// transaction is known to the database, within one statement; so one look tells which numbers were
    /// given, a later one which transactions had begun when all of those were written, and this one
    /// whether these have ended. Up to `sealed_up_to` a whole look has found nothing that is not sealed.
    pub(super) fn learn(&mut self, now: Instant, seen: Horizon, sealed_up_to: i64) {
        self.whole_look = Some(now);
        self.saw(now, seen);
        let mut done = self.done;
        let mut drop_before = 0;
        for (place, (numbered_at, numbered)) in self.looks.iter().enumerate() {
            let written = self
                .looks
                .iter()
                .skip(place)
                .find(|(at, _)| at.duration_since(*numbered_at) >= NUMBERED_FOR);
            let ended = written.is_some_and(|(_, begun)| seen.oldest_open >= begun.next);
            if ended && numbered.last_number <= sealed_up_to {
                done = done.max(numbered.last_number);
                drop_before = place;
            }
        }
        self.done = done;
        self.looks.drain(..drop_before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn horizon(last_number: i64, oldest_open: i64, next: i64) -> Horizon {
        Horizon { last_number, oldest_open, next }
    }

    #[test]
    fn a_number_is_behind_us_when_every_transaction_that_may_have_it_has_ended() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut sealing = Sealing::default();
        sealing.learn(at(0), horizon(100, 50, 60), 100);
        assert_eq!(sealing.done, 0, "one may have its number and not be known yet");
        sealing.learn(at(11), horizon(120, 55, 70), 120);
        assert_eq!(sealing.done, 0, "56 is open, which may have any number up to 100");
        sealing.learn(at(12), horizon(130, 71, 80), 130);
        assert_eq!(sealing.done, 100);
        sealing.learn(at(13), horizon(130, 71, 80), 99);
        assert_eq!(sealing.done, 100);
        sealing.learn(at(25), horizon(130, 90, 90), 119);
        assert_eq!(sealing.done, 100, "119 is the last that is sealed, and 120 were given");
        sealing.learn(at(26), horizon(130, 91, 91), 130);
        assert_eq!(sealing.done, 130);
    }

    #[test]
    fn between_whole_looks_it_is_looked_for_what_was_numbered_in_the_last_seconds() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut sealing = Sealing::default();
        assert!(sealing.whole_is_due(at(0)));
        sealing.learn(at(0), horizon(100, 50, 50), 100);
        assert_eq!((sealing.whole_is_due(at(500)), sealing.recent(at(500))), (false, 100));
        sealing.saw(at(500), horizon(150, 50, 50));
        sealing.saw(at(1000), horizon(200, 50, 50));
        assert_eq!(sealing.recent(at(2400)), 100, "150 were given less than two seconds ago");
        assert_eq!(sealing.recent(at(2500)), 150);
        assert!(!sealing.whole_is_due(at(4999)));
        assert!(sealing.whole_is_due(at(5000)), "101 may have been written long after its number");
    }
}
