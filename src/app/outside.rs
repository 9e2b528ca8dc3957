//! The outside service that the settings name: one elsewhere, the mock in the process, or none.

use std::io;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::{Config, Scheduler};
use crate::db::warn_unless_owners_only;
use crate::lifecycle::Workers;
use crate::scheduling::mock::{self, MockOpenError, MockScheduler};
use crate::scheduling::{
    CircuitBreaker, HttpSchedulingClient, HttpSettingsError, Measured, NobodyOutside,
    SchedulingClient,
};

/// Who is said to confirm bookings can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The scheduling service's address can't be used.
    #[error("SCHEDULER_URL: {0}")]
    Address(#[from] HttpSettingsError),
    /// The mock can't read its ledger.
    #[error("cannot open the mock scheduling service's ledger: {0}")]
    Ledger(#[from] MockOpenError),
    /// The mock finds no port.
    #[error("cannot start the mock scheduling service: {0}")]
    Mock(#[from] io::Error),
}

/// How the outside service is called.
pub(super) struct Outside {
    /// Where it is; nowhere where there is none.
    pub(super) url: Option<String>,
    pub(super) client: Arc<dyn SchedulingClient>,
    /// Changes when it answers again.
    pub(super) is_back: watch::Receiver<u64>,
}

impl Outside {
    pub(super) async fn reach(
        config: &Config,
        scheduler: &Scheduler,
        mock: &mut Workers,
    ) -> Result<Self, OutsideError> {
        let url = match scheduler {
            Scheduler::Nobody => {
                let (_never, is_back) = watch::channel(0);
                return Ok(Self { url: None, client: Arc::new(NobodyOutside), is_back });
            }
            Scheduler::Mock => start_mock(config, mock).await?,
            Scheduler::At(url) => url.clone(),
        };
        let client = HttpSchedulingClient::new(config.scheduler_settings(&url))?;
        if client.is_overheard() {
            tracing::warn!(
                "SCHEDULER_URL is plain http to another machine: patients' names, and a token, can be \
                 read on the way; use https"
            );
        }
        let breaker = CircuitBreaker::new(client);
        let is_back = breaker.subscribe();
        Ok(Self { url: Some(url), client: Arc::new(Measured::new(breaker)), is_back })
    }
}

/// Starts the mock in the process, on a free port; answers where it is.
async fn start_mock(config: &Config, workers: &mut Workers) -> Result<String, OutsideError> {
    let mock = MockScheduler::open(Some(&config.scheduler_ledger), config.mock_faults.clone())?;
    let mock = mock.asking_for(config.scheduler_token.clone());
    warn_unless_owners_only(&config.scheduler_ledger);
    let (mock, listener) = (Arc::new(mock), TcpListener::bind("127.0.0.1:0").await?.into_std()?);
    let url = format!("http://{}", listener.local_addr()?);
    workers.start("mock_scheduler", move |mut stop| {
        // The same port for one that begins anew.
        let (mock, listener) = (Arc::clone(&mock), listener.try_clone());
        async move {
            let shutdown = async move { drop(stop.wait_for(|stop| *stop).await) };
            let served = match listener.and_then(TcpListener::from_std) {
                Ok(listener) => mock::serve(mock, listener, shutdown).await,
                Err(error) => Err(error),
            };
            if let Err(error) = served {
                tracing::error!(%error, "The mock scheduling service stopped");
            }
        }
    });
    Ok(url)
}
