//! The mocked service's part of a trace, so that both sides of a call are seen.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Span};

use crate::traces::TraceParent;
use crate::traces::spans::{self, Answer};

/// A span below that of the caller.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let span = span_of(&request);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    spans::answered(&span, Answer { status, code: None, is_failure: status >= 500 });
    response
}

fn span_of(request: &Request) -> Span {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let caller = header("traceparent").and_then(TraceParent::parse);
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    // The key names the call, as an id of a request would.
    let key = header("idempotency-key").unwrap_or_default();
    spans::request(request.method().as_str(), route, key, caller.as_ref())
}
