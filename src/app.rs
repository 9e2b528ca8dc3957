//! The composition root: from settings to a server that can be served.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::booking::{BookingService, events, outbox};
use crate::config::Config;
use crate::db::{ConnectError, Db, Engine, StoreError, integrity, migrations};
use crate::domain::Clock;
use crate::graphql;
use crate::graphql::gate::{Gate, Manifest, ManifestError};
use crate::http::{self, Access, AppState, ConnectionLimits, Live};
use crate::roster::{self, RosterError};
use crate::scheduling::mock::{self, MockOpenError, MockScheduler};
use crate::scheduling::{CircuitBreaker, HttpSchedulingClient, HttpSettingsError};

/// How long what has begun may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// The server can't start; each variant names what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No database.
    #[error("{0}")]
    Connect(#[from] ConnectError),
    /// The database refused to be set up.
    #[error("cannot set up the database: {0}")]
    Store(#[from] StoreError),
    /// The demo roster could not be loaded.
    #[error("cannot load the demo roster: {0}")]
    Roster(#[from] RosterError),
    /// What keeps the book right is not there.
    #[error("refusing to serve, because the database lacks what keeps bookings apart:\n  {}", .0.join("\n  "))]
    Integrity(Vec<String>),
    /// The scheduling service's address can't be used.
    #[error("SCHEDULER_URL: {0}")]
    Scheduler(#[from] HttpSettingsError),
    /// The list of operations can't be used.
    #[error("GRAPHQL_ALLOWED_OPERATIONS: {0}")]
    AllowedOperations(#[from] ManifestError),
    /// The mock can't read its ledger.
    #[error("cannot open the mock scheduling service's ledger: {0}")]
    Ledger(#[from] MockOpenError),
    /// The mock finds no port.
    #[error("cannot start the mock scheduling service: {0}")]
    Mock(#[from] io::Error),
}

/// A server that is ready to be served, and what works beside it.
pub struct App {
    service: Arc<BookingService>,
    router: Router,
    connections: ConnectionLimits,
    scheduler_url: String,
    worker: Beside,
    mock: Option<Beside>,
    /// Turns true when the server is told to stop: what stays open is closed then.
    closing: watch::Sender<bool>,
}

/// Something that works beside the server until it is told to stop.
struct Beside {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Beside {
    async fn stop(self) {
        self.stop.send_replace(true);
        drop(tokio::time::timeout(GRACE, self.task).await);
    }
}

impl App {
    /// Connects, migrates, seeds, checks, and starts what works in the background.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start(
        config: &Config,
        clock: Arc<dyn Clock>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self, StartError> {
        let gate = gate(config).await?;
        let db = Db::connect(&config.database_url, config.database_max_connections).await?;
        migrations::up(&db).await?;
        let missing = integrity::check(&db).await?;
        if !missing.is_empty() {
            return Err(StartError::Integrity(missing));
        }
        if config.seed_demo && roster::load_demo_if_empty(&db, clock.now()).await? {
            tracing::info!("Loaded the demo roster into an empty database");
        }
        let (scheduler_url, mock) = match &config.scheduler_url {
            Some(url) => (url.clone(), None),
            None => {
                if db.engine() == Engine::Postgres {
                    tracing::warn!("SCHEDULER_URL is not set: bookings are confirmed by a mock");
                }
                let (url, mock) = start_mock(config).await?;
                (url, Some(mock))
            }
        };
        let client = HttpSchedulingClient::new(config.scheduler_settings(&scheduler_url))?;
        let breaker = CircuitBreaker::new(client);
        let breaker_closed = breaker.subscribe();
        let service =
            Arc::new(BookingService::new(db, Arc::new(breaker), clock, config.rules.clone()));
        let (stop, stopped) = watch::channel(false);
        let outbox = outbox::work(service.clone(), breaker_closed, stopped.clone());
        let events = events::work(service.clone(), stopped);
        let task = tokio::spawn(async move {
            tokio::join!(outbox, events);
        });
        let worker = Beside { stop, task };
        let access = Arc::new(Access::new(config.api_token.clone(), &config.cors_origins));
        let schema = graphql::schema(&service, gate.limits());
        let gate = Arc::new(gate);
        let (closing, closed) = watch::channel(false);
        let live = Live::new(config.live_limits, closed);
        let state = AppState { service: service.clone(), schema, gate, access, live, metrics };
        let router = http::router(state);
        let connections = config.connection_limits;
        Ok(Self { service, router, connections, scheduler_url, worker, mock, closing })
    }

    /// The use cases.
    pub fn service(&self) -> &Arc<BookingService> {
        &self.service
    }

    /// Where the scheduling service is, the mock in the process included.
    pub fn scheduler_url(&self) -> &str {
        &self.scheduler_url
    }

    /// Serves until `shutdown`, then finishes what has begun.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let (closing, begun) = (self.closing.clone(), self.closing.subscribe());
        let signal = async move {
            shutdown.await;
            closing.send_replace(true);
        };
        let serving = http::serve(listener, self.router, self.connections, signal);
        tokio::select! {
            () = serving => {}
            () = out_of_grace(begun) => tracing::warn!("Some requests did not end in time"),
        }
        // Also what callers did not wait for, while the scheduling service still answers.
        drop(tokio::time::timeout(GRACE, self.service.all_settled()).await);
        self.worker.stop().await;
        if let Some(mock) = self.mock {
            mock.stop().await;
        }
        self.service.db().close().await;
    }
}

async fn out_of_grace(mut begun: watch::Receiver<bool>) {
    if begun.wait_for(|begun| *begun).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// The gate before the schema: for all operations, or for those of a list.
async fn gate(config: &Config) -> Result<Gate, StartError> {
    let limits = config.graphql_limits.clone();
    let Some(path) = &config.graphql_allowed_operations else { return Ok(Gate::open(limits)) };
    let manifest = Manifest::read(path, &limits).await?;
    tracing::info!("Serving the {} GraphQL operations of the list, and no others", manifest.len());
    Ok(Gate::for_listed(limits, manifest))
}

async fn start_mock(config: &Config) -> Result<(String, Beside), StartError> {
    let (stop, mut stopped) = watch::channel(false);
    let mock = MockScheduler::open(Some(&config.scheduler_ledger), config.mock_faults.clone())?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        let shutdown = async move {
            drop(stopped.wait_for(|stopped| *stopped).await);
        };
        if let Err(error) = mock::serve(Arc::new(mock), listener, shutdown).await {
            tracing::error!(%error, "The mock scheduling service stopped");
        }
    });
    Ok((url, Beside { stop, task }))
}
