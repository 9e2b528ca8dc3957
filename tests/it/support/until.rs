//! Waiting for what is sure to come, at most for a while.

use std::time::Duration;

use tokio::time::timeout;

/// How long anything in the background may take.
const PATIENCE: Duration = Duration::from_secs(20);

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
