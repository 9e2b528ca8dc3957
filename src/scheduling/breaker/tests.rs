mod whose;

use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use super::recent::WINDOW;
use super::*;
use crate::scheduling::Objection;

/// A client that answers what the test says, and counts how often it was asked.
struct Scripted {
    outcome: Mutex<Outcome>,
    calls: AtomicU32,
}

#[derive(Clone, Copy)]
enum Outcome {
    Success,
    Refusal,
    Stumble,
    Failure,
    Hang,
}

const ONE: &str = "prv_1";
const ANOTHER: &str = "prv_2";

const FAILURE: SchedulingError =
    SchedulingError::Unknown { cause: "timeout", trouble: Trouble::Service };
const STUMBLE: SchedulingError =
    SchedulingError::Unknown { cause: "status 500", trouble: Trouble::Call };

#[async_trait]
impl SchedulingClient for Scripted {
    async fn reserve(&self, _: &ExternalBooking, _: &str) -> Result<Confirmation, SchedulingError> {
        Err(FAILURE)
    }

    async fn reschedule(
        &self,
        _: &str,
        _: &ExternalVisit,
        _: &str,
    ) -> Result<Confirmation, SchedulingError> {
        Err(FAILURE)
    }

    async fn cancel(&self, _: &str, _: &str, _: &str) -> Result<(), SchedulingError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let outcome = *self.outcome.lock().unwrap();
        match outcome {
            Outcome::Success => Ok(()),
            Outcome::Refusal => {
                Err(SchedulingError::Refused { to: Objection::Time, reason: "no".to_owned() })
            }
            Outcome::Stumble => Err(STUMBLE),
            Outcome::Failure => Err(FAILURE),
            Outcome::Hang => std::future::pending().await,
        }
    }

    async fn find(&self, _: &str) -> Result<Vec<ExternalAppointment>, SchedulingError> {
        Ok(Vec::new())
    }

    async fn list(
        &self,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError> {
        Ok(None)
    }
}

impl CircuitBreaker<Scripted> {
    fn scripted() -> Self {
        Self::new(Scripted { outcome: Mutex::new(Outcome::Success), calls: AtomicU32::new(0) })
    }

    async fn calls(&self, times: u32, outcome: Outcome) -> Result<(), SchedulingError> {
        self.calls_for(ONE, times, outcome).await
    }

    async fn calls_for(
        &self,
        provider: &str,
        times: u32,
        outcome: Outcome,
    ) -> Result<(), SchedulingError> {
        *self.inner.outcome.lock().unwrap() = outcome;
        let mut last = Ok(());
        for _ in 0..times {
            last = self.cancel("ext_1", provider, "key").await;
        }
        last
    }

    fn made(&self) -> u32 {
        self.inner.calls.load(Ordering::Relaxed)
    }
}

#[tokio::test(start_paused = true)]
async fn five_unknown_outcomes_in_a_row_open_it_and_then_nothing_is_sent() {
    let breaker = CircuitBreaker::scripted();

    assert_eq!(breaker.calls(4, Outcome::Failure).await, Err(FAILURE));
    assert!(breaker.is_available_for(ONE));
    assert_eq!(breaker.calls(1, Outcome::Failure).await, Err(FAILURE));
    assert!(!breaker.is_available_for(ONE));
    assert_eq!(breaker.calls(3, Outcome::Success).await, Err(SchedulingError::NotSent));
    assert_eq!(breaker.made(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_shows_that_the_service_is_alive() {
    let breaker = CircuitBreaker::scripted();

    for _ in 0..4 {
        let _ = breaker.calls(4, Outcome::Failure).await;
        tokio::time::advance(WINDOW).await;
        let _ = breaker.calls(1, Outcome::Refusal).await;
    }
    assert!(breaker.is_available_for(ONE));
}

#[tokio::test(start_paused = true)]
async fn trouble_with_single_visits_never_opens_it() {
    let breaker = CircuitBreaker::scripted();

    assert_eq!(breaker.calls(100, Outcome::Stumble).await, Err(STUMBLE));

    assert!(breaker.is_available_for(ONE));
    assert_eq!(breaker.made(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_answered_for_its_visit_alone_closes_it() {
    let breaker = CircuitBreaker::scripted();
    let _ = breaker.calls(5, Outcome::Failure).await;

    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls(1, Outcome::Stumble).await, Err(STUMBLE));

    assert_eq!(breaker.calls(1, Outcome::Success).await, Ok(()), "it is closed");
}

#[tokio::test(start_paused = true)]
async fn half_of_twenty_recent_calls_failing_opens_it() {
    let breaker = CircuitBreaker::scripted();

    for _ in 0..9 {
        let _ = breaker.calls(1, Outcome::Failure).await;
        let _ = breaker.calls(1, Outcome::Success).await;
    }
    let _ = breaker.calls(1, Outcome::Success).await;
    assert!(breaker.is_available_for(ONE));
    let _ = breaker.calls(1, Outcome::Failure).await;
    assert!(!breaker.is_available_for(ONE), "10 of 20 failed");
}

#[tokio::test(start_paused = true)]
async fn failures_from_before_the_window_are_forgotten() {
    let breaker = CircuitBreaker::scripted();

    for _ in 0..30 {
        let _ = breaker.calls(1, Outcome::Failure).await;
        let _ = breaker.calls(1, Outcome::Success).await;
        tokio::time::advance(Duration::from_millis(1_200)).await;
    }
    assert!(breaker.is_available_for(ONE), "never 20 calls within 10 s");
}

#[tokio::test(start_paused = true)]
async fn after_five_seconds_one_probe_goes_through_and_its_success_closes_it() {
    let breaker = CircuitBreaker::scripted();
    let mut closings = breaker.subscribe();
    let _ = breaker.calls(5, Outcome::Failure).await;

    assert_eq!(breaker.readiness(), Readiness::Shut);
    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.readiness(), Readiness::OneCall);
    *breaker.inner.outcome.lock().unwrap() = Outcome::Hang;
    {
        let mut probe = Box::pin(breaker.cancel("ext_1", ONE, "key"));
        let waiting = std::future::poll_fn(|cx| Poll::Ready(probe.as_mut().poll(cx))).await;
        assert!(waiting.is_pending());
        assert!(!breaker.is_available_for(ONE), "one probe at a time");
        let second = breaker.cancel("ext_1", ONE, "key").await;
        assert_eq!(second, Err(SchedulingError::NotSent));
    }

    assert!(!breaker.is_available_for(ONE), "a dropped probe opens it again");
    assert!(!closings.has_changed().unwrap());
    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls(1, Outcome::Success).await, Ok(()));
    assert!(breaker.is_available_for(ONE));
    closings.changed().await.unwrap();
    assert_eq!(*closings.borrow(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_keeps_it_open_for_another_five_seconds() {
    let breaker = CircuitBreaker::scripted();
    let _ = breaker.calls(5, Outcome::Failure).await;

    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls(1, Outcome::Failure).await, Err(FAILURE));
    assert_eq!(breaker.calls(1, Outcome::Success).await, Err(SchedulingError::NotSent));
    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls(1, Outcome::Success).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_from_before_the_last_closing_says_nothing() {
    let breaker = CircuitBreaker::scripted();
    let late: Vec<_> = (0..5).map(|_| breaker.admit(ONE).unwrap()).collect();
    let _ = breaker.calls(5, Outcome::Failure).await;
    tokio::time::advance(OPEN_FOR).await;
    let _ = breaker.calls(1, Outcome::Success).await;

    for permit in late {
        permit.settle(true);
    }

    assert!(breaker.is_available_for(ONE));
}
