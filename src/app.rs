//! The composition root: from settings to a server that can be served.

mod background;
mod outside;
mod provider;
mod trail;
mod use_cases;

pub use trail::audit_key;
pub use use_cases::use_cases;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use self::outside::{Outside, OutsideError};
use crate::audit::KeyError;
use crate::config::{Access, Config, Scheduler};
use crate::db::{ConnectError, Db, Engine, StoreError, integrity, migrations, outbox, patients};
use crate::domain::Clock;
use crate::graphql;
use crate::graphql::gate::{Gate, ManifestError};
use crate::health::Health;
use crate::http::{
    self, AppState, Authenticator, ConnectionLimits, HostPolicy, OpenConnections, OriginPolicy,
    ProxyPolicy, RateLimit, SettingsTokens,
};
use crate::lifecycle::Workers;
use crate::oidc;
use crate::roster::{self, RosterError};
use crate::services::Services;
use crate::settling::Settling;
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
    /// Nobody said who confirms bookings.
    #[error(
        "SCHEDULER_URL must be set where the database is PostgreSQL: to the address of the scheduling \
         service (http://… or https://…) that confirms bookings; to mock, for one in this process that \
         confirms all of them, to try things out; or to none, where this book is the truth and nobody \
         else is asked"
    )]
    NoScheduler,
    /// Who is said to confirm bookings can't be asked.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// The identity provider can't be asked.
    #[error("OIDC_ISSUER: {0}")]
    Provider(#[from] oidc::ClientError),
    /// The list of operations can't be used.
    #[error("{0}")]
    AllowedOperations(#[from] ManifestError),
    /// The audit trail has no key.
    #[error("{0}")]
    AuditKey(#[from] KeyError),
}

/// A server that is ready to be served, and what works beside it.
pub struct App {
    db: Db,
    services: Services,
    settling: Arc<Settling>,
    router: Router,
    connections: ConnectionLimits,
    scheduler_url: Option<String>,
    workers: Workers,
    /// The mock in the process: it answers until everything else has ended.
    mock: Workers,
    /// What keeps the audit trail, until there is nothing left to be written into it.
    keeper: Workers,
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
        let scheduler = config.scheduler.as_ref().ok_or(StartError::NoScheduler)?;
        let list = config.graphql_allowed_operations.as_deref();
        let gate = Gate::read(config.graphql_limits.clone(), list)?;
        let db = database(config, clock.as_ref()).await?;
        let machine = Arc::clone(&clock);
        let clock = db.clock(clock);
        let mut workers = Workers::default();
        let (mut mock, mut keeper) = (Workers::beside(&workers), Workers::beside(&workers));
        let trail = background::trail(config, &db, &clock).await?;
        background::keep(&mut keeper, &trail);
        warn_of(scheduler, &db).await?;
        let Outside { url, client, is_back } = Outside::reach(config, scheduler, &mut mock).await?;
        let (services, settling) = use_cases(config, &db, &clock, client, trail);
        background::start(&mut workers, &services, &settling, &is_back);
        background::watch_access(&mut workers, &services.people);
        if url.is_some() {
            background::compare(&mut workers, &settling);
        }
        if let Some(handle) = metrics.clone() {
            workers
                .start("metrics", move |stop| telemetry::keep_metrics_small(handle.clone(), stop));
        }
        let health = Arc::new(Health::new(db.clone(), clock, workers.health()));
        background::watch_database(&mut workers, &health, &machine);
        let schema = graphql::schema(&services, gate.limits());
        let gate = Arc::new(gate);
        let (closing, closed) = watch::channel(false);
        let live = OpenConnections::new(config.live_limits, closed);
        let public_url = config.public_url.as_ref();
        let origins = Arc::new(OriginPolicy::new(public_url, &config.cors_origins));
        let tokens =
            SettingsTokens { api: config.api_token.clone(), metrics: config.metrics_token.clone() };
        let is_open = config.access.is_open();
        let provider = provider::client(config.oidc.as_ref(), &services.clock)?;
        let people = (Arc::clone(&services.people), provider);
        let access = Authenticator::new(is_open, tokens, people, (public_url, &origins));
        let router = http::router(AppState {
            services: services.clone(),
            schema,
            gate,
            operations: Arc::default(),
            access: Arc::new(access),
            rate: Arc::new(RateLimit::new(config.rate_limit_per_minute)),
            hosts: Arc::new(HostPolicy::new(is_open, &config.hosts, public_url)),
            origins,
            proxies: Arc::new(config.trusted_proxies.clone()),
            proxied: Arc::new(ProxyPolicy { is_open_here: config.access == Access::OpenHere }),
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
            scheduler_url: url,
            workers,
            mock,
            keeper,
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

    /// Where the scheduling service is, the mock in the process included; nowhere where there is none.
    pub fn scheduler_url(&self) -> Option<&str> {
        self.scheduler_url.as_deref()
    }

    /// Serves until `shutdown`, then finishes what has begun; all of that within the one time that
    /// the settings give.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        if let Ok(address) = listener.local_addr() {
            self.services.links.listens_at(address);
        }
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
        tokio::join!(self.mock.stop(all_ends_at), self.keeper.stop(all_ends_at));
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
    db.compare_clocks(clock).await?;
    if config.seed_demo && roster::load_demo_if_empty(&db, clock.now()).await? {
        tracing::info!("Loaded the demo roster into an empty database");
    }
    Ok(db)
}

/// Says what an operator may not expect of who confirms bookings.
async fn warn_of(scheduler: &Scheduler, db: &Db) -> Result<(), StoreError> {
    match scheduler {
        Scheduler::Mock if db.engine() == Engine::Postgres => {
            tracing::warn!("SCHEDULER_URL=mock: bookings are confirmed by a mock");
        }
        Scheduler::Nobody => {
            let count = outbox::backlog(db.read()).await?.count;
            if count > 0 {
                tracing::warn!(
                    count,
                    "SCHEDULER_URL=none, and {count} visits wait for the answer of the scheduling \
                     service of before: they wait until it is named again, or they have begun"
                );
            }
        }
        Scheduler::Mock | Scheduler::At(_) => {}
    }
    Ok(())
}
