//! A circuit breaker around any scheduling client: while the service keeps failing, no call is
//! made, so nobody waits for a timeout.
//!
//! It judges the service by what says that the *service* is ill; what it answers for one visit alone
//! (500, say) stays with that visit, and shows that somebody answers. What it says of one provider alone
//! stays with that provider.
//!
//! Not here: making up for the calls that were not made; the outbox worker does, and learns through
//! [`CircuitBreaker::subscribe`] when it is worth it.

mod recent;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use self::recent::{Recent, Whose};
use super::{
    Confirmation, ExternalAppointment, ExternalBooking, ExternalVisit, Readiness, SchedulingClient,
    SchedulingError, Trouble,
};

/// How long the breaker stays open before it lets one call through.
const OPEN_FOR: Duration = Duration::from_secs(5);

/// Stops calling a service that keeps failing, and tries it again with one call at a time.
///
/// Opens after 5 calls in a row that failed for [`Trouble::Service`], or when at least half of at
/// least 20 calls in the last 10 s did. Any other answer, a refusal or a 500, shows that it is alive.
///
/// What fails for one provider alone is said of that provider alone: others are called all the same, and
/// the first of them shows whether it was the service. Where a clinic has one provider that is everybody.
pub struct CircuitBreaker<C> {
    inner: C,
    state: Mutex<State>,
    closings: watch::Sender<u64>,
}

struct State {
    phase: Phase,
    /// Counts closings; an outcome from before the last one says nothing any more.
    epoch: u64,
    recent: Recent,
}

enum Phase {
    Closed,
    Open { until: Instant, whose: Whose },
    HalfOpen { whose: Whose },
}

impl Phase {
    /// Whose calls are not made as usual.
    fn whose(&self) -> Option<&Whose> {
        match self {
            Self::Closed => None,
            Self::Open { whose, .. } | Self::HalfOpen { whose } => Some(whose),
        }
    }
}

impl<C> CircuitBreaker<C> {
    /// Puts a closed breaker around `inner`.
    pub fn new(inner: C) -> Self {
        let state = State { phase: Phase::Closed, epoch: 0, recent: Recent::default() };
        state.tell();
        Self { inner, state: Mutex::new(state), closings: watch::Sender::new(0) }
    }

    /// A receiver that changes each time the breaker closes because what was away is back: whatever waited
    /// for the service is worth trying now. The value counts all closings.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.closings.subscribe()
    }

    async fn guarded<T>(
        &self,
        provider: &str,
        call: impl Future<Output = Result<T, SchedulingError>> + Send,
    ) -> Result<T, SchedulingError> {
        let permit = self.admit(provider).ok_or(SchedulingError::NotSent)?;
        let outcome = call.await;
        let is_ill = matches!(
            outcome,
            Err(SchedulingError::Unknown { trouble: Trouble::Service, .. }
                | SchedulingError::NotSent)
        );
        permit.settle(is_ill);
        outcome
    }

    fn admit(&self, provider: &str) -> Option<Permit<'_, C>> {
        let mut state = self.state();
        let probe = match &state.phase {
            Phase::Closed => false,
            Phase::Open { whose, .. } | Phase::HalfOpen { whose } if !whose.are_of(provider) => {
                false
            }
            Phase::Open { until, whose } if Instant::now() >= *until => {
                state.phase = Phase::HalfOpen { whose: whose.clone() };
                true
            }
            Phase::Open { .. } | Phase::HalfOpen { .. } => return None,
        };
        let (provider, epoch) = (provider.to_owned(), state.epoch);
        Some(Permit { breaker: self, provider, probe, epoch, settled: false })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to make one call. Dropped unsettled (its caller gave up), a probe counts as failed, so
/// that the breaker never waits for an outcome nobody will bring.
struct Permit<'a, C> {
    breaker: &'a CircuitBreaker<C>,
    provider: String,
    probe: bool,
    epoch: u64,
    settled: bool,
}

impl<C> Permit<'_, C> {
    fn settle(mut self, failed: bool) {
        self.settled = true;
        let mut state = self.breaker.state();
        if self.epoch != state.epoch {
            return;
        }
        if self.probe && failed {
            state.open_again();
        } else if self.probe {
            state.close();
            // Under the lock, so that the count never goes back; nothing here waits.
            self.breaker.closings.send_replace(state.epoch);
            tracing::info!("The scheduling service answers again");
        } else {
            state.note(&self.provider, failed);
        }
    }
}

impl<C> Drop for Permit<'_, C> {
    fn drop(&mut self) {
        if self.probe && !self.settled {
            let mut state = self.breaker.state();
            if self.epoch == state.epoch {
                state.open_again();
            }
        }
    }
}

impl State {
    /// Notes what came of a call that was no probe.
    fn note(&mut self, provider: &str, failed: bool) {
        match self.phase.whose() {
            None => {
                if let Some(whose) = self.recent.count(provider, failed) {
                    self.open(whose);
                }
            }
            // Made before it opened.
            Some(whose) if whose.are_of(provider) => {}
            Some(_one_other) if failed => self.open(Whose::Everybodys),
            // It is no trouble of the service's. Nothing has come back, so nobody is told.
            Some(_one_other) => self.close(),
        }
    }

    fn open(&mut self, whose: Whose) {
        match &whose {
            Whose::Everybodys => {
                tracing::warn!("The scheduling service keeps failing: no calls for {OPEN_FOR:?}");
            }
            Whose::Of(provider) => {
                tracing::warn!(
                    provider.id = provider,
                    "The scheduling service keeps failing for {provider}: no calls for them for {OPEN_FOR:?}"
                );
            }
        }
        self.phase = Phase::Open { until: Instant::now() + OPEN_FOR, whose };
        self.tell();
    }

    fn open_again(&mut self) {
        if let Some(whose) = self.phase.whose().cloned() {
            self.phase = Phase::Open { until: Instant::now() + OPEN_FOR, whose };
        }
    }

    fn close(&mut self) {
        self.phase = Phase::Closed;
        self.epoch += 1;
        self.recent = Recent::default();
        self.tell();
    }

    /// Tells the metrics for whom it is open: whether that is one provider, not which.
    fn tell(&self) {
        let whose = self.phase.whose();
        let is_everybodys = whose == Some(&Whose::Everybodys);
        for (whose, is_open) in
            [("everybody", is_everybodys), ("one_provider", whose.is_some() && !is_everybodys)]
        {
            metrics::gauge!("clinic_scheduler_breaker_open", "whose" => whose)
                .set(f64::from(u8::from(is_open)));
        }
    }
}

#[async_trait]
impl<C: SchedulingClient> SchedulingClient for CircuitBreaker<C> {
    async fn reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        let provider = &booking.visit.provider_reference;
        self.guarded(provider, self.inner.reserve(booking, key)).await
    }

    async fn reschedule(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        key: &str,
    ) -> Result<Confirmation, SchedulingError> {
        let call = self.inner.reschedule(external_id, visit, key);
        self.guarded(&visit.provider_reference, call).await
    }

    async fn cancel(
        &self,
        external_id: &str,
        provider_reference: &str,
        key: &str,
    ) -> Result<(), SchedulingError> {
        let call = self.inner.cancel(external_id, provider_reference, key);
        self.guarded(provider_reference, call).await
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
            Phase::Open { until, .. } if Instant::now() >= until => Readiness::OneCall,
            Phase::Open { .. } | Phase::HalfOpen { .. } => Readiness::Shut,
        }
    }

    fn is_available_for(&self, provider_reference: &str) -> bool {
        let is_stopped =
            self.state().phase.whose().is_some_and(|whose| whose.are_of(provider_reference));
        !is_stopped || self.readiness() != Readiness::Shut
    }

    fn is_ill(&self) -> bool {
        self.state().phase.whose() == Some(&Whose::Everybodys)
    }
}
