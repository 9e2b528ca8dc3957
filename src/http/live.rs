//! The connections that stay open: `WebSocket`s, server-sent events, multipart.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::problem::Problem;
use crate::request::ErrorCode;

/// What connections that stay open may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveLimits {
    /// Connections that stay open at once, `WebSocket`s and streams of both kinds together.
    pub connections: usize,
    /// `WebSocket`s at once of which nobody knows yet whose they are: a token is wanted, and
    /// `connection_init` has not brought it. They are none of the above.
    pub connecting: usize,
    /// Operations that run at once over one WebSocket.
    pub operations: usize,
    /// How long a WebSocket may take to say `connection_init`.
    pub init_within: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self {
            connections: 1000,
            connecting: 100,
            operations: 50,
            init_within: Duration::from_secs(10),
        }
    }
}

/// The connections that stay open.
#[derive(Clone)]
pub struct OpenConnections {
    pub(super) limits: LiveLimits,
    places: Arc<Semaphore>,
    places_to_connect: Arc<Semaphore>,
    closing: watch::Receiver<bool>,
}

impl OpenConnections {
    /// Keeps connections open until `closing` turns true.
    pub fn new(limits: LiveLimits, closing: watch::Receiver<bool>) -> Self {
        let places = |number| Arc::new(Semaphore::new(number));
        Self {
            limits,
            places: places(limits.connections),
            places_to_connect: places(limits.connecting),
            closing,
        }
    }

    /// A place for one more connection, for as long as it is kept; none when all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// A place for one more WebSocket that has yet to say whose it is, in the same way.
    pub(super) fn place_to_connect(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places_to_connect).try_acquire_owned().ok()
    }

    /// Waits until the server is about to stop.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closing = self.closing.clone();
        async move {
            // An error when whoever would close is gone: closed as well.
            drop(closing.wait_for(|closing| *closing).await);
        }
    }
}

/// What is said when no place is left.
pub(super) fn full() -> Problem {
    Problem::new(ErrorCode::Unavailable, "Too many open connections; try again later")
}
