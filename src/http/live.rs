//! The connections that stay open: `WebSocket`s, server-sent events, multipart.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::problem::Problem;
use super::turns::Turns;
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
    /// What all subscriptions that are open may cost together.
    pub cost: usize,
    /// How long a WebSocket may take to say `connection_init`.
    pub init_within: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self {
            connections: 1000,
            connecting: 100,
            operations: 50,
            cost: 20_000,
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
    /// What subscriptions may still cost.
    budget: Arc<Semaphore>,
    pub(super) turns: Arc<Turns>,
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
            budget: places(limits.cost),
            turns: Arc::new(Turns::new()),
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

    /// Room for one more subscription that costs so much, for as long as it is kept; none when there is
    /// not so much left.
    pub(super) fn room_for(&self, cost: usize) -> Option<Share> {
        Share::of(&self.budget, cost).inspect(|share| share.count(1.0))
    }

    /// Brings the gauges up to date that tell how many places are taken, and of how many.
    pub(super) fn measure(&self) {
        let LiveLimits { connections, cost, .. } = self.limits;
        let taken = connections.saturating_sub(self.places.available_permits());
        for (gauge, number) in [
            ("clinic_live_connections", taken),
            ("clinic_live_connections_limit", connections),
            ("clinic_subscriptions_cost_limit", cost),
        ] {
            metrics::gauge!(gauge).set(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
        }
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

/// A subscription's share in what all of them may cost.
pub(super) struct Share(OwnedSemaphorePermit);

impl Share {
    fn of(budget: &Arc<Semaphore>, cost: usize) -> Option<Self> {
        let cost = u32::try_from(cost).ok()?;
        Arc::clone(budget).try_acquire_many_owned(cost).ok().map(Self)
    }

    fn count(&self, sign: f64) {
        let cost = u32::try_from(self.0.num_permits()).unwrap_or(u32::MAX);
        metrics::gauge!("clinic_subscriptions").increment(sign);
        metrics::gauge!("clinic_subscriptions_cost").increment(sign * f64::from(cost));
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.count(-1.0);
    }
}

/// What is said when no place is left.
pub(super) fn full() -> Problem {
    Problem::new(ErrorCode::Unavailable, "Too many open connections; try again later")
}
