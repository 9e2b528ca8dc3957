//! The schema as requests meet it: with the limits that only a schema can look at.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response, Schema, Value};
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::gate::{Admitted, Ceilings, Limits, within};
use super::{Loaders, Mutation, Query, Subscription, builder};
use crate::booking::{Actor, BookingService};

/// What the library says of an operation that costs too much.
const TOO_COMPLEX: &str = "Query is too complex.";

/// The schema with everything that answers it, twice: a single extension makes the library pass
/// each field and each item of a list through all extensions, and most requests need none.
#[derive(Clone)]
pub struct ClinicSchema {
    /// Runs queries and mutations.
    quick: Schema<Query, Mutation, Subscription>,
    /// Runs subscriptions, for only an extension can tell an event's time from the time between
    /// two; and says what is wrong with what the other one has refused for its cost.
    watched: Schema<Query, Mutation, Subscription>,
    /// How long a query may run.
    time: Duration,
}

impl ClinicSchema {
    pub(super) fn new(service: &Arc<BookingService>, limits: &Limits) -> Self {
        let build = || builder().data(Arc::clone(service));
        Self {
            quick: build().limit_complexity(limits.cost).finish(),
            watched: build().extension(Ceilings::new(limits)).finish(),
            time: limits.time,
        }
    }

    /// Answers a query or a mutation.
    pub async fn execute(&self, admitted: Admitted, actor: Actor, loaders: Loaders) -> Response {
        let stoppable = !admitted.is_mutation();
        let Admitted { request, text, .. } = admitted;
        let (variables, name) = (request.variables.clone(), request.operation_name.clone());
        // Large, and moved about: each of the two has a place of its own.
        let answer = Box::pin(self.quick.execute(request.data(actor).data(loaders)));
        let response = if stoppable { within(self.time, answer).await } else { answer.await };
        if !is_too_complex(&response) {
            return response;
        }
        // Neither what it costs nor what else is wrong with it, which clients are told first.
        let mut again = Request::new(&*text).variables(variables);
        again.operation_name = name;
        Box::pin(self.watched.execute(again)).await
    }

    /// Answers any operation: the events of a subscription, or the one answer to another.
    pub fn execute_stream(
        &self,
        admitted: Admitted,
        actor: Actor,
        loaders: Loaders,
    ) -> BoxStream<'static, Response> {
        if admitted.is_subscription() {
            return self.watched.execute_stream(admitted.request.data(actor).data(loaders));
        }
        let schema = self.clone();
        stream::once(async move { schema.execute(admitted, actor, loaders).await }).boxed()
    }
}

/// Whether the library has refused an operation for its cost, before it ran.
fn is_too_complex(response: &Response) -> bool {
    let refused = |error: &async_graphql::ServerError| {
        error.path.is_empty() && error.extensions.is_none() && error.message == TOO_COMPLEX
    };
    response.data == Value::Null && matches!(response.errors.as_slice(), [error] if refused(error))
}
