//! How long a query runs at most, and what answers one event of a subscription.

use std::time::Duration;

use async_graphql::Response;

use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// The answer, or that it took longer than the time and was stopped.
pub(in crate::graphql) async fn within(
    time: Duration,
    answer: impl Future<Output = Response>,
) -> Response {
    match tokio::time::timeout(time, answer).await {
        Ok(response) => response,
        Err(_elapsed) => {
            let message = format!(
                "The query ran longer than {} ms and was stopped (GRAPHQL_MAX_TIME_MS). \
                 Ask for less, or again a little later",
                time.as_millis()
            );
            let refusal = GateRefusal::new(ErrorCode::Unavailable, message);
            Response::from_errors(refusal.into_errors())
        }
    }
}
