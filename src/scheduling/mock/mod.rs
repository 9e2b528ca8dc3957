//! The mocked external scheduling service: a real HTTP server that remembers what it booked and
//! misbehaves on request.
//!
//! Nothing here knows the rest of the crate; what the two share is only the wire.

mod book;
mod faults;
mod ledger;
mod line;
mod misbehave;
mod problem;
mod reply;
mod routes;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::serve::Listener as _;
use tokio::net::TcpListener;

use self::faults::{Dice, Fate};
use self::ledger::Ledger;
use self::line::{Line, SeverableListener};

pub use self::faults::{Faults, FaultsError};
pub use self::routes::router;

/// How long requests may go on once [`serve`] was told to stop. Bounded, because a latency can be
/// ordered that outlasts anybody's patience.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// Why a mock could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum MockOpenError {
    /// The faults ordered are not possible.
    #[error(transparent)]
    Faults(#[from] FaultsError),
    /// The ledger file could not be read or written, or is not a ledger.
    #[error("the mocked scheduling service's ledger cannot be used")]
    Ledger(#[source] io::Error),
}

/// The mocked service's memory and its present faults.
pub struct MockScheduler {
    ledger: Mutex<Ledger>,
    dice: Mutex<Dice>,
}

impl MockScheduler {
    /// A mock that keeps its bookings in the `ledger` file, or only in memory without one.
    ///
    /// Several mocks, also of several processes, may share one file: each sees what the others
    /// booked. Reads the whole file before it returns.
    ///
    /// # Errors
    ///
    /// [`MockOpenError`] when the file cannot be opened, read or locked, when one of its whole
    /// lines is not the mock's own, or when a rate is not between 0 and 1.
    pub fn open(ledger: Option<&Path>, faults: Faults) -> Result<Self, MockOpenError> {
        faults.check()?;
        let ledger = Ledger::open(ledger).map_err(MockOpenError::Ledger)?;
        Ok(Self { ledger: Mutex::new(ledger), dice: Mutex::new(Dice::new(faults)) })
    }

    fn fate(&self) -> Fate {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).throw()
    }

    fn faults(&self) -> Faults {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).faults().clone()
    }

    fn replace_faults(&self, faults: Faults) {
        *self.dice.lock().unwrap_or_else(PoisonError::into_inner) = Dice::new(faults);
    }

    /// Works on the ledger, one at a time, off the runtime's own threads: the file's lock may be
    /// held by another process. The work is finished even if its caller goes away.
    async fn with_ledger<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Ledger) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let mock = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut mock.ledger.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(io::Error::other)?
    }
}

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
