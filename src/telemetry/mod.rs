//! Logs and metrics. No query string, no body and nobody's name gets here.

mod logs;
mod metrics;

pub use logs::{LogFormat, start_logging};
pub use metrics::{keep_metrics_small, start_metrics};
