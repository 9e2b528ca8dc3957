//! Series that are there before anything has happened: a rate that begins with the first fault misses it.

use crate::db::TRANSACTIONS;
use crate::domain::{AppointmentStatus, MailKind, MailOutcome, MailStatus, WebhookOutcome};

/// The routes that matter most, each with the status of an answer that is well. What fails of them is told
/// from the first answer on.
const ROUTES: [(&str, &str, &str); 9] = [
    ("POST", "/graphql", "200"),
    ("GET", "/graphql/ws", "101"),
    ("POST", "/appointment", "201"),
    ("GET", "/appointment/{id}", "200"),
    ("POST", "/appointment/{id}/cancel", "200"),
    ("POST", "/appointment/{id}/reschedule", "200"),
    ("GET", "/appointments", "200"),
    ("GET", "/slots", "200"),
    ("GET", "/readyz", "200"),
];

/// Begins all whose labels are known.
pub(super) fn begin_at_zero() {
    begin_requests();
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
    for outcome in ["made", "redeemed", "released"] {
        ::metrics::counter!("clinic_holds_total", "outcome" => outcome).increment(0);
    }
    for counter in [
        "clinic_hold_attempts_total",
        "clinic_waitlist_offers_total",
        "clinic_audit_sealed_total",
        "clinic_audit_failures_total",
    ] {
        ::metrics::counter!(counter).increment(0);
    }
    for gauge in [
        "clinic_websocket_connections",
        "clinic_subscriptions",
        "clinic_waitlist_waiting",
        "clinic_mail_pending",
        "clinic_mail_oldest_pending_seconds",
        "clinic_webhook_pending",
        "clinic_webhook_oldest_pending_seconds",
        "clinic_webhook_endpoints_switched_off",
        "clinic_subscriptions_cost",
        "clinic_reconcile_differences",
        "clinic_reconcile_forgotten",
        "clinic_database_rules_missing",
    ] {
        ::metrics::gauge!(gauge).set(0.0);
    }
    for outcome in WebhookOutcome::ALL {
        let outcome = outcome.as_str();
        ::metrics::counter!("clinic_webhook_attempts_total", "outcome" => outcome).increment(0);
    }
    for outcome in MailOutcome::ALL {
        let outcome = outcome.as_str();
        ::metrics::counter!("clinic_mail_attempts_total", "outcome" => outcome).increment(0);
    }
    for kind in MailKind::ALL {
        for status in MailStatus::ALL.iter().filter(|status| **status != MailStatus::Pending) {
            let (kind, status) = (kind.as_str(), status.as_str());
            ::metrics::counter!("clinic_mails_total", "kind" => kind, "status" => status)
                .increment(0);
        }
    }
    for outcome in ["sent", "lost"] {
        ::metrics::counter!("clinic_trace_spans_total", "outcome" => outcome).increment(0);
    }
    for how in ["made", "shared"] {
        ::metrics::counter!("clinic_event_answers_total", "how" => how).increment(0);
    }
    for outcome in ["compared", "failed"] {
        ::metrics::counter!("clinic_reconcile_days_total", "outcome" => outcome).increment(0);
    }
    for transaction in TRANSACTIONS {
        ::metrics::counter!("clinic_transaction_retries_total", "transaction" => transaction)
            .increment(0);
    }
    for to in ["read", "write"] {
        drop(::metrics::histogram!("clinic_database_begin_seconds", "to" => to));
    }
}

fn begin_requests() {
    for kind in ["query", "mutation", "subscription"] {
        let labels =
            [("operation", "(anonymous)"), ("type", kind), ("outcome", "ok"), ("code", "")];
        ::metrics::counter!("clinic_graphql_operations_total", &labels).increment(0);
    }
    for kind in ["query", "mutation"] {
        drop(::metrics::histogram!("clinic_graphql_operation_seconds", "type" => kind));
    }
    for (method, route, well) in ROUTES {
        for status in [well, "500", "503"] {
            let labels = [("method", method), ("route", route), ("status", status)];
            ::metrics::counter!("clinic_http_requests_total", &labels).increment(0);
        }
        drop(::metrics::histogram!("clinic_http_request_seconds", "route" => route));
    }
}
