//! How many of those who were not let in the audit trail tells of: they can name as many accounts as they
//! like, and without an end to it they could fill the database.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::access::{Pace, network};

/// So many in a row, of those of one network who were not let in, are told of in the trail.
const IN_A_ROW: u32 = 20;
/// And then one in this time.
const EACH: Duration = Duration::from_secs(45);

/// How many strangers were told of.
pub(super) struct Strangers(Mutex<Pace<IpAddr>>);

impl Default for Strangers {
    fn default() -> Self {
        Self(Mutex::new(Pace::new(IN_A_ROW, EACH)))
    }
}

impl Strangers {
    /// Whether one more of there is told of.
    pub(super) fn is_one_more_told(&self, address: IpAddr) -> bool {
        let (from, now) = (network(address), Instant::now());
        let mut pace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told = pace.wait(&from, 1, now).is_none();
        if is_told {
            pace.take(from, 1, now);
        }
        is_told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn of_a_flood_from_one_network_twenty_are_told_and_then_one_in_a_while() {
        let strangers = Strangers::default();
        let told = |from: &str, count: usize| {
            (0..count).filter(|_| strangers.is_one_more_told(from.parse().unwrap())).count()
        };
        assert_eq!(told("2001:db8::1", 1000) + told("2001:db8::2", 1000), 20);
        assert_eq!(told("192.0.2.1", 3), 3, "elsewhere nothing is noticed of it");
        tokio::time::advance(Duration::from_mins(15)).await;
        assert_eq!(told("2001:db8::1", 1000), 20);
        tokio::time::advance(EACH).await;
        assert_eq!(told("2001:db8::1", 1000), 1);
    }
}
