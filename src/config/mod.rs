//! Settings: every one, its default and its check. The only place that reads the environment.

mod access;
mod audit;
mod callers;
mod connections;
mod env_file;
mod environment;
mod graphql;
mod mail;
mod oidc;
mod reader;
mod rules;
mod scheduler;
mod traces;

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use self::environment::Environment;
use self::reader::Reader;
use self::scheduler::SchedulerTimes;
use crate::audit::AuditReads;
use crate::domain::{ClinicRules, HoldLimits, OfferLength};
use crate::graphql::gate::Limits;
use crate::http::{Authority, ConnectionLimits, LiveLimits, Origin, PublicUrl, TrustedProxies};
use crate::links::LinkRules;
use crate::mail::MailSettings;
use crate::oidc::OidcSettings;
use crate::people::SessionRules;
use crate::scheduling::HttpSettings;
use crate::scheduling::mock::Faults;
use crate::settling::SettlingRules;
use crate::telemetry::LogFormat;
use crate::traces::TraceSettings;

pub use self::access::Access;
pub use self::reader::SettingError;
pub use self::scheduler::Scheduler;

/// All settings, checked. No `Debug`: it holds a token and a database password.
#[derive(Clone)]
pub struct Config {
    /// The database.
    pub database_url: String,
    /// Connections in the pool.
    pub database_max_connections: u32,
    /// Whether to load the demo roster into an empty database.
    pub seed_demo: bool,
    /// The address to listen on.
    pub bind: IpAddr,
    /// The port to listen on.
    pub port: u16,
    /// Who may come in.
    pub access: Access,
    /// What whoever starts a server should know about that.
    pub access_warning: Option<&'static str>,
    /// How long a session lasts.
    pub session_rules: SessionRules,
    /// The clinic's identity provider, if it has one.
    pub oidc: Option<OidcSettings>,
    /// The bearer token that opens everything, if there is one.
    pub api_token: Option<String>,
    /// The bearer token that opens the metrics alone, if there is one.
    pub metrics_token: Option<String>,
    /// The key of the audit trail, if it is set.
    pub audit_key: Option<String>,
    /// When the row of an answer is written into the audit trail.
    pub audit_reads: AuditReads,
    /// What one caller may ask for in a minute; unset, as much as they like.
    pub rate_limit_per_minute: Option<NonZeroU32>,
    /// Origins of browser pages that may call.
    pub cors_origins: Vec<Origin>,
    /// Names and addresses under which it is called, beside those of this machine for itself.
    pub hosts: Vec<Authority>,
    /// The address that people type.
    pub public_url: Option<PublicUrl>,
    /// The proxies that are believed when they say for whom they ask.
    pub trusted_proxies: TrustedProxies,
    /// Who confirms bookings; a server on `PostgreSQL` has to be told.
    pub scheduler: Option<Scheduler>,
    /// The bearer token of the external scheduling service.
    pub scheduler_token: Option<String>,
    /// Where the mock in the process keeps its ledger.
    pub scheduler_ledger: PathBuf,
    /// Time limits of calls to the scheduling service.
    pub scheduler_times: SchedulerTimes,
    /// How the mock in the process misbehaves.
    pub mock_faults: Faults,
    /// The clinic's rules.
    pub clinic_rules: ClinicRules,
    /// How many times one caller may hold at once.
    pub hold_limits: HoldLimits,
    /// For how long a time is offered to one who waits.
    pub offer_length: OfferLength,
    /// What patients may do by their links.
    pub link_rules: LinkRules,
    /// Whether webhooks may be sent to addresses inside, and by http: for tests.
    pub webhook_allow_private: bool,
    /// How patients are told by mail.
    pub mail: Arc<MailSettings>,
    /// The zone of days that nobody gave another; the roster suggests one when unset.
    pub clinic_time_zone: Option<TimeZone>,
    /// How patient we are with the scheduling service.
    pub settling_rules: SettlingRules,
    /// What one GraphQL request may ask for.
    pub graphql_limits: Limits,
    /// A list of the GraphQL operations that are served; all are when unset.
    pub graphql_allowed_operations: Option<PathBuf>,
    /// What connections may take.
    pub connection_limits: ConnectionLimits,
    /// What connections that stay open may take.
    pub live_limits: LiveLimits,
    /// How long the server takes to end what has begun, once it is told to stop.
    pub shutdown_within: Duration,
    /// Where traces are sent, if they are.
    pub traces: Option<TraceSettings>,
    /// Which log lines are written.
    pub log_filter: String,
    /// How they are written.
    pub log_format: LogFormat,
    /// What whoever starts it should know about the settings, a line each.
    pub remarks: Vec<String>,
}

/// Every setting that can't be used, all together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<SettingError>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the settings can't be used:")?;
        for error in &self.0 {
            write!(f, "\n  {}: {}", error.variable, error.message)?;
        }
        Ok(())
    }
}

impl Config {
    /// Reads the settings from the environment, and from `.env` in the working directory where a
    /// variable is not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every setting that can't be used.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let environment = Environment::here().map_err(|error| ConfigError(vec![error]))?;
        let source = |variable: &str| environment.get(variable);
        let mut read = Reader::new(&source);
        let config = Self::read_by(&mut read);
        let misspelt = environment.misspelt(&read.asked());
        let remarks = misspelt.into_iter().map(|(name, setting)| {
            format!("{name} is set, and is no setting: is {setting} meant?")
        });
        let remarks = remarks.collect();
        let errors = read.into_errors();
        if errors.is_empty() { Ok(Self { remarks, ..config }) } else { Err(ConfigError(errors)) }
    }

    /// Reads the settings from `source`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every setting that can't be used.
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let source = |variable: &str| source(variable).map(OsString::from);
        let mut read = Reader::new(&source);
        let config = Self::read_by(&mut read);
        let errors = read.into_errors();
        if errors.is_empty() { Ok(config) } else { Err(ConfigError(errors)) }
    }

    /// Every setting; where one can't be used, `read` has been told.
    fn read_by(read: &mut Reader<'_>) -> Self {
        let database_url =
            read.text("DATABASE_URL").unwrap_or_else(|| "sqlite://clinic.db?mode=rwc".to_owned());
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| database_url.starts_with(scheme))
        {
            read.wrong("DATABASE_URL", "must begin with sqlite: or postgres://");
        }
        let on_sqlite = database_url.starts_with("sqlite:");
        let bind = read.parsed(
            "BIND",
            IpAddr::from([127, 0, 0, 1]),
            "must be an IP address such as 127.0.0.1",
        );
        let api_token = read.token("API_TOKEN");
        let metrics_token = read.token("METRICS_TOKEN");
        if metrics_token.is_some() && metrics_token == api_token {
            read.wrong("METRICS_TOKEN", "must be another than API_TOKEN, for it opens less");
        }
        let public_url = read.public_url();
        let (access, access_warning) = read.access(bind, api_token.is_some(), public_url.is_some());
        let scheduler_times = read.scheduler_times();
        let link_rules = read.link_rules();
        let mail = read.mail(link_rules.contact.clone(), (access.is_open(), public_url.as_ref()));
        Self {
            scheduler_ledger: read
                .text("SCHEDULER_LEDGER")
                .map_or_else(|| scheduler::ledger_beside(&database_url), PathBuf::from),
            // Where the database works in this process, more connections than cores answer nothing
            // sooner, and what each holds while it works is memory of this process.
            database_max_connections: read.within(
                "DATABASE_MAX_CONNECTIONS",
                if on_sqlite { 8 } else { 16 },
                2,
                1000,
            ),
            seed_demo: read.boolean("SEED_DEMO", on_sqlite),
            bind,
            port: read.parsed("PORT", 8080, "must be a port number from 0 to 65535"),
            access,
            access_warning,
            session_rules: read.session_rules(),
            oidc: read.oidc(api_token.as_deref()),
            api_token,
            metrics_token,
            audit_key: read.audit_key(),
            audit_reads: read.parsed(
                "AUDIT_READS",
                AuditReads::Strict,
                "must be strict or batched",
            ),
            rate_limit_per_minute: read.rate_limit(),
            cors_origins: read.origins(),
            hosts: read.hosts(),
            public_url,
            trusted_proxies: read.trusted_proxies(),
            scheduler: read.scheduler(on_sqlite),
            scheduler_token: read.scheduler_token(),
            mock_faults: read.faults(),
            clinic_rules: read.clinic_rules(),
            hold_limits: read.hold_limits(),
            offer_length: read.offer_length(),
            link_rules,
            mail,
            webhook_allow_private: read.boolean("WEBHOOK_ALLOW_PRIVATE", false),
            clinic_time_zone: read.time_zone("CLINIC_TIME_ZONE"),
            settling_rules: read.settling_rules(scheduler_times),
            scheduler_times,
            graphql_limits: read.graphql_limits(),
            graphql_allowed_operations: read.text("GRAPHQL_ALLOWED_OPERATIONS").map(PathBuf::from),
            connection_limits: read.connection_limits(),
            live_limits: read.live_limits(),
            shutdown_within: read.milliseconds("SHUTDOWN_TIMEOUT_MS", 25_000),
            traces: read.traces(),
            log_filter: read.log_filter("info"),
            log_format: read.log_format(),
            remarks: Vec::new(),
            database_url,
        }
    }

    /// How to reach the scheduling service at `base_url`.
    pub fn scheduler_settings(&self, base_url: &str) -> HttpSettings {
        let mut settings = HttpSettings::new(base_url);
        settings.connect_timeout = self.scheduler_times.connect;
        settings.attempt_timeout = self.scheduler_times.call;
        settings.token.clone_from(&self.scheduler_token);
        settings
    }
}

#[cfg(test)]
mod tests;
