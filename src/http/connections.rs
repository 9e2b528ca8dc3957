//! Which connections are silent, and which of them makes room when there is no more.
//!
//! Whoever is silent is the last to be kept: a connection that has never asked anything goes first,
//! then one that is idle between two requests, of each kind the oldest. One whose request is being
//! answered is not ended for another; neither is one that has been silent for a moment only: what it
//! asks may be on its way.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// For how long a silent connection is left alone.
const A_MOMENT: Duration = Duration::from_millis(250);
/// How often whoever waits for room looks whether one has fallen silent.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The connections that are open.
#[derive(Default)]
pub(super) struct Connections {
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    /// Counts what happens, so that it can be told what was first.
    turn: AtomicU64,
}

/// Since when a connection is silent, if it is.
#[derive(Clone, Copy)]
struct Silence {
    turn: u64,
    began: Instant,
}

/// One of them.
pub(super) struct Connection {
    pub(super) of: Arc<Connections>,
    name: u64,
    has_asked: AtomicBool,
    silent: Mutex<Option<Silence>>,
    ended: Notify,
}

impl Connections {
    fn next_turn(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// One more; it is silent until it asks.
    pub(super) fn opened(self: &Arc<Self>) -> Opened {
        let name = self.next_turn();
        let connection = Arc::new(Connection {
            of: Arc::clone(self),
            name,
            has_asked: AtomicBool::new(false),
            silent: Mutex::new(Some(Silence { turn: name, began: Instant::now() })),
            ended: Notify::new(),
        });
        self.lock().insert(name, Arc::clone(&connection));
        Opened(connection)
    }

    /// Ends the silent connection that is to go first; whether there was one.
    pub(super) fn end_one(&self) -> bool {
        let mut open = self.lock();
        let silent = open.values().filter_map(|connection| {
            let Silence { turn, began } = (*connection.silence())?;
            let order = (connection.has_asked.load(Ordering::Relaxed), turn, connection.name);
            (began.elapsed() >= A_MOMENT).then_some(order)
        });
        let Some((_, _, name)) = silent.min() else { return false };
        if let Some(connection) = open.remove(&name) {
            connection.ended.notify_one();
        }
        true
    }

    /// Waits for a place; until there is one, silent connections are ended.
    pub(super) async fn making_room<T>(&self, place: impl Future<Output = T>) -> T {
        let mut place = pin!(place);
        loop {
            let look = async {
                if !self.end_one() {
                    sleep(LOOK_EVERY).await;
                    return;
                }
                // It takes a moment to end.
                sleep(LOOK_EVERY / 10).await;
            };
            tokio::select! {
                biased;
                place = place.as_mut() => return place,
                () = look => {}
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request has come, which is answered until what is returned is dropped.
    pub(super) fn asks(self: &Arc<Self>) -> Asking {
        *self.silence() = None;
        self.has_asked.store(true, Ordering::Relaxed);
        Asking(Arc::clone(self))
    }

    fn silence(&self) -> std::sync::MutexGuard<'_, Option<Silence>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request has ever come.
    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// Resolves when it is to make room.
    pub(super) async fn to_be_ended(&self) {
        self.ended.notified().await;
    }
}

/// A connection for as long as it is open.
pub(super) struct Opened(pub(super) Arc<Connection>);

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.of.lock().remove(&self.0.name);
    }
}

/// A request for as long as it is answered.
pub(super) struct Asking(Arc<Connection>);

impl Drop for Asking {
    fn drop(&mut self) {
        let silence = Silence { turn: self.0.of.next_turn(), began: Instant::now() };
        *self.0.silence() = Some(silence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_oldest_that_never_asked_goes_first_and_one_that_is_answered_never() {
        let connections = Arc::<Connections>::default();
        let open: Vec<Opened> = (0..4).map(|_| connections.opened()).collect();
        let names: Vec<u64> = open.iter().map(|opened| opened.0.name).collect();
        let busy = open[0].0.asks();
        drop(open[1].0.asks());
        let left = || {
            let open = connections.lock();
            names.iter().map(|name| open.contains_key(name)).collect::<Vec<_>>()
        };
        assert!(!connections.end_one(), "what they ask may be on its way");
        tokio::time::advance(A_MOMENT).await;
        for expected in
            [[true, true, false, true], [true, true, false, false], [true, false, false, false]]
        {
            assert!(connections.end_one());
            assert_eq!(left(), expected);
        }
        assert!(!connections.end_one());
        drop(busy);
        tokio::time::advance(A_MOMENT).await;
        assert!(connections.end_one());
        assert_eq!(left(), [false; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_for_room_gets_it_when_one_falls_silent_later() {
        let connections = Arc::<Connections>::default();
        let open = connections.opened();
        let busy = open.0.asks();
        let room = async {
            open.0.to_be_ended().await;
        };
        let falls_silent = async {
            sleep(Duration::from_secs(1)).await;
            drop(busy);
        };
        let waited = Instant::now();
        let ((), ()) = tokio::join!(connections.making_room(room), falls_silent);
        assert!(waited.elapsed() < Duration::from_millis(1400), "{:?}", waited.elapsed());
    }
}
