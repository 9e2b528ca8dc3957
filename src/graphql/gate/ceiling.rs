//! The limits that only the schema can look at: what an operation costs, how long a query runs.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation,
};
use async_graphql::{Response, ServerError, ValidationResult};

use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// Holds every operation of a schema below its cost, and what answers it below its time: a query,
/// each event of a subscription. It must not meet a mutation that runs, which is never stopped.
#[derive(Debug, Clone, Copy)]
pub(in crate::graphql) struct Ceilings {
    cost: usize,
    time: Duration,
}

impl Ceilings {
    pub(in crate::graphql) fn new(limits: &Limits) -> Self {
        Self { cost: limits.cost, time: limits.time }
    }
}

impl ExtensionFactory for Ceilings {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_trait::async_trait]
impl Extension for Ceilings {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(context).await?;
        if valid.complexity <= self.cost {
            return Ok(valid);
        }
        let message = format!(
            "The operation costs {}: at most {} is served (GRAPHQL_MAX_COST). \
             Ask for shorter pages, or for less of each item",
            valid.complexity, self.cost
        );
        Err(GateRefusal::new(ErrorCode::QueryTooComplex, message).into_errors())
    }

    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        within(self.time, next.run(context, operation_name)).await
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
