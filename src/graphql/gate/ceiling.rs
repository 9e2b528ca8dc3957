//! How long a query runs at most, and what answers one event of a subscription.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};

use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// Holds below its time whatever a schema answers at once: a query, each event of a subscription. It
/// must not meet a mutation that runs, which is never stopped.
#[derive(Debug, Clone, Copy)]
pub(in crate::graphql) struct Ceiling(Duration);

impl Ceiling {
    pub(in crate::graphql) fn new(limits: &Limits) -> Self {
        Self(limits.time)
    }
}

impl ExtensionFactory for Ceiling {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for Ceiling {
    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        within(self.0, next.run(context, operation_name)).await
    }
}

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
