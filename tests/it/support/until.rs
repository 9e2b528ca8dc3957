//! Waiting for what is sure to come, at most for a while.

use std::time::Duration;

use tokio::time::timeout;

/// How long anything in the background may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than any test takes on a busy machine: 5 minutes, or `TEST_LONGEST_MINUTES`.
#[expect(clippy::disallowed_methods, reason = "no setting of the server's")]
pub(super) fn longest() -> Duration {
    let minutes = std::env::var("TEST_LONGEST_MINUTES").ok();
    Duration::from_mins(minutes.and_then(|minutes| minutes.parse().ok()).unwrap_or(5))
}

/// Whether what `look` asks a server or a database for comes true in time. It asks again as soon
/// as it is answered.
pub(crate) async fn comes_true(mut look: impl AsyncFnMut() -> bool) -> bool {
    let looking = async {
        while !look().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, looking).await.is_ok()
}

/// What is sure to come, in time.
pub(crate) async fn in_time<T>(coming: impl Future<Output = T>) -> T {
    timeout(PATIENCE, coming).await.expect("it comes in time")
}

/// What is to come to an end, or the test has failed: one that hangs would tell nobody why.
pub(crate) async fn bounded<T>(ending: impl Future<Output = T>) -> T {
    timeout(longest(), ending).await.expect("it comes to an end")
}
