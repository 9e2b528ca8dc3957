//! The mocked external scheduling service: a real HTTP server that remembers what it booked and
//! misbehaves on request.
//!
//! Nothing here knows the rest of the crate but how traces are told; what the two share is only the wire.

mod book;
mod faults;
mod guard;
mod ledger;
mod lie;
mod line;
mod misbehave;
mod poison;
mod problem;
mod reply;
mod routes;
mod scheduler;
#[cfg(test)]
mod tests;
mod traced;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener as _;
use tokio::net::TcpListener;

use self::line::{Line, SeverableListener};

pub use self::faults::{Faults, FaultsError};
pub use self::routes::router;
pub use self::scheduler::{MockOpenError, MockScheduler};

/// How long requests may go on once [`serve`] was told to stop. Bounded, because a latency can be
/// ordered that outlasts anybody's patience.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// Serves the mock on `listener` until `shutdown` is done, then gives the requests under way one
/// second to finish.
///
/// Serve [`router`] this way and no other: closing a connection without an answer is the work of
/// this accept loop.
///
/// # Errors
///
/// None at present; the type is that of [`axum::serve()`].
pub async fn serve(
    mock: Arc<MockScheduler>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = SeverableListener(listener);
    if let Ok(address) = listener.local_addr() {
        tracing::debug!("The mocked scheduling service listens on {address}");
    }
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let app = router(mock).into_make_service_with_connect_info::<Line>();
    let served = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        stopping.send_replace(true);
    });
    let out_of_patience = async {
        // An error says that the sender is gone, which comes to the same.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        result = served => result,
        () = out_of_patience => Ok(()),
    }
}
