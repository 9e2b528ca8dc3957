//! How much in how long, for each of many: so much in a row, and then one more each interval. In
//! memory that is bounded, so that nobody who comes from everywhere can fill it.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// Those who are told apart; whoever comes when so many are under way shares with all others.
const MOST: usize = 10_000;

/// How much each of many has done of late.
pub struct Pace<K> {
    burst: u32,
    each: Duration,
    most: usize,
    /// When each has all of it again (the generic cell rate algorithm).
    clear_at: HashMap<K, Instant>,
    /// When those have that there is no room for.
    others_clear_at: Option<Instant>,
    /// When it was last looked who can be forgotten.
    swept_at: Option<Instant>,
}

impl<K: Eq + Hash> Pace<K> {
    /// So many in a row, and one each `each`.
    pub fn new(burst: u32, each: Duration) -> Self {
        Self {
            burst,
            each,
            most: MOST,
            clear_at: HashMap::new(),
            others_clear_at: None,
            swept_at: None,
        }
    }

    /// How long who wants so many has to wait; nothing where they may go on.
    pub fn wait(&self, who: &K, count: u32, now: Instant) -> Option<Duration> {
        let known = self.clear_at.get(who).copied();
        let others = || self.others_clear_at.filter(|_| self.clear_at.len() >= self.most);
        let clear_at = known.or_else(others).map_or(now, |at| at.max(now)) + self.each * count;
        let wait = (clear_at - now).checked_sub(self.each * self.burst)?;
        (!wait.is_zero()).then_some(wait)
    }

    /// Counts so many.
    pub fn take(&mut self, who: K, count: u32, now: Instant) {
        self.forget(now);
        let spent = self.each * count;
        let later = |at: Option<Instant>| at.map_or(now, |at| at.max(now)) + spent;
        if self.clear_at.len() < self.most || self.clear_at.contains_key(&who) {
            let clear_at = later(self.clear_at.get(&who).copied());
            self.clear_at.insert(who, clear_at);
        } else {
            self.others_clear_at = Some(later(self.others_clear_at));
        }
    }

    /// Those who have all of it again are as good as new.
    fn forget(&mut self, now: Instant) {
        let due = self.swept_at.is_none_or(|at| at + self.each <= now);
        if self.clear_at.len() >= self.most && due {
            self.clear_at.retain(|_, clear_at| *clear_at > now);
            self.swept_at = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn taken(pace: &mut Pace<u32>, who: u32, count: u32, now: Instant) -> bool {
        let may = pace.wait(&who, count, now).is_none();
        if may {
            pace.take(who, count, now);
        }
        may
    }

    #[test]
    fn so_many_in_a_row_and_then_one_each_interval() {
        let (mut pace, now) = (Pace::new(3, SECOND), Instant::now());
        let row: Vec<bool> = (0..5).map(|_| taken(&mut pace, 1, 1, now)).collect();
        assert_eq!(row, [true, true, true, false, false]);
        assert_eq!(pace.wait(&1, 1, now), Some(SECOND));
        assert!(taken(&mut pace, 2, 3, now) && !taken(&mut pace, 2, 1, now));
        assert!(taken(&mut pace, 1, 1, now + SECOND) && !taken(&mut pace, 1, 1, now + SECOND));
        // Who has been away for long has no more than all of it.
        assert!(!taken(&mut pace, 1, 4, now + 100 * SECOND));
        assert!(taken(&mut pace, 1, 3, now + 100 * SECOND));
    }

    #[test]
    fn whoever_there_is_no_room_for_shares_with_all_others() {
        let (mut pace, now) = (Pace::new(2, SECOND), Instant::now());
        pace.most = 3;
        let flood = (0..100).filter(|who| taken(&mut pace, *who, 1, now)).count();
        assert_eq!((flood, pace.clear_at.len()), (5, 3));
        // Those who are known are not disturbed, and room is made as they go.
        assert!(taken(&mut pace, 0, 1, now));
        assert!(taken(&mut pace, 500, 1, now + 5 * SECOND));
        assert_eq!(pace.clear_at.len(), 1);
    }
}
