//! Settings of the external scheduling service, and of the mock that stands in for it.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use crate::scheduling::mock::Faults;

/// Time limits of calls to the scheduling service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchedulerTimes {
    /// For reaching it.
    pub connect: Duration,
    /// For one call.
    pub call: Duration,
}

/// Who confirms bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheduler {
    /// The external scheduling service at this address.
    At(String),
    /// The mock in the process.
    Mock,
    /// Nobody outside: our book is the truth.
    Nobody,
}

impl Reader<'_> {
    pub(super) fn scheduler_times(&mut self) -> SchedulerTimes {
        SchedulerTimes {
            connect: self.milliseconds("SCHEDULER_CONNECT_TIMEOUT_MS", 500),
            call: self.milliseconds("SCHEDULER_TIMEOUT_MS", 2000),
        }
    }

    /// Unset it is the mock beside an embedded database, and has to be said where a clinic's is.
    pub(super) fn scheduler(&mut self, on_sqlite: bool) -> Option<Scheduler> {
        let Some(url) = self.text("SCHEDULER_URL") else {
            return on_sqlite.then_some(Scheduler::Mock);
        };
        match url.to_ascii_lowercase().as_str() {
            "mock" => return Some(Scheduler::Mock),
            "none" => return Some(Scheduler::Nobody),
            _ => {}
        }
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let expected = "must begin with http:// or https://, or be mock or none";
            self.wrong("SCHEDULER_URL", expected);
        }
        Some(Scheduler::At(url))
    }

    /// The bearer token that the service wants. It is somebody else's, so that it can be of any length.
    pub(super) fn scheduler_token(&mut self) -> Option<String> {
        let token = self.text("SCHEDULER_TOKEN")?;
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.wrong("SCHEDULER_TOKEN", "must be visible ASCII characters");
        }
        let url = self.text("SCHEDULER_URL").and_then(|url| url::Url::parse(&url).ok());
        if url.is_some_and(|url| !url.username().is_empty() || url.password().is_some()) {
            let message =
                "can't be sent beside the user or password in SCHEDULER_URL: leave one out";
            self.wrong("SCHEDULER_TOKEN", message);
        }
        Some(token)
    }

    pub(super) fn faults(&mut self) -> Faults {
        Faults {
            latency_ms: self.within("MOCK_LATENCY_MS", 0, 0, 600_000),
            error_rate: self.within("MOCK_ERROR_RATE", 0.0, 0.0, 1.0),
            refuse_rate: self.within("MOCK_REFUSE_RATE", 0.0, 0.0, 1.0),
            drop_rate: self.within("MOCK_DROP_RATE", 0.0, 0.0, 1.0),
            lost_reply_rate: self.within("MOCK_LOST_REPLY_RATE", 0.0, 0.0, 1.0),
            garbage_rate: self.within("MOCK_GARBAGE_RATE", 0.0, 0.0, 1.0),
            down: self.boolean("MOCK_DOWN", false),
            seed: self.parsed("MOCK_SEED", 0, "must be a whole number"),
            // Lies and forgetfulness can only be ordered.
            ..Faults::default()
        }
    }
}

/// The mock's ledger: a file beside an embedded database, else in the working directory.
pub(super) fn ledger_beside(database_url: &str) -> PathBuf {
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
