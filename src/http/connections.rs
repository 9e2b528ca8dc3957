//! Which connections are silent, and which of them makes room when there is no more.
//!
//! Whoever is silent is the last to be kept: a connection that has never asked anything goes first,
//! then one that is idle between two requests, of each kind the oldest. One whose request is being
//! answered is not ended for another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// The connections that are open.
#[derive(Default)]
pub(super) struct Connections {
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    /// Counts what happens, so that it can be told what was first.
    turn: AtomicU64,
}

/// One of them.
pub(super) struct Connection {
    of: Arc<Connections>,
    name: u64,
    has_asked: AtomicBool,
    /// Since which turn nothing was asked; [`BUSY`] while something is.
    silent_since: AtomicU64,
    ended: Notify,
}

const BUSY: u64 = u64::MAX;

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
            silent_since: AtomicU64::new(name),
            ended: Notify::new(),
        });
        self.lock().insert(name, Arc::clone(&connection));
        Opened(connection)
    }

    /// Ends the silent connection that is to go first; whether there was one.
    pub(super) fn end_one(&self) -> bool {
        let mut open = self.lock();
        let silent = open.values().filter_map(|connection| {
            let since = connection.silent_since.load(Ordering::Relaxed);
            let order = (connection.has_asked.load(Ordering::Relaxed), since, connection.name);
            (since != BUSY).then_some(order)
        });
        let Some((_, _, name)) = silent.min() else { return false };
        if let Some(connection) = open.remove(&name) {
            connection.ended.notify_one();
        }
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request has come, which is answered until what is returned is dropped.
    pub(super) fn asks(self: &Arc<Self>) -> Asking {
        self.silent_since.store(BUSY, Ordering::Relaxed);
        self.has_asked.store(true, Ordering::Relaxed);
        Asking(Arc::clone(self))
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
        self.0.silent_since.store(self.0.of.next_turn(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_that_never_asked_goes_first_and_one_that_is_answered_never() {
        let connections = Arc::<Connections>::default();
        let open: Vec<Opened> = (0..4).map(|_| connections.opened()).collect();
        let names: Vec<u64> = open.iter().map(|opened| opened.0.name).collect();
        let busy = open[0].0.asks();
        drop(open[1].0.asks());
        let left = || {
            let open = connections.lock();
            names.iter().map(|name| open.contains_key(name)).collect::<Vec<_>>()
        };
        for expected in
            [[true, true, false, true], [true, true, false, false], [true, false, false, false]]
        {
            assert!(connections.end_one());
            assert_eq!(left(), expected);
        }
        assert!(!connections.end_one());
        drop(busy);
        assert!(connections.end_one());
        assert_eq!(left(), [false; 4]);
    }
}
