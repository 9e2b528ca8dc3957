use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;

/// A worker that counts its beginnings and fails the first few of them.
fn failing(
    workers: &mut Workers,
    failures: usize,
    panics: bool,
) -> (Arc<AtomicUsize>, Arc<Notify>) {
    let (begun, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let (beginnings, noted) = (Arc::clone(&begun), Arc::clone(&failed));
    workers.start("failing", move |mut stop| {
        let number = beginnings.fetch_add(1, Ordering::SeqCst);
        let noted = Arc::clone(&noted);
        async move {
            if number < failures {
                noted.notify_one();
                assert!(!panics, "as ordered");
                return;
            }
            drop(stop.wait_for(|stop| *stop).await);
        }
    });
    (begun, failed)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_panics_or_ends_is_seen_at_once_and_begins_anew() {
    for panics in [true, false] {
        let mut workers = Workers::default();
        let (begun, failed) = failing(&mut workers, 1, panics);
        failed.notified().await;
        while workers.health().down().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(workers.health().down(), ["failing"]);
        tokio::time::sleep(FIRST_PAUSE * 2).await;
        assert_eq!((workers.health().down(), begun.load(Ordering::SeqCst)), (vec![], 2));
        workers.stop(soon()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_keeps_failing_begins_ever_more_seldom_and_the_others_work_on() {
    let mut workers = Workers::default();
    let (begun, _failed) = failing(&mut workers, usize::MAX, true);
    let worked = Arc::new(AtomicUsize::new(0));
    let work = Arc::clone(&worked);
    workers.start("other", move |mut stop| {
        let work = Arc::clone(&work);
        async move {
            let mut ticks = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    _ = ticks.tick() => drop(work.fetch_add(1, Ordering::SeqCst)),
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            }
        }
    });
    tokio::time::sleep(Duration::from_mins(10)).await;
    let times = begun.load(Ordering::SeqCst);
    assert!((10..=30).contains(&times), "{times}");
    assert_eq!(workers.health().down(), ["failing"]);
    assert!(worked.load(Ordering::SeqCst) >= 600);
    workers.stop(soon()).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_has_stopped_as_told_is_not_away() {
    let mut workers = Workers::default();
    failing(&mut workers, 0, false);
    let health = workers.health();
    workers.stop(soon()).await;
    assert_eq!(health.down(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_stop_is_cut_off_at_the_deadline() {
    let mut workers = Workers::default();
    workers.start("deaf", |_stop| std::future::pending());
    let (begun_at, within) = (Instant::now(), Duration::from_secs(3));
    workers.stop(begun_at + within).await;
    assert_eq!(begun_at.elapsed(), within);
}
