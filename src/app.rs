//! The composition root: from settings to a server that can be served.

mod background;

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::booking::{Booking, BookingParts};
use crate::changes::Changes;
use crate::config::Config;
use crate::db::{ConnectError, Db, Engine, StoreError, integrity, migrations, patients};
use crate::domain::Clock;
use crate::graphql;
use crate::graphql::gate::{Gate, ManifestError};
use crate::health::Health;
use crate::http::{
    self, AppState, Authenticator, ConnectionLimits, HostPolicy, OpenConnections, OriginPolicy,
};
use crate::lifecycle::Workers;
use crate::patients::Patients;
use crate::records::Records;
use crate::roster::{self, Roster, RosterError};
use crate::scheduling::mock::{self, MockOpenError, MockScheduler};
use crate::scheduling::{
    CircuitBreaker, HttpSchedulingClient, HttpSettingsError, SchedulingClient,
};
use crate::search::Search;
use crate::services::Services;
use crate::settling::{Settling, SettlingParts};
use crate::telemetry;

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
    #[error("{0}")]
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
    db: Db,
    services: Services,
    settling: Arc<Settling>,
    router: Router,
    connections: ConnectionLimits,
    scheduler_url: String,
    workers: Workers,
    /// The mock in the process: it answers until everything else has ended.
    mock: Workers,
    /// Turns true when the server is told to stop: what stays open is closed then.
    closing: watch::Sender<bool>,
    shutdown_within: Duration,
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
        let list = config.graphql_allowed_operations.as_deref();
        let gate = Gate::read(config.graphql_limits.clone(), list).await?;
        let db = database(config, clock.as_ref()).await?;
        let mut workers = Workers::default();
        let mut mock = Workers::beside(&workers);
        let scheduler_url = match &config.scheduler_url {
            Some(url) => url.clone(),
            None => {
                if db.engine() == Engine::Postgres {
                    tracing::warn!("SCHEDULER_URL is not set: bookings are confirmed by a mock");
                }
                start_mock(config, &mut mock).await?
            }
        };
        let client = HttpSchedulingClient::new(config.scheduler_settings(&scheduler_url))?;
        let breaker = Arc::new(CircuitBreaker::new(client));
        let breaker_closed = breaker.subscribe();
        let (services, settling) = use_cases(config, &db, &clock, breaker);
        background::start(&mut workers, &services.changes, &settling, &breaker_closed);
        if let Some(handle) = metrics.clone() {
            workers
                .start("metrics", move |stop| telemetry::keep_metrics_small(handle.clone(), stop));
        }
        let health = Arc::new(Health::new(db.clone(), clock, workers.health()));
        let schema = graphql::schema(&services, gate.limits());
        let gate = Arc::new(gate);
        let (closing, closed) = watch::channel(false);
        let live = OpenConnections::new(config.live_limits, closed);
        let public_url = config.public_url.as_ref();
        let open = config.api_token.is_none();
        let router = http::router(AppState {
            services: services.clone(),
            schema,
            gate,
            operations: Arc::default(),
            access: Arc::new(Authenticator::new(
                config.api_token.clone(),
                config.metrics_token.clone(),
            )),
            hosts: Arc::new(HostPolicy::new(open, &config.hosts, public_url)),
            origins: Arc::new(OriginPolicy::new(public_url, &config.cors_origins)),
            proxies: Arc::new(config.trusted_proxies.clone()),
            public_url: public_url.cloned().map(Arc::new),
            live,
            health,
            metrics,
        });
        Ok(Self {
            db,
            services,
            settling,
            router,
            connections: config.connection_limits,
            scheduler_url,
            workers,
            mock,
            closing,
            shutdown_within: config.shutdown_within,
        })
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The use cases that the doors hold.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// What agrees with the scheduling service.
    pub fn settling(&self) -> &Arc<Settling> {
        &self.settling
    }

    /// Where the scheduling service is, the mock in the process included.
    pub fn scheduler_url(&self) -> &str {
        &self.scheduler_url
    }

    /// Serves until `shutdown`, then finishes what has begun; all of that within the one time that
    /// the settings give.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let (closing, mut closed) = (self.closing.clone(), self.closing.subscribe());
        let signal = async move {
            shutdown.await;
            closing.send_replace(true);
        };
        let mut serving = pin!(http::serve(listener, self.router, self.connections, signal));
        let is_served = tokio::select! {
            () = &mut serving => true,
            _ = closed.wait_for(|closed| *closed) => false,
        };
        let told_at = Instant::now();
        // A fifth is left for what can only end when the requests have.
        let requests_end_at = told_at + self.shutdown_within * 4 / 5;
        let all_ends_at = told_at + self.shutdown_within;
        let requests = async {
            if !is_served && timeout_at(requests_end_at, serving).await.is_err() {
                tracing::warn!("Some requests did not end in time");
            }
            // Also what callers did not wait for, while the scheduling service still answers.
            drop(timeout_at(requests_end_at, self.settling.all_settled()).await);
        };
        let workers_end_at = told_at + self.shutdown_within * 9 / 10;
        tokio::join!(requests, self.workers.stop(workers_end_at));
        self.mock.stop(all_ends_at).await;
        drop(timeout_at(all_ends_at, self.db.close()).await);
    }
}

/// The database, set up, and with everything in force that keeps the book right.
async fn database(config: &Config, clock: &dyn Clock) -> Result<Db, StartError> {
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    if migrations::up(&db).await? > 0 {
        // No engine can; a start without a migration need not look.
        patients::fold_what_is_not(&db).await?;
    }
    let missing = integrity::check(&db).await?;
    if !missing.is_empty() {
        return Err(StartError::Integrity(missing));
    }
    if config.seed_demo && roster::load_demo_if_empty(&db, clock.now()).await? {
        tracing::info!("Loaded the demo roster into an empty database");
    }
    Ok(db)
}

/// The use cases over one database and one scheduling service, each with what it may use.
pub fn use_cases(
    config: &Config,
    db: &Db,
    clock: &Arc<dyn Clock>,
    scheduling: Arc<dyn SchedulingClient>,
) -> (Services, Arc<Settling>) {
    let (db, clock, rules) = (|| db.clone(), || Arc::clone(clock), config.clinic_rules);
    let roster = Arc::new(Roster::new(db(), config.clinic_time_zone.clone()));
    let changes = Arc::new(Changes::new(db()));
    let search = Arc::new(Search::new(db(), clock(), rules, Arc::clone(&roster)));
    let settling = Arc::new(Settling::new(SettlingParts {
        db: db(),
        scheduling,
        clock: clock(),
        changes: Arc::clone(&changes),
        roster: Arc::clone(&roster),
        clinic_rules: rules,
        rules: config.settling_rules.clone(),
    }));
    let booking = Arc::new(Booking::new(BookingParts {
        db: db(),
        clock: clock(),
        rules,
        roster: Arc::clone(&roster),
        search: Arc::clone(&search),
        settling: Arc::clone(&settling),
        changes: Arc::clone(&changes),
    }));
    let patients = Arc::new(Patients::new(db(), clock(), Arc::clone(&roster)));
    let records = Arc::new(Records::new(db(), roster));
    (Services { booking, search, patients, records, changes, clock: clock() }, settling)
}

/// Starts the mock in the process, on a free port; answers where it is.
async fn start_mock(config: &Config, workers: &mut Workers) -> Result<String, StartError> {
    let mock = MockScheduler::open(Some(&config.scheduler_ledger), config.mock_faults.clone())?;
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
