//! What each metric means, in a line: Prometheus shows it beside the name.

use ::metrics::{describe_counter, describe_gauge, describe_histogram};

/// The counters, each with its line.
const COUNTERS: &[(&str, &str)] = &[
    ("clinic_http_requests_total", "Requests by route, method and status"),
    (
        "clinic_graphql_operations_total",
        "GraphQL operations by name, type, outcome and code, whatever brings them",
    ),
    (
        "clinic_token_guesses_total",
        "Wrong tokens: those that were compared, and those that came too fast to be",
    ),
    (
        "clinic_oidc_tokens_total",
        "Tokens of the clinic's identity provider that callers brought, by whether they were believed",
    ),
    ("clinic_trace_spans_total", "Spans of traces by whether their receiver took them"),
    (
        "clinic_event_answers_total",
        "Answers to events by how they came: made, or shared with whoever asked the same",
    ),
    ("clinic_hold_attempts_total", "Transactions that tried to hold a time"),
    ("clinic_holds_total", "Times that were held by a token, by what became of it"),
    ("clinic_waitlist_offers_total", "Times that this server has offered to those who wait"),
    ("clinic_mail_attempts_total", "Attempts to send a mail, by what they came to"),
    ("clinic_mails_total", "Mail that was sent, kept, dropped or given up, by what it tells"),
    ("clinic_webhook_attempts_total", "Attempts to tell a webhook endpoint, by what they came to"),
    ("clinic_appointments_total", "Appointments by the status they reached"),
    (
        "clinic_transaction_retries_total",
        "Transactions that lost a race and were run again, by what they do",
    ),
    (
        "clinic_worker_failures_total",
        "Times a worker in the background has ended or panicked, and began anew; must be 0",
    ),
    ("clinic_audit_sealed_total", "Rows of the audit trail that this server has sealed"),
    (
        "clinic_audit_failures_total",
        "Times that rows of the audit trail could not be written; must be 0",
    ),
    (
        "clinic_ended_unsettled_total",
        "Appointments whose time came before the scheduling service had answered, by the status they ended in",
    ),
    (
        "clinic_reconcile_days_total",
        "Days of the book compared with the scheduling service's, by outcome",
    ),
    ("clinic_sign_ins_total", "Tries to sign in, by what came of them"),
    ("clinic_scheduler_calls_total", "Calls of the scheduling service, and what each came to"),
];

/// The gauges, each with its line.
const GAUGES: &[(&str, &str)] = &[
    ("clinic_websocket_connections", "WebSockets that are open"),
    ("clinic_subscriptions", "Subscriptions that run"),
    ("clinic_subscriptions_cost", "What they cost together"),
    ("clinic_mail_pending", "Mail that is to be sent"),
    (
        "clinic_mail_oldest_pending_seconds",
        "How long ago the mail that waits longest was tried first, or was to be",
    ),
    ("clinic_webhook_pending", "Messages that are to be told to webhook endpoints"),
    (
        "clinic_webhook_oldest_pending_seconds",
        "How long ago what waits longest was tried first, or was to be",
    ),
    (
        "clinic_webhook_endpoints_switched_off",
        "Webhook endpoints that were switched off because they failed",
    ),
    ("clinic_waitlist_waiting", "Those on the waitlist who are offered nothing at the moment"),
    ("clinic_outbox_backlog", "Appointments not settled with the scheduling service"),
    ("clinic_outbox_oldest_seconds", "For how long the oldest of them has been due"),
    (
        "clinic_outbox_failing",
        "Those of them that fail again and again, and wait apart from the others",
    ),
    (
        "clinic_unsettled_outside",
        "Appointments that have ended here and may still stand at the scheduling service",
    ),
    (
        "clinic_reconcile_forgotten",
        "Visits that the scheduling service holds and this database has forgotten; must be 0",
    ),
    (
        "clinic_reconcile_differences",
        "Visits to come that the scheduling service's book has otherwise; must be 0",
    ),
    (
        "clinic_time_zone_data_info",
        "Always 1; its version is the release of the time zone rules in this build",
    ),
    (
        "clinic_database_rules_missing",
        "What the database lacks that keeps bookings apart: no booking is taken; must be 0",
    ),
    ("clinic_ready", "Whether the server can serve, as /readyz says: 1 or 0"),
    (
        "clinic_outbox_waiting_seconds",
        "For how long the visit has waited that has waited longest for the scheduling service",
    ),
    (
        "clinic_scheduler_breaker_open",
        "1 while the scheduling service is not called as usual, because it kept failing for everybody or for one provider",
    ),
    (
        "clinic_database_connections_in_use",
        "Connections of the database that somebody uses, by pool",
    ),
    ("clinic_database_connections_limit", "Connections of the database that there may be, by pool"),
    (
        "clinic_audit_unsealed",
        "Rows of the audit trail that wait for their seal, counted up to 10000",
    ),
    ("clinic_audit_unsealed_oldest_seconds", "For how long the oldest of them has waited"),
    ("clinic_live_connections", "WebSockets and event streams that are open"),
    ("clinic_live_connections_limit", "How many of them there may be"),
    ("clinic_subscriptions_cost_limit", "What subscriptions may cost together"),
    ("clinic_build_info", "Always 1; its version is that of the server"),
    ("process_start_time_seconds", "When the process started, in seconds since 1970"),
];

/// The histograms, each with its line.
const HISTOGRAMS: &[(&str, &str)] = &[
    ("clinic_http_request_seconds", "Time to answer by route"),
    ("clinic_graphql_operation_seconds", "Time to answer a GraphQL query or mutation by type"),
    (
        "clinic_scheduler_call_seconds",
        "Time that a call of the scheduling service took, by call; those that were not made are left out",
    ),
    (
        "clinic_database_begin_seconds",
        "Time until a transaction had begun: its turn, a connection and BEGIN",
    ),
];

/// Describes all there are.
pub(super) fn describe() {
    for (name, line) in COUNTERS {
        describe_counter!(*name, *line);
    }
    for (name, line) in GAUGES {
        describe_gauge!(*name, *line);
    }
    for (name, line) in HISTOGRAMS {
        describe_histogram!(*name, *line);
    }
}
