//! Whose trouble it is: one provider's, or the service's.

use super::*;

#[tokio::test(start_paused = true)]
async fn what_fails_for_one_provider_stops_nobody_else() {
    let breaker = CircuitBreaker::scripted();

    for round in 1..=10 {
        let _ = breaker.calls_for(ONE, 10, Outcome::Failure).await;
        assert!(!breaker.is_available_for(ONE), "their own calls are not made: {round}");
        assert!(breaker.is_available_for(ANOTHER) && !breaker.is_ill());
        let answer = breaker.calls_for(ANOTHER, 1, Outcome::Success).await;
        assert_eq!(answer, Ok(()), "{round}");
    }

    assert_eq!(breaker.made(), 10 * (5 + 1));
}

#[tokio::test(start_paused = true)]
async fn hangs_of_one_provider_side_by_side_are_not_the_service_s() {
    let breaker = CircuitBreaker::scripted();
    let hanging: Vec<_> = (0..40).map(|_| breaker.admit(ONE).unwrap()).collect();
    assert_eq!(breaker.calls_for(ANOTHER, 3, Outcome::Success).await, Ok(()));

    for permit in hanging {
        permit.settle(true);
    }

    assert_eq!(breaker.calls_for(ANOTHER, 3, Outcome::Success).await, Ok(()));
    assert_eq!(breaker.calls_for(ONE, 1, Outcome::Success).await, Ok(()), "it was not the service");
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_another_provider_too_is_the_service_s() {
    let breaker = CircuitBreaker::scripted();

    let _ = breaker.calls_for(ONE, 5, Outcome::Failure).await;
    assert_eq!(breaker.calls_for(ANOTHER, 1, Outcome::Failure).await, Err(FAILURE));

    assert!(breaker.is_ill());
    let third = breaker.calls_for("prv_3", 1, Outcome::Success).await;
    assert_eq!(third, Err(SchedulingError::NotSent));
    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls_for("prv_3", 1, Outcome::Success).await, Ok(()), "the probe");
    assert!(breaker.is_available_for(ONE) && !breaker.is_ill());
}

#[tokio::test(start_paused = true)]
async fn a_provider_s_own_probe_keeps_nobody_else_waiting() {
    let breaker = CircuitBreaker::scripted();
    let mut closings = breaker.subscribe();
    let _ = breaker.calls_for(ONE, 5, Outcome::Failure).await;
    tokio::time::advance(OPEN_FOR).await;
    let probe = breaker.admit(ONE).unwrap();

    assert!(!breaker.is_available_for(ONE), "one at a time");
    assert_ne!(
        breaker.calls_for(ANOTHER, 1, Outcome::Refusal).await,
        Err(SchedulingError::NotSent)
    );
    assert_eq!(breaker.readiness(), Readiness::Ready, "somebody was answered");
    assert!(!closings.has_changed().unwrap(), "and nothing has come back");
    probe.settle(true);
    assert_eq!(breaker.readiness(), Readiness::Ready, "an outcome from before it closed");

    let _ = breaker.calls_for(ONE, 5, Outcome::Failure).await;
    tokio::time::advance(OPEN_FOR).await;
    assert_eq!(breaker.calls_for(ONE, 1, Outcome::Success).await, Ok(()));
    closings.changed().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn half_of_twenty_is_judged_without_who_fails_most() {
    let breaker = CircuitBreaker::scripted();
    for _ in 0..12 {
        let _ = breaker.calls_for(ONE, 1, Outcome::Failure).await;
        let _ = breaker.calls_for(ANOTHER, 1, Outcome::Success).await;
    }
    assert!(!breaker.is_ill());

    let breaker = CircuitBreaker::scripted();
    for _ in 0..5 {
        for provider in [ONE, ANOTHER] {
            let _ = breaker.calls_for(provider, 1, Outcome::Failure).await;
            let _ = breaker.calls_for(provider, 1, Outcome::Success).await;
        }
    }
    assert!(breaker.is_ill());
}
