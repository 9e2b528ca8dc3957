//! What is counted and measured, for Prometheus (docs/metrics.md).

mod beginnings;
mod descriptions;

use std::time::Duration;

use jiff::Timestamp;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::domain::zone_data_version;

/// What a histogram tells apart, in seconds: a booking waits for 3 s unless it is set otherwise, and a call of the
/// scheduling service for 2 s.
const LATENCIES: [f64; 15] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 3.5, 5.0, 10.0, 15.0];

/// Starts collecting metrics, in a process that started at that time; the handle prints them.
///
/// # Errors
///
/// [`BuildError`] when another recorder is installed.
pub fn start_metrics(started_at: Timestamp) -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new().set_buckets(&LATENCIES)?.install_recorder()?;
    descriptions::describe();
    ::metrics::gauge!("clinic_time_zone_data_info", "version" => zone_data_version()).set(1.0);
    ::metrics::gauge!("clinic_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    ::metrics::gauge!("process_start_time_seconds").set(started_at.as_duration().as_secs_f64());
    beginnings::begin_at_zero();
    Ok(handle)
}

/// Drains the histograms now and then: they would grow for as long as nobody reads the metrics.
/// Until `stop` turns true, or nobody is left to turn it.
pub async fn keep_metrics_small(handle: PrometheusHandle, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(5)) => handle.run_upkeep(),
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
