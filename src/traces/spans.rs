//! Every span there can be, with the names of the semantic conventions of OpenTelemetry
//! (<https://opentelemetry.io/docs/specs/semconv/>).

use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use super::{TARGET, TraceParent, otel};

/// Where what is being done here stands in a trace, if it is traced.
pub fn current() -> Option<TraceParent> {
    otel::current()
}

/// What machines ask every few seconds, which would be most of all traces.
const UNTRACED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// A request to one of our doors, below what its caller says it belongs to.
pub fn request(method: &str, route: &str, request_id: &str, caller: Option<&TraceParent>) -> Span {
    if UNTRACED.contains(&route) {
        return Span::none();
    }
    let span = tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        clinic.request_id = request_id,
        http.response.status_code = Empty,
        graphql.operation.type = Empty,
        graphql.operation.name = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    );
    if let Some(caller) = caller {
        otel::continue_from(&span, caller);
    }
    span
}

/// What a request was answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status of HTTP.
    pub status: u16,
    /// The code of what was refused or failed.
    pub code: Option<&'a str>,
    /// Whether the fault is ours.
    pub is_failure: bool,
}

/// A request has been answered. What goes on because of it still belongs to it.
pub fn answered(span: &Span, answer: Answer<'_>) {
    span.record("http.response.status_code", answer.status);
    if let Some(code) = answer.code {
        span.record("error.type", code);
    }
    if answer.is_failure {
        span.record("otel.status_code", "ERROR");
    }
    otel::end(span);
}

/// The GraphQL operation that a request is about.
pub fn operation(span: &Span, kind: Option<&str>, name: Option<&str>) {
    if let Some(kind) = kind {
        span.record("graphql.operation.type", kind);
    }
    if let Some(name) = name {
        span.record("graphql.operation.name", name);
    }
}

/// What is done with the outside service about one appointment, long after it was asked for perhaps, below what
/// asked for it.
pub fn settling(asked_for_by: Option<&TraceParent>) -> Span {
    let span = tracing::info_span!(
        target: TARGET,
        "settle",
        otel.kind = "consumer",
        messaging.system = "clinic.outbox",
        messaging.operation.name = "settle",
    );
    if let Some(parent) = asked_for_by {
        otel::continue_from(&span, parent);
    }
    span
}

/// A transaction, all its tries included.
pub fn transaction(system: &'static str, name: &'static str) -> Span {
    within(|| {
        tracing::info_span!(
            target: TARGET,
            "transaction",
            otel.name = format!("transaction {name}"),
            db.system.name = system,
            clinic.transaction = name,
        )
    })
}

/// Waiting for a connection, and the beginning of a transaction on it.
pub fn begin(system: &'static str) -> Span {
    within(
        || tracing::info_span!(target: TARGET, "BEGIN", otel.kind = "client", db.system.name = system),
    )
}

/// The end of a transaction: until what it wrote is stored.
pub fn commit(system: &'static str) -> Span {
    within(
        || tracing::info_span!(target: TARGET, "COMMIT", otel.kind = "client", db.system.name = system),
    )
}

/// A statement that has been answered, by what it does and to which table: neither its text nor its values.
pub fn statement(system: &'static str, sql: &str, took: Duration, failed: bool) {
    otel::statement(system, sql, took, failed);
}

/// A call to the outside service. `route` is the pattern of its path.
pub fn outside_call(method: &str, route: &str, host: &str, port: Option<u16>) -> Span {
    within(|| {
        tracing::info_span!(
            target: TARGET,
            "call",
            otel.name = format!("{method} {route}"),
            otel.kind = "client",
            http.request.method = method,
            url.template = route,
            server.address = host,
            server.port = port,
            http.response.status_code = Empty,
            error.type = Empty,
            otel.status_code = Empty,
        )
    })
}

/// What became of a call to the outside service: a status, or why there is none.
pub fn called(span: &Span, status: Result<u16, &str>) {
    match status {
        Ok(status) => {
            span.record("http.response.status_code", status);
            if status >= 400 {
                span.record("error.type", status.to_string());
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(cause) => {
            span.record("error.type", cause);
            span.record("otel.status_code", "ERROR");
        }
    }
}

/// Of what works in the background for nobody, every look at the database would be a trace of its own.
fn within(span: impl FnOnce() -> Span) -> Span {
    if otel::is_traced() { span() } else { Span::none() }
}
