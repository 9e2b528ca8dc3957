//! Who may work on what is told to followers, and when: a few at a time, and behind requests.
//!
//! An event is told to many at once. Were all of them to work on it at the same time, a request would
//! wait at each of its steps behind some thousand others; so they take turns. While requests are under
//! way, there is a rest between the turns, so that only so much of the machine is taken from them. Nobody
//! loses anything by it: who waits is told later, and all of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// How many may work at once, by how many cores there are.
const FEWEST: usize = 2;
const MOST: usize = 4;
/// Which part of the machine they may take together while requests are under way: one of so many.
const PART: u32 = 8;
/// The longest rest, whatever a turn has taken.
const LONGEST_REST: Duration = Duration::from_millis(20);
/// What is owed before there is a rest: the clock of the runtime knows no shorter ones.
const SHORTEST_REST: Duration = Duration::from_millis(1);

/// The turns of all who tell something to followers.
pub(super) struct Turns {
    places: Semaphore,
    cores: u32,
    requests: AtomicUsize,
    /// When they have rested for all that they have worked.
    rested_at: Mutex<Instant>,
}

/// Somebody's turn, for as long as it is kept. It must not wait for a client.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    begun: Instant,
    _place: Option<SemaphorePermit<'a>>,
}

/// A request that is under way, for as long as it is kept.
pub(super) struct UnderWay(Arc<Turns>);

impl Turns {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Semaphore::new(cores.clamp(FEWEST, MOST)),
            cores: u32::try_from(cores).unwrap_or(u32::MAX),
            requests: AtomicUsize::new(0),
            rested_at: Mutex::new(Instant::now()),
        }
    }

    /// A request is under way.
    pub(super) fn request(self: &Arc<Self>) -> UnderWay {
        self.requests.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Waits for a turn. Who came first is first.
    pub(super) async fn take(&self) -> Turn<'_> {
        // An error when they are closed, which they never are.
        let place = self.places.acquire().await.ok();
        let rested_at = *self.rested_at();
        if self.requests.load(Ordering::Relaxed) > 0
            && rested_at.saturating_duration_since(Instant::now()) >= SHORTEST_REST
        {
            sleep_until(rested_at).await;
        }
        Turn { turns: self, begun: Instant::now(), _place: place }
    }

    fn rested_at(&self) -> MutexGuard<'_, Instant> {
        self.rested_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        // On two cores four times as long as was worked.
        let rest = (now - self.begun) * PART / self.turns.cores.max(1);
        let mut rested_at = self.turns.rested_at();
        *rested_at = (now.max(*rested_at) + rest).min(now + LONGEST_REST);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a request as under way until its answer begins. What is told after that counts as nothing.
pub(super) async fn count(
    State(turns): State<Arc<Turns>>,
    request: Request,
    next: Next,
) -> Response {
    let _under_way = turns.request();
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    /// With one place, so that each comes after the other.
    fn on_two_cores() -> Arc<Turns> {
        Arc::new(Turns { cores: 2, places: Semaphore::new(1), ..Turns::new() })
    }

    /// A turn in which something is worked on for that long.
    async fn work(turns: &Turns, time: Duration) {
        let _turn = turns.take().await;
        tokio::time::advance(time).await;
    }

    /// How many milliseconds ten turns take in which two are worked each.
    async fn ten_turns(turns: &Turns) -> u128 {
        let begun = Instant::now();
        for _turn in 0..10 {
            work(turns, Duration::from_millis(2)).await;
        }
        begun.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn while_a_request_is_under_way_they_rest_four_times_as_long_as_they_work() {
        let turns = on_two_cores();
        let request = turns.request();
        let taken = ten_turns(&turns).await;
        // A rest may be a millisecond longer.
        assert!((20 + 9 * 8..=20 + 9 * 9).contains(&taken), "{taken}");
        drop(request);
        assert_eq!(ten_turns(&turns).await, 20, "nobody waits for anything");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_long_turn_the_rest_is_short() {
        let turns = on_two_cores();
        let _request = turns.request();
        work(&turns, Duration::from_secs(5)).await;
        let begun = Instant::now();
        work(&turns, Duration::ZERO).await;
        assert!((20..=21).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn a_few_work_at_once_and_no_more() {
        let turns = Turns { places: Semaphore::new(2), ..Turns::new() };
        let (first, _second) = (turns.take().await, turns.take().await);
        assert!(turns.take().now_or_never().is_none());
        drop(first);
        assert!(turns.take().now_or_never().is_some());
    }
}
