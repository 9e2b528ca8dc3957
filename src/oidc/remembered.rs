//! Something that a provider has said, remembered for a while: asked for anew by one caller at a time,
//! not too often, and kept while the provider does not answer.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as Turn;

/// For how long something is kept while the provider does not answer.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How something is remembered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How old it may become before it is asked for anew.
    pub(super) fresh_for: SignedDuration,
    /// How much time lies between two askings, whatever came of the first.
    pub(super) pause: SignedDuration,
}

/// Something that a provider has said.
pub(super) struct Remembered<T> {
    pace: Pace,
    known: Mutex<Known<T>>,
    turn: Arc<Turn<()>>,
}

struct Known<T> {
    value: Option<(Arc<T>, Timestamp)>,
    asked_at: Option<Timestamp>,
}

/// How much time lies between two moments; a clock may be set back.
fn between(one: Timestamp, other: Timestamp) -> SignedDuration {
    one.duration_since(other).abs()
}

impl<T: Send + Sync + 'static> Remembered<T> {
    pub(super) fn new(pace: Pace) -> Self {
        let known = Mutex::new(Known { value: None, asked_at: None });
        Self { pace, known, turn: Arc::default() }
    }

    /// The latest that is known, asked for anew if that is old or does not `suit`; it may be what did
    /// not suit, and none where nothing has come in a day.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        now: Timestamp,
        suits: impl Fn(&T) -> bool,
        ask: impl FnOnce() -> F,
    ) -> Option<Arc<T>>
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let known = self.known(now);
        let suited = known.filter(|(value, _)| suits(value));
        if let Some((value, is_fresh)) = &suited
            && *is_fresh
        {
            return Some(Arc::clone(value));
        }
        let turn = match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => turn,
            // Somebody asks already, and what is known will do until then.
            Err(_taken) if suited.is_some() => return suited.map(|(value, _)| value),
            Err(_taken) => {
                drop(self.turn.lock().await);
                return self.known(now).map(|(value, _)| value);
            }
        };
        if self.may_ask(now) {
            let (me, asked) = (Arc::clone(self), ask());
            // In a task of its own: a caller who hangs up would have the turn taken for nothing.
            let task = tokio::spawn(async move {
                let answer = asked.await;
                if let Some(value) = answer {
                    me.lock().value = Some((Arc::new(value), now));
                }
                drop(turn);
            });
            drop(task.await);
        }
        self.known(now).map(|(value, _)| value)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known<T>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, and whether it is fresh.
    fn known(&self, now: Timestamp) -> Option<(Arc<T>, bool)> {
        let known = self.lock();
        let (value, since) = known.value.as_ref()?;
        let age = between(now, *since);
        (age <= KEPT_FOR).then(|| (Arc::clone(value), age <= self.pace.fresh_for))
    }

    /// Whether it may be asked now; then it counts as asked.
    fn may_ask(&self, now: Timestamp) -> bool {
        let mut known = self.lock();
        let may = known.asked_at.is_none_or(|asked_at| between(now, asked_at) >= self.pace.pause);
        if may {
            known.asked_at = Some(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    const PACE: Pace =
        Pace { fresh_for: SignedDuration::from_mins(10), pause: SignedDuration::from_mins(1) };

    struct Case {
        remembered: Arc<Remembered<u32>>,
        asked: Arc<AtomicU32>,
    }

    impl Case {
        fn new() -> Self {
            Self { remembered: Arc::new(Remembered::new(PACE)), asked: Arc::default() }
        }

        /// What is known at that second, if `suits`; `answers` is what the provider says.
        async fn at(&self, second: i64, suits: u32, answers: Option<u32>) -> Option<u32> {
            let now = Timestamp::from_second(second).unwrap();
            let asked = Arc::clone(&self.asked);
            let ask = || async move {
                asked.fetch_add(1, Ordering::SeqCst);
                answers
            };
            let got = self.remembered.get(now, |value| *value == suits, ask).await;
            got.map(|value| *value)
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn it_is_asked_for_when_it_is_old_or_does_not_suit_and_once_a_minute_at_most() {
        let case = Case::new();
        assert_eq!(case.at(0, 1, Some(1)).await, Some(1));
        assert_eq!(case.at(600, 1, Some(2)).await, Some(1), "fresh");
        assert_eq!(case.asked(), 1);
        assert_eq!(case.at(601, 1, Some(1)).await, Some(1));
        assert_eq!(case.asked(), 2, "old");
        for second in 602..660 {
            assert_eq!(case.at(second, 7, Some(7)).await, Some(1), "too soon");
        }
        assert_eq!(case.at(661, 7, Some(7)).await, Some(7));
        assert_eq!(case.asked(), 3);
    }

    #[tokio::test]
    async fn it_is_kept_for_a_day_while_nobody_answers() {
        let case = Case::new();
        case.at(0, 1, Some(1)).await;
        assert_eq!(case.at(24 * 3600, 1, None).await, Some(1));
        assert_eq!(case.at(24 * 3600 + 1, 1, None).await, None, "a day is over");
        assert_eq!(case.at(24 * 3600 + 60, 1, Some(2)).await, Some(2));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_does_not_keep_it_from_being_asked_for() {
        let case = Case::new();
        case.at(100_000, 1, Some(1)).await;
        assert_eq!(case.at(10_000, 1, Some(2)).await, Some(2));
    }

    #[tokio::test]
    async fn many_at_once_ask_once_and_who_hangs_up_stops_nobody() {
        let (case, gate) = (Case::new(), Arc::new(Notify::new()));
        let now = Timestamp::UNIX_EPOCH;
        let asks = |value| {
            let (gate, asked) = (Arc::clone(&gate), Arc::clone(&case.asked));
            move || async move {
                asked.fetch_add(1, Ordering::SeqCst);
                gate.notified().await;
                Some(value)
            }
        };
        let remembered = &case.remembered;
        let impatient = remembered.get(now, |_| true, asks(1));
        // Polled once, and dropped.
        assert!(futures_util::poll!(Box::pin(impatient)).is_pending());
        let many = (0..50).map(|_| remembered.get(now, |_| true, asks(2)));
        let (all, ()) = tokio::join!(futures_util::future::join_all(many), async {
            tokio::task::yield_now().await;
            gate.notify_one();
        });
        assert!(all.iter().all(|value| value.as_deref() == Some(&1)), "{all:?}");
        assert_eq!(case.asked(), 1);
    }
}
