//! Settings: every one, its default and its check. The only place that reads the environment.

mod graphql;
mod live;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;

use crate::booking::BookingRules;
use crate::domain::availability::OfferGrid;
use crate::graphql::gate::Limits;
use crate::http::{ConnectionLimits, LiveLimits};
use crate::scheduling::HttpSettings;
use crate::scheduling::mock::Faults;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one JSON object a line.
    Json,
}

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
    /// The bearer token, if one is asked for.
    pub api_token: Option<String>,
    /// Origins of browser pages that may call.
    pub cors_origins: Vec<String>,
    /// The external scheduling service; the mock in the process when unset.
    pub scheduler_url: Option<String>,
    /// Where the mock in the process keeps its ledger.
    pub scheduler_ledger: PathBuf,
    /// Time limit for reaching the scheduling service.
    pub scheduler_connect_timeout: Duration,
    /// Time limit of one call to the scheduling service.
    pub scheduler_timeout: Duration,
    /// How the mock in the process misbehaves.
    pub mock_faults: Faults,
    /// The clinic's rules.
    pub rules: BookingRules,
    /// What one GraphQL request may ask for.
    pub graphql_limits: Limits,
    /// A list of the GraphQL operations that are served; all are when unset.
    pub graphql_allowed_operations: Option<PathBuf>,
    /// What connections may take.
    pub connection_limits: ConnectionLimits,
    /// What connections that stay open may take.
    pub live_limits: LiveLimits,
    /// Which log lines are written.
    pub log_filter: String,
    /// How they are written.
    pub log_format: LogFormat,
}

/// One setting that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong and what would do; never repeats a secret.
    pub message: String,
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
    /// Reads the settings from the environment, and from `.env` where a variable is not set.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every setting that can't be used.
    pub fn from_environment() -> Result<Self, ConfigError> {
        match dotenvy::dotenv() {
            Err(error) if !error.not_found() => {
                // Reading stops there, so what comes after, a token perhaps, would be unset.
                let message = "has a line that can't be read".to_owned();
                return Err(ConfigError(vec![SettingError { variable: ".env", message }]));
            }
            Ok(_) | Err(_) => {}
        }
        #[expect(clippy::disallowed_methods, reason = "this is the place the rule points to")]
        Self::read(&|variable| std::env::var(variable).ok())
    }

    /// Reads the settings from `source`; an empty value counts as unset.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every setting that can't be used.
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut read = Reader { source, errors: Vec::new() };
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
        let api_token = read.text("API_TOKEN");
        if api_token.as_ref().is_some_and(|token| {
            token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic())
        }) {
            read.wrong("API_TOKEN", "must be at least 16 visible ASCII characters");
        }
        let allow_anonymous = read.boolean("ALLOW_ANONYMOUS", false);
        if !bind.is_loopback() && api_token.is_none() && !allow_anonymous {
            read.wrong(
                "BIND",
                "is not a loopback address, so patients' data would stand open on the network: \
                 set API_TOKEN, or ALLOW_ANONYMOUS=true if something in front of it checks who calls",
            );
        }
        let config = Self {
            scheduler_ledger: read
                .text("SCHEDULER_LEDGER")
                .map_or_else(|| ledger_beside(&database_url), PathBuf::from),
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
            api_token,
            cors_origins: read.origins("CORS_ORIGINS"),
            scheduler_url: read.scheduler_url(),
            scheduler_connect_timeout: read.milliseconds("SCHEDULER_CONNECT_TIMEOUT_MS", 500),
            scheduler_timeout: read.milliseconds("SCHEDULER_TIMEOUT_MS", 2000),
            mock_faults: read.faults(),
            rules: read.rules(),
            graphql_limits: read.graphql_limits(),
            graphql_allowed_operations: read.text("GRAPHQL_ALLOWED_OPERATIONS").map(PathBuf::from),
            connection_limits: read.connection_limits(),
            live_limits: read.live_limits(),
            log_filter: read.log_filter(),
            log_format: match read.text("LOG_FORMAT").as_deref() {
                None | Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(_) => {
                    read.wrong("LOG_FORMAT", "must be text or json");
                    LogFormat::Text
                }
            },
            database_url,
        };
        if read.errors.is_empty() { Ok(config) } else { Err(ConfigError(read.errors)) }
    }

    /// How to reach the scheduling service at `base_url`.
    pub fn scheduler_settings(&self, base_url: &str) -> HttpSettings {
        let mut settings = HttpSettings::new(base_url);
        settings.connect_timeout = self.scheduler_connect_timeout;
        settings.attempt_timeout = self.scheduler_timeout;
        settings
    }
}

/// The mock's ledger: a file beside an embedded database, else in the working directory.
fn ledger_beside(database_url: &str) -> PathBuf {
    let path = database_url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let file = path
        .map(|path| path.split('?').next().unwrap_or(path))
        .filter(|path| !path.contains(":memory:"));
    match file {
        Some(file) => PathBuf::from(format!("{file}.scheduler.jsonl")),
        None => {
            let name = database_url.rsplit('/').next().and_then(|name| name.split('?').next());
            PathBuf::from(format!(
                "{}.scheduler.jsonl",
                name.filter(|name| !name.is_empty()).unwrap_or("clinic")
            ))
        }
    }
}

/// Reads setting by setting and collects what is wrong.
struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<SettingError>,
}

impl Reader<'_> {
    fn text(&self, variable: &str) -> Option<String> {
        (self.source)(variable)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn wrong(&mut self, variable: &'static str, message: &str) {
        self.errors.push(SettingError { variable, message: message.to_owned() });
    }

    fn parsed<T: FromStr>(&mut self, variable: &'static str, default: T, expected: &str) -> T {
        let Some(text) = self.text(variable) else {
            return default;
        };
        text.parse().unwrap_or_else(|_malformed| {
            self.wrong(variable, expected);
            default
        })
    }

    fn within<T: FromStr + PartialOrd + fmt::Display + Copy>(
        &mut self,
        variable: &'static str,
        default: T,
        least: T,
        most: T,
    ) -> T {
        let expected = format!("must be a number from {least} to {most}");
        let Some(text) = self.text(variable) else {
            return default;
        };
        match text.parse() {
            Ok(number) if least <= number && number <= most => number,
            _ => {
                self.wrong(variable, &expected);
                default
            }
        }
    }

    fn boolean(&mut self, variable: &'static str, default: bool) -> bool {
        match self.text(variable).map(|text| text.to_ascii_lowercase()).as_deref() {
            None => default,
            Some("true" | "1" | "yes") => true,
            Some("false" | "0" | "no") => false,
            Some(_) => {
                self.wrong(variable, "must be true or false");
                default
            }
        }
    }

    fn milliseconds(&mut self, variable: &'static str, default: u64) -> Duration {
        Duration::from_millis(self.within(variable, default, 1, 600_000))
    }

    fn origins(&mut self, variable: &'static str) -> Vec<String> {
        let text = self.text(variable).unwrap_or_default();
        let origins: Vec<String> = text
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_ascii_lowercase())
            .filter(|origin| !origin.is_empty())
            .collect();
        let is_origin = |origin: &String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| {
                !host.is_empty() && !host.contains(['/', '*', ' ', '?', '#', '@'])
            })
        };
        if !origins.iter().all(is_origin) {
            self.wrong(
                variable,
                "must be origins such as https://desk.example.com, separated by commas",
            );
        }
        origins
    }

    fn scheduler_url(&mut self) -> Option<String> {
        let url = self.text("SCHEDULER_URL")?;
        if !url.starts_with("http://") && !url.starts_with("https://") {
            self.wrong("SCHEDULER_URL", "must begin with http:// or https://");
        }
        Some(url)
    }

    fn faults(&mut self) -> Faults {
        Faults {
            latency_ms: self.within("MOCK_LATENCY_MS", 0, 0, 600_000),
            error_rate: self.within("MOCK_ERROR_RATE", 0.0, 0.0, 1.0),
            refuse_rate: self.within("MOCK_REFUSE_RATE", 0.0, 0.0, 1.0),
            drop_rate: self.within("MOCK_DROP_RATE", 0.0, 0.0, 1.0),
            lost_reply_rate: self.within("MOCK_LOST_REPLY_RATE", 0.0, 0.0, 1.0),
            garbage_rate: self.within("MOCK_GARBAGE_RATE", 0.0, 0.0, 1.0),
            down: self.boolean("MOCK_DOWN", false),
            seed: self.parsed("MOCK_SEED", 0, "must be a whole number"),
        }
    }

    fn log_filter(&mut self) -> String {
        let Some(filter) = self.text("RUST_LOG") else { return DEFAULT_LOG.to_owned() };
        if tracing_subscriber::EnvFilter::try_new(&filter).is_err() {
            self.wrong("RUST_LOG", "must be a filter such as info or clinic=debug");
        }
        filter
    }

    fn lease(&mut self) -> SignedDuration {
        let call = self.within("SCHEDULER_TIMEOUT_MS", 2000, 1, 600_000);
        SignedDuration::from_millis(CALLS_A_LEASE * call).saturating_add(LEASE_MARGIN)
    }

    fn rules(&mut self) -> BookingRules {
        let grid = self.within("SLOT_GRID_MINUTES", 15, 1, 480);
        BookingRules {
            horizon: SignedDuration::from_hours(
                24 * self.within("BOOKING_HORIZON_DAYS", 90, 1, 730),
            ),
            grid: OfferGrid::from_minutes(grid).unwrap_or_default(),
            answer_within: self.milliseconds("ANSWER_WITHIN_MS", 3000),
            hold_for: SignedDuration::from_mins(self.within("HOLD_MINUTES", 15, 1, 1440)),
            lease: self.lease(),
        }
    }
}

/// Everything worth knowing, but not each step of each migration.
const DEFAULT_LOG: &str = "info,sea_orm_migration=warn,sqlx::postgres::notice=warn";
/// How many calls of the scheduling service one holder of a lease makes in a row at most, and
/// what the rest of the work may take.
const CALLS_A_LEASE: i64 = 4;
const LEASE_MARGIN: SignedDuration = SignedDuration::from_secs(7);

#[cfg(test)]
mod tests;
