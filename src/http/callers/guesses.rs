//! Wrong tokens: how many of them are looked at.
//!
//! From one address a few in a row, and then one a second. What comes faster is not compared, right
//! or wrong, or else the limit would be none; but nobody is locked out for longer than that second.
//! A wrong token that is sent again tells nothing new, so that a client with an old one is told that
//! it is wrong for as long as it asks.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lru::LruCache;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use crate::access::{Pace, network};
use crate::request::Refusal;

const IN_A_ROW: u32 = 5;
const EACH: Duration = Duration::from_secs(1);
/// How many wrong tokens of an address are remembered.
const WRONG_REMEMBERED: usize = 16;
/// Addresses whose last wrong tokens are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// Who is not let in.
#[derive(Debug, Clone)]
pub(in crate::http) enum NotAdmitted {
    /// No token and no session, or a wrong one.
    Unauthenticated,
    /// A session's cookie that came along with what no page of ours has sent.
    ForeignPage,
    /// Whoever it is, the database does not say.
    Unknown(Refusal),
    /// Too many wrong ones came from there; it was not looked at this one.
    TooManyGuesses {
        /// When to come again.
        retry_after: Duration,
    },
}

/// What was guessed of late.
pub(super) struct Guesses(Mutex<Recent>);

struct Recent {
    pace: Pace<IpAddr>,
    last: LruCache<IpAddr, Last>,
}

/// What an address was last told about.
#[derive(Default)]
struct Last {
    /// The newest first: several clients may share an address, each with an old token of its own.
    wrong: VecDeque<[u8; 32]>,
    not_compared: u64,
}

impl Default for Guesses {
    fn default() -> Self {
        Self(Mutex::new(Recent {
            pace: Pace::new(IN_A_ROW, EACH),
            last: LruCache::new(REMEMBERED),
        }))
    }
}

impl Guesses {
    /// Who a bearer of `token` is, who comes from there to that door; `compare` tells it.
    pub(super) fn judge<T>(
        &self,
        (from, door): (IpAddr, &str),
        token: &str,
        compare: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, NotAdmitted> {
        let now = Instant::now();
        // Held while it is compared: many at once are no more than the same one after the other.
        let mut recent = self.recent();
        let wait = recent.pace.wait(&network(from), 1, now);
        if wait.is_none()
            && let Some(found) = compare(token)
        {
            return Ok(found);
        }
        Err(recent.note_wrong(from, fingerprint(door, token), wait, now))
    }

    /// The same where it is looked up: nobody guesses such a token, however many are looked up at once.
    pub(super) async fn judge_found<T>(
        &self,
        (from, door): (IpAddr, &str),
        token: &str,
        look_up: impl Future<Output = Result<Option<T>, Refusal>>,
    ) -> Result<T, NotAdmitted> {
        let wait = self.recent().pace.wait(&network(from), 1, Instant::now());
        if wait.is_none()
            && let Some(found) = look_up.await.map_err(NotAdmitted::Unknown)?
        {
            return Ok(found);
        }
        let (now, wrong) = (Instant::now(), fingerprint(door, token));
        Err(self.recent().note_wrong(from, wrong, wait, now))
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// Notes a wrong token, or one that was not looked at for as long as that; says what is told.
    fn note_wrong(
        &mut self,
        from: IpAddr,
        wrong: [u8; 32],
        wait: Option<Duration>,
        now: Instant,
    ) -> NotAdmitted {
        let network = network(from);
        let last = self.last.get_mut(&network);
        if last.as_ref().is_some_and(|last| last.wrong.contains(&wrong)) {
            return NotAdmitted::Unauthenticated;
        }
        if let Some(retry_after) = wait {
            metrics::counter!("clinic_token_guesses_total", "outcome" => "throttled").increment(1);
            if let Some(last) = last {
                last.not_compared += 1;
            }
            return NotAdmitted::TooManyGuesses { retry_after };
        }
        let last = self.last.get_or_insert_mut(network, Last::default);
        last.wrong.push_front(wrong);
        last.wrong.truncate(WRONG_REMEMBERED);
        let not_compared = std::mem::take(&mut last.not_compared);
        self.pace.take(network, 1, now);
        metrics::counter!("clinic_token_guesses_total", "outcome" => "wrong").increment(1);
        // As often as is compared, and so never a flood.
        tracing::warn!(
            client = %from,
            not_compared,
            "A wrong token came from {from}; {not_compared} more since the last were not looked at"
        );
        NotAdmitted::Unauthenticated
    }
}

/// Wrong at one door may be right at another.
fn fingerprint(door: &str, token: &str) -> [u8; 32] {
    Sha256::new_with_prefix(door).chain_update([0]).chain_update(token).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::access::Actor;

    const RIGHT: &str = "the-right-token-0123";

    struct Attack {
        guesses: Guesses,
        compared: Cell<u32>,
    }

    impl Attack {
        fn new() -> Self {
            Self { guesses: Guesses::default(), compared: Cell::new(0) }
        }

        fn sends(&self, from: &str, token: &str) -> Result<Actor, NotAdmitted> {
            self.guesses.judge((from.parse().unwrap(), "api"), token, |token| {
                self.compared.set(self.compared.get() + 1);
                (token == RIGHT).then(Actor::token_holder)
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_thousands_of_guesses_a_handful_is_compared_and_nobody_is_locked_out() {
        let attack = Attack::new();
        for guess in 0..4161 {
            assert!(attack.sends("192.0.2.1", &format!("guess-{guess}")).is_err());
            if guess % 1387 == 1386 {
                tokio::time::advance(EACH).await;
            }
        }
        assert!(attack.compared.get() <= 8, "{}", attack.compared.get());
        // Elsewhere nothing is noticed of it, and here it is over in a second.
        assert!(attack.sends("192.0.2.2", RIGHT).is_ok());
        assert!(attack.sends("192.0.2.1", RIGHT).is_ok());
        assert!(attack.sends("192.0.2.1", "one-more").is_err());
        let locked = attack.sends("192.0.2.1", RIGHT);
        assert!(
            matches!(locked, Err(NotAdmitted::TooManyGuesses { retry_after }) if retry_after <= EACH)
        );
        tokio::time::advance(EACH).await;
        assert!((0..100).all(|_| attack.sends("192.0.2.1", RIGHT).is_ok()));
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_token_is_told_to_be_wrong_as_often_as_it_comes() {
        let attack = Attack::new();
        for _ in 0..100 {
            let told = attack.sends("2001:db8::1", "old-token");
            assert!(matches!(told, Err(NotAdmitted::Unauthenticated)), "{told:?}");
        }
        assert!(attack.sends("2001:db8::1", RIGHT).is_ok());
        // One customer of a provider has many addresses, and one budget.
        let networks = (0..40).filter(|at| {
            let told = attack.sends(&format!("2001:db8::{at:x}"), &format!("guess-{at}"));
            matches!(told, Err(NotAdmitted::Unauthenticated))
        });
        assert!(networks.count() <= 5);
    }
}
