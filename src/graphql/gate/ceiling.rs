//! The limits that only the schema can look at: what an operation costs, how long a query runs.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextExecute, NextValidation,
};
use async_graphql::{Response, ServerError, ValidationResult};

use super::{Limits, Refusal};
use crate::booking::ErrorCode;

/// What a request brings with it from the gate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceiling {
    cost: usize,
    /// None for a mutation, which is not stopped in the middle of what it does.
    time: Option<Duration>,
}

impl Ceiling {
    pub(super) fn new(limits: &Limits, stoppable: bool) -> Self {
        Self { cost: limits.cost, time: stoppable.then_some(limits.time) }
    }
}

/// Holds each request below its own [`Ceiling`].
#[derive(Debug, Clone, Copy)]
pub(in crate::graphql) struct Ceilings;

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
        match context.data_opt::<Ceiling>() {
            Some(ceiling) if valid.complexity > ceiling.cost => {
                let message = format!(
                    "The operation costs {}: at most {} is served (GRAPHQL_MAX_COST). \
                     Ask for shorter pages, or for less of each item",
                    valid.complexity, ceiling.cost
                );
                Err(vec![Refusal::new(ErrorCode::QueryTooComplex, message).into_error()])
            }
            _ => Ok(valid),
        }
    }

    async fn execute(
        &self,
        context: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        let Some(time) = context.data_opt::<Ceiling>().and_then(|ceiling| ceiling.time) else {
            return next.run(context, operation_name).await;
        };
        match tokio::time::timeout(time, next.run(context, operation_name)).await {
            Ok(response) => response,
            Err(_elapsed) => {
                let message = format!(
                    "The query ran longer than {} ms and was stopped (GRAPHQL_MAX_TIME_MS). \
                     Ask for less, or again a little later",
                    time.as_millis()
                );
                let error = Refusal::new(ErrorCode::Unavailable, message).into_error();
                Response::from_errors(vec![error])
            }
        }
    }
}
