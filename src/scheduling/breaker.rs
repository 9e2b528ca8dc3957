//! A circuit breaker around any scheduling client: while the service keeps failing, no call is
//! made, so nobody waits for a timeout.
//!
//! It judges the service by what says that the *service* is ill; what it answers for one visit alone
//! (500, say) stays with that visit, and shows that somebody answers.
//!
//! Not here: making up for the calls that were not made; the outbox worker does, and learns through
//! [`CircuitBreaker::subscribe`] when it is worth it.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, Readiness, SchedulingClient,
    SchedulingError, Trouble,
};

/// So many calls in a row that the service is in trouble for open the breaker.
const FAILURES_IN_A_ROW: u32 = 5;
/// So many calls within [`WINDOW`] are enough to judge their share of failures.
const CALLS_TO_JUDGE: u32 = 20;
/// How far back the share of failures looks.
const WINDOW: Duration = Duration::from_secs(10);
/// The window moves in steps of this size, so its memory stays small under any load.
const STEP: Duration = Duration::from_secs(1);
/// How long the breaker stays open before it lets one call through.
const OPEN_FOR: Duration = Duration::from_secs(5);

/// Stops calling a service that keeps failing, and tries it again with one call at a time.
///
/// Opens after 5 calls in a row that failed for [`Trouble::Service`], or when at least half of at
/// least 20 calls in the last 10 s did. Any other answer, a refusal or a 500, shows that it is alive.
pub struct CircuitBreaker<C> {
    inner: C,
    state: Mutex<State>,
    closings: watch::Sender<u64>,
}

struct State {
    phase: Phase,
    /// Counts closings; an outcome from before the last one says nothing any more.
    epoch: u64,
    failures_in_a_row: u32,
    steps: VecDeque<Step>,
}

enum Phase {
    Closed,
    Open { until: Instant },
    HalfOpen,
}

struct Step {
    began_at: Instant,
    calls: u32,
    failures: u32,
}

impl<C> CircuitBreaker<C> {
    /// Puts a closed breaker around `inner`.
    pub fn new(inner: C) -> Self {
        let state =
            State { phase: Phase::Closed, epoch: 0, failures_in_a_row: 0, steps: VecDeque::new() };
        Self { inner, state: Mutex::new(state), closings: watch::Sender::new(0) }
    }

    /// A receiver that changes each time the breaker closes again: whatever waited for the
    /// service is worth trying now. The value counts the closings.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.closings.subscribe()
    }

    async fn guarded<T>(
        &self,
        call: impl Future<Output = Result<T, SchedulingError>> + Send,
    ) -> Result<T, SchedulingError> {
        let permit = self.admit().ok_or(SchedulingError::NotSent)?;
        let outcome = call.await;
        let is_ill = matches!(
            outcome,
            Err(SchedulingError::Unknown { trouble: Trouble::Service, .. }
                | SchedulingError::NotSent)
        );
        permit.settle(is_ill);
        outcome
    }

    fn admit(&self) -> Option<Permit<'_, C>> {
        let mut state = self.state();
        let probe = match state.phase {
            Phase::Closed => false,
            Phase::Open { until } if Instant::now() >= until => {
                state.phase = Phase::HalfOpen;
                true
            }
            Phase::Open { .. } | Phase::HalfOpen => return None,
        };
        Some(Permit { breaker: self, probe, epoch: state.epoch, settled: false })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to make one call. Dropped unsettled (its caller gave up), a probe counts as failed, so
/// that the breaker never waits for an outcome nobody will bring.
struct Permit<'a, C> {
    breaker: &'a CircuitBreaker<C>,
    probe: bool,
    epoch: u64,
    settled: bool,
}

impl<C> Permit<'_, C> {
    fn settle(mut self, failed: bool) {
        self.settled = true;
        let mut state = self.breaker.state();
        if self.probe && failed {
            state.open();
        } else if self.probe {
            state.close();
            // Under the lock, so that the count never goes back; nothing here waits.
            self.breaker.closings.send_replace(state.epoch);
            tracing::info!("The scheduling service answers again");
        } else if self.epoch == state.epoch && matches!(state.phase, Phase::Closed) {
            state.count(failed);
        }
    }
}

impl<C> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        if self.probe && !self.settled {
            self.breaker.state().open();
        }
    }
}

impl State {
    fn count(&mut self, failed: bool) {
        let now = Instant::now();
        self.steps.retain(|step| now.duration_since(step.began_at) < WINDOW);
        if self.steps.back().is_none_or(|step| now.duration_since(step.began_at) >= STEP) {
            self.steps.push_back(Step { began_at: now, calls: 0, failures: 0 });
        }
        if let Some(step) = self.steps.back_mut() {
            step.calls = step.calls.saturating_add(1);
            step.failures = step.failures.saturating_add(u32::from(failed));
        }
        self.failures_in_a_row = if failed { self.failures_in_a_row + 1 } else { 0 };
        if self.failures_in_a_row >= FAILURES_IN_A_ROW || self.mostly_fails() {
            tracing::warn!("The scheduling service keeps failing: no calls for {OPEN_FOR:?}");
            self.open();
        }
    }

    fn mostly_fails(&self) -> bool {
        let sum = |of: fn(&Step) -> u32| self.steps.iter().map(|s| u64::from(of(s))).sum::<u64>();
        let (calls, failures) = (sum(|step| step.calls), sum(|step| step.failures));
        calls >= u64::from(CALLS_TO_JUDGE) && failures * 2 >= calls
    }

    fn open(&mut self) {
        self.phase = Phase::Open { until: Instant::now() + OPEN_FOR };
    }

    fn close(&mut self) {
        self.phase = Phase::Closed;
        self.epoch += 1;
        self.failures_in_a_row = 0;
        self.steps.clear();
    }
}

#[async_trait]
impl<C: SchedulingClient> SchedulingClient for CircuitBreaker<C> {
    async fn reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        self.guarded(self.inner.reserve(booking, key)).await
    }

    async fn reschedule(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        self.guarded(self.inner.reschedule(external_id, visit, key)).await
    }

    async fn cancel(&self, external_id: &str, key: &str) -> Result<(), SchedulingError> {
        self.guarded(self.inner.cancel(external_id, key)).await
    }

    async fn find(&self, reference: &str) -> Result<Vec<ExternalAppointment>, SchedulingError> {
        // Looking up is not what the breaker protects: a look-up that fails must not stop bookings.
        self.inner.find(reference).await
    }

    async fn list(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError> {
        self.inner.list(from, to).await
    }

    fn readiness(&self) -> Readiness {
        match self.state().phase {
            Phase::Closed => Readiness::Ready,
            Phase::Open { until } if Instant::now() >= until => Readiness::OneCall,
            Phase::Open { .. } | Phase::HalfOpen => Readiness::Shut,
        }
    }
}
