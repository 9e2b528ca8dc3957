//! The schema as requests meet it, with the limits that only a schema can look at: built twice, and
//! the two told apart by a sentence of the library.
//!
//! To say what an operation costs takes an extension, and one extension makes the library pass each
//! field and each item of a list through all extensions, which most requests need not pay. So one
//! schema has none and stops what costs too much with the library's own limit; for that there is no
//! code, only the English message [`TOO_COMPLEX`]. Who is answered with it is asked again of the
//! other, which knows the cost.
//!
//! Were the sentence another one day, nothing more would be run than is now: clients would read the
//! library's words without our code. `tests/it/cost.rs` fails then.

use std::time::Duration;

use async_graphql::{Response, Value};
use futures_util::stream::{self, BoxStream, StreamExt as _};

use crate::access::Actor;
use crate::graphql::forbidden::told_once;
use crate::graphql::gate::{AdmittedRequest, Ceilings, Limits, within};
use crate::graphql::loaders::Loaders;
use crate::graphql::schema::{RootSchema, builder};
use crate::services::Services;

/// What the library says of an operation that costs too much, and nothing else of it.
const TOO_COMPLEX: &str = "Query is too complex.";

/// The schema with everything that answers it, twice.
#[derive(Clone)]
pub struct ClinicSchema {
    /// Runs queries and mutations.
    quick: RootSchema,
    /// Runs subscriptions, for only an extension can tell an event's time from the time between
    /// two; and says what is wrong with what the other one has refused for its cost.
    watched: RootSchema,
    /// How long a query may run.
    time: Duration,
}

impl ClinicSchema {
    pub(in crate::graphql) fn new(services: &Services, limits: &Limits) -> Self {
        let build = || builder().data(services.clone());
        Self {
            quick: build().limit_complexity(limits.cost).finish(),
            watched: build().extension(Ceilings::new(limits)).finish(),
            time: limits.time,
        }
    }

    /// Answers a query or a mutation.
    pub async fn execute(
        &self,
        admitted: AdmittedRequest,
        actor: Actor,
        loaders: Loaders,
    ) -> Response {
        let stoppable = !admitted.is_mutation();
        let AdmittedRequest { request, operation, notes, .. } = admitted;
        // Large, and moved about: each of the two has a place of its own.
        let answer = Box::pin(self.quick.execute(request.data(actor).data(loaders).data(notes)));
        let response = if stoppable { within(self.time, answer).await } else { answer.await };
        if !is_too_complex(&response) {
            return told_once(response);
        }
        // Neither what it costs nor what else is wrong with it, which clients are told first.
        match operation.write() {
            Ok(again) => Box::pin(self.watched.execute(again)).await,
            // It was written before.
            Err(_fault) => response,
        }
    }

    /// Answers any operation: the events of a subscription, or the one answer to another.
    pub fn execute_stream(
        &self,
        admitted: AdmittedRequest,
        actor: Actor,
        loaders: Loaders,
    ) -> BoxStream<'static, Response> {
        if admitted.is_subscription() {
            let events = self.watched.execute_stream(admitted.request.data(actor).data(loaders));
            return events.map(told_once).boxed();
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
