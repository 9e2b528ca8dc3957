//! Log lines.

use std::io::IsTerminal as _;

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

use crate::traces::Traces;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines, one JSON object a line.
    Json,
}

/// The crates whose lines we answer for.
const OURS: [&str; 2] = ["clinic", "migration"];

/// Starts logging to standard error, and having `traces` made: what `filter` lets through, and of other crates no
/// more than warnings whatever it says. A second call in one process changes nothing.
pub fn start_logging(filter: &str, format: LogFormat, traces: &Traces) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_malformed| EnvFilter::new("info"));
    let may_be_told = filter_fn(may_be_told);
    let registry = tracing_subscriber::registry();
    // Filters of single layers cost more, and lose lines where a layer is not there.
    let started = match traces.layer() {
        None => registry.with(filter).with(may_be_told).with(lines(format)).try_init(),
        Some(spans) => {
            let lines = lines(format).with_filter(filter.and(may_be_told));
            registry.with(spans).with(lines).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("Logging was started before");
    }
}

fn lines<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    }
}

/// Below a warning, libraries write what passes through them: frames, headers,
/// statements and documents, and so patients and tokens.
fn may_be_told(line: &Metadata<'_>) -> bool {
    let of = line.target().split("::").next().unwrap_or_default();
    *line.level() <= Level::WARN || OURS.contains(&of)
}
