//! The schema as requests meet it, with the time that an answer may take.

use std::sync::Arc;

use async_graphql::Response;

use super::forbidden::told_once;
use super::gate::{AdmittedRequest, Limits, within};
use super::live::{LiveOperation, Means, SharedAnswers};
use super::loaders::Loaders;
use super::schema::builder;
use crate::access::Actor;
use crate::services::Services;

/// The schema with everything that answers it.
#[derive(Clone)]
pub struct ClinicSchema(Means);

impl ClinicSchema {
    pub(super) fn new(services: &Services, limits: &Limits) -> Self {
        Self(Means {
            schema: builder().data(services.clone()).finish(),
            services: services.clone(),
            answers: Arc::new(SharedAnswers::default()),
            time: limits.time,
        })
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
        let Means { schema, time, .. } = &self.0;
        // Large, and moved about: it has a place of its own.
        let answer = Box::pin(schema.execute(request.data(actor).data(loaders).data(notes)));
        told_once(if stoppable { within(*time, answer).await } else { answer.await })
    }

    /// Begins a subscription of `actor`; none where it has no field that would be run.
    ///
    /// # Errors
    ///
    /// The answer that says why it does not begin.
    pub async fn subscribe(
        &self,
        admitted: AdmittedRequest,
        actor: Actor,
    ) -> Result<Option<LiveOperation>, Box<Response>> {
        LiveOperation::begin(self.0.clone(), admitted, actor).await
    }
}
