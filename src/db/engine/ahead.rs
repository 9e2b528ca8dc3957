//! By how much the database's clock differs from this machine's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Less than this may be the way there and back; rows hold whole seconds.
const NOTICED_MS: i64 = 1000;
/// More than this is worth a line in the log.
const WORTH_TELLING_MS: i64 = 5000;

/// By how much the database's clock is ahead of this machine's, in milliseconds. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead(Arc<AtomicI64>);

impl Ahead {
    /// Notes what the database's clock said between two looks at this machine's.
    pub(super) fn seen(&self, before: Timestamp, theirs: Timestamp, after: Timestamp) {
        let (before, after) = (before.as_millisecond(), after.as_millisecond());
        if after - before >= NOTICED_MS {
            // It was waited for, and nobody knows when within that time it was said.
            return;
        }
        let ours = before.midpoint(after);
        let (ahead, known) = (theirs.as_millisecond() - ours, self.0.load(Ordering::Relaxed));
        if (ahead - known).abs() < NOTICED_MS {
            return;
        }
        self.0.store(ahead, Ordering::Relaxed);
        if (ahead - known).abs() >= WORTH_TELLING_MS {
            let seconds = ahead / 1000;
            tracing::warn!(
                "The database's clock is {seconds} s ahead of this machine's, and counts: set \
                 whichever is wrong"
            );
        }
    }
    /// In milliseconds.
    pub(super) fn milliseconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Ahead;

    #[test]
    fn what_the_way_takes_is_not_taken_for_a_difference() {
        let (ahead, now) = (Ahead::default(), Timestamp::UNIX_EPOCH);
        let known = || ahead.milliseconds();
        ahead.seen(now, now + SignedDuration::from_millis(900), now);
        assert_eq!(known(), 0);
        let later = now + SignedDuration::from_millis(400);
        ahead.seen(now, now + SignedDuration::from_millis(288_200), later);
        assert_eq!(known(), 288_000);
        ahead.seen(now, now, now + SignedDuration::from_secs(5));
        assert_eq!(known(), 288_000, "an answer that was waited for tells nothing");
        // One that is slow is behind.
        ahead.seen(now, now - SignedDuration::from_secs(60), now);
        assert_eq!(known(), -60_000);
    }
}
