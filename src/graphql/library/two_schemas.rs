//! The schema as requests meet it, with the time that an answer may take: built twice.
//!
//! Only an extension can tell the time that an event of a subscription takes from the time between
//! two, and one extension makes the library pass each field and each item of a list through all
//! extensions. Queries and mutations need not pay for that: they are run by a schema that has none.

use std::time::Duration;

use async_graphql::Response;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use crate::access::Actor;
use crate::graphql::forbidden::told_once;
use crate::graphql::gate::{AdmittedRequest, Ceiling, Limits, within};
use crate::graphql::loaders::Loaders;
use crate::graphql::schema::{RootSchema, builder};
use crate::services::Services;

/// The schema with everything that answers it, twice.
#[derive(Clone)]
pub struct ClinicSchema {
    /// Runs queries and mutations.
    quick: RootSchema,
    /// Runs subscriptions.
    watched: RootSchema,
    /// How long a query may run.
    time: Duration,
}

impl ClinicSchema {
    pub(in crate::graphql) fn new(services: &Services, limits: &Limits) -> Self {
        let build = || builder().data(services.clone());
        Self {
            quick: build().finish(),
            watched: build().extension(Ceiling::new(limits)).finish(),
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
        let AdmittedRequest { request, notes, .. } = admitted;
        // Large, and moved about: it has a place of its own.
        let answer = Box::pin(self.quick.execute(request.data(actor).data(loaders).data(notes)));
        told_once(if stoppable { within(self.time, answer).await } else { answer.await })
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
