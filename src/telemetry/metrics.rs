//! What is counted and measured, for Prometheus (docs/metrics.md).

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::db::TRANSACTIONS;
use crate::domain::{AppointmentStatus, zone_data_version};

/// Starts collecting metrics; the handle prints them.
///
/// # Errors
///
/// [`BuildError`] when another recorder is installed.
pub fn start_metrics() -> Result<PrometheusHandle, BuildError> {
    let latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
    let handle = PrometheusBuilder::new().set_buckets(&latencies)?.install_recorder()?;
    ::metrics::describe_counter!(
        "clinic_http_requests_total",
        "Requests by route, method and status"
    );
    ::metrics::describe_histogram!("clinic_http_request_seconds", "Time to answer by route");
    ::metrics::describe_counter!(
        "clinic_graphql_operations_total",
        "GraphQL operations by name, type, outcome and code, whatever brings them"
    );
    ::metrics::describe_histogram!(
        "clinic_graphql_operation_seconds",
        "Time to answer a GraphQL query or mutation by type"
    );
    ::metrics::describe_counter!(
        "clinic_token_guesses_total",
        "Wrong tokens: those that were compared, and those that came too fast to be"
    );
    ::metrics::describe_counter!(
        "clinic_oidc_tokens_total",
        "Tokens of the clinic's identity provider that callers brought, by whether they were believed"
    );
    ::metrics::describe_gauge!("clinic_websocket_connections", "WebSockets that are open");
    ::metrics::describe_gauge!("clinic_subscriptions", "Subscriptions that run");
    ::metrics::describe_gauge!("clinic_subscriptions_cost", "What they cost together");
    ::metrics::describe_counter!(
        "clinic_event_answers_total",
        "Answers to events by how they came: made, or shared with whoever asked the same"
    );
    ::metrics::describe_counter!(
        "clinic_hold_attempts_total",
        "Transactions that tried to hold a time"
    );
    ::metrics::describe_counter!(
        "clinic_appointments_total",
        "Appointments by the status they reached"
    );
    ::metrics::describe_counter!(
        "clinic_transaction_retries_total",
        "Transactions that lost a race and were run again, by what they do"
    );
    ::metrics::describe_counter!(
        "clinic_worker_failures_total",
        "Times a worker in the background has ended or panicked, and began anew; must be 0"
    );
    ::metrics::describe_gauge!(
        "clinic_outbox_backlog",
        "Appointments not settled with the scheduling service"
    );
    ::metrics::describe_gauge!(
        "clinic_outbox_oldest_seconds",
        "For how long the oldest of them has been due"
    );
    ::metrics::describe_gauge!(
        "clinic_outbox_failing",
        "Those of them that fail again and again, and wait apart from the others"
    );
    ::metrics::describe_counter!(
        "clinic_audit_sealed_total",
        "Rows of the audit trail that this server has sealed"
    );
    ::metrics::describe_counter!(
        "clinic_audit_failures_total",
        "Times that rows of the audit trail could not be written; must be 0"
    );
    ::metrics::describe_gauge!(
        "clinic_unsettled_outside",
        "Appointments that have ended here and may still stand at the scheduling service"
    );
    ::metrics::describe_counter!(
        "clinic_ended_unsettled_total",
        "Appointments whose time came before the scheduling service had answered, by the status they ended in"
    );
    ::metrics::describe_gauge!(
        "clinic_reconcile_forgotten",
        "Visits that the scheduling service holds and this database has forgotten; must be 0"
    );
    ::metrics::describe_counter!(
        "clinic_reconcile_days_total",
        "Days of the book compared with the scheduling service's, by outcome"
    );
    ::metrics::describe_gauge!(
        "clinic_reconcile_differences",
        "Visits to come that the scheduling service's book has otherwise; must be 0"
    );
    ::metrics::describe_gauge!(
        "clinic_time_zone_data_info",
        "Always 1; its version is the release of the time zone rules in this build"
    );
    ::metrics::gauge!("clinic_time_zone_data_info", "version" => zone_data_version()).set(1.0);
    ::metrics::describe_gauge!(
        "clinic_database_rules_missing",
        "What the database lacks that keeps bookings apart: no booking is taken; must be 0"
    );
    begin_at_zero();
    Ok(handle)
}

/// What can be told before anything has happened: a rate that begins with the first fault misses
/// it.
fn begin_at_zero() {
    for kind in ["query", "mutation", "subscription"] {
        let labels =
            [("operation", "(anonymous)"), ("type", kind), ("outcome", "ok"), ("code", "")];
        ::metrics::counter!("clinic_graphql_operations_total", &labels).increment(0);
    }
    for kind in ["query", "mutation"] {
        drop(::metrics::histogram!("clinic_graphql_operation_seconds", "type" => kind));
    }
    for (method, route, status) in
        [("POST", "/graphql", "200"), ("POST", "/appointment", "201"), ("GET", "/readyz", "200")]
    {
        let labels = [("method", method), ("route", route), ("status", status)];
        ::metrics::counter!("clinic_http_requests_total", &labels).increment(0);
        drop(::metrics::histogram!("clinic_http_request_seconds", "route" => route));
    }
    for status in AppointmentStatus::ALL {
        ::metrics::counter!("clinic_appointments_total", "status" => status.as_str()).increment(0);
        if status == AppointmentStatus::Confirmed || status.is_final() {
            ::metrics::counter!("clinic_ended_unsettled_total", "status" => status.as_str())
                .increment(0);
        }
    }
    for outcome in ["wrong", "throttled"] {
        ::metrics::counter!("clinic_token_guesses_total", "outcome" => outcome).increment(0);
    }
    for outcome in ["signed_in", "wrong", "throttled", "failed"] {
        ::metrics::counter!("clinic_sign_ins_total", "outcome" => outcome).increment(0);
    }
    for outcome in ["believed", "refused"] {
        ::metrics::counter!("clinic_oidc_tokens_total", "outcome" => outcome).increment(0);
    }
    for counter in
        ["clinic_hold_attempts_total", "clinic_audit_sealed_total", "clinic_audit_failures_total"]
    {
        ::metrics::counter!(counter).increment(0);
    }
    for gauge in
        ["clinic_websocket_connections", "clinic_subscriptions", "clinic_subscriptions_cost"]
    {
        ::metrics::gauge!(gauge).set(0.0);
    }
    ::metrics::describe_counter!(
        "clinic_trace_spans_total",
        "Spans of traces by whether their receiver took them"
    );
    for outcome in ["sent", "lost"] {
        ::metrics::counter!("clinic_trace_spans_total", "outcome" => outcome).increment(0);
    }
    for how in ["made", "shared"] {
        ::metrics::counter!("clinic_event_answers_total", "how" => how).increment(0);
    }
    ::metrics::gauge!("clinic_reconcile_differences").set(0.0);
    ::metrics::gauge!("clinic_database_rules_missing").set(0.0);
    ::metrics::gauge!("clinic_reconcile_forgotten").set(0.0);
    for outcome in ["compared", "failed"] {
        ::metrics::counter!("clinic_reconcile_days_total", "outcome" => outcome).increment(0);
    }
    for transaction in TRANSACTIONS {
        ::metrics::counter!("clinic_transaction_retries_total", "transaction" => transaction)
            .increment(0);
    }
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
