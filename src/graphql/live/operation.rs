//! A subscription that runs.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Selection};
use async_graphql::{Request, Response};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::answers::{Alike, EventAnswer, Membership, SharedAnswers};
use super::followed::{Event, Followed};
use super::part::{Beginning, Part};
use crate::access::{Actor, Rights};
use crate::graphql::forbidden::told_once;
use crate::graphql::gate::{AdmittedRequest, within};
use crate::graphql::library::batched;
use crate::graphql::loaders::Loaders;
use crate::graphql::schema::RootSchema;
use crate::services::Services;

/// What subscriptions are run with.
#[derive(Clone)]
pub(in crate::graphql) struct Means {
    pub(in crate::graphql) schema: RootSchema,
    pub(in crate::graphql) services: Services,
    pub(in crate::graphql) answers: Arc<SharedAnswers>,
    /// How long the answer to one event may take to be made.
    pub(in crate::graphql) time: Duration,
}

/// A subscription that runs.
pub struct LiveOperation {
    means: Means,
    followed: Followed,
    /// What is asked of each event.
    document: ExecutableDocument,
    rights: Rights,
    share: Membership,
    since: Instant,
    cost: usize,
}

impl LiveOperation {
    /// Begins it; none where it has no field that would be run, or the answer that says why it does not begin.
    pub(in crate::graphql) async fn begin(
        means: Means,
        admitted: AdmittedRequest,
        actor: Actor,
    ) -> Result<Option<Self>, Box<Response>> {
        let since = Instant::now();
        let AdmittedRequest { mut request, cost, .. } = admitted;
        let asked = request.parsed_query();
        let asked = asked.map_err(|error| Box::new(Response::from_errors(vec![error])))?;
        let document = of_each_event(asked.clone());
        let rights = actor.rights();
        let loaders = Loaders::new(means.services.clone(), actor.clone());
        let beginning = Arc::new(Beginning::default());
        let request = request.data(actor).data(loaders).data(Part::Begin(Arc::clone(&beginning)));
        let mut refusals = means.schema.execute_stream(request);
        if let Some(refusal) = batched(refusals.next()).await {
            return Err(Box::new(told_once(refusal)));
        }
        let Some(followed) = beginning.followed() else { return Ok(None) };
        let share = means.answers.join(Alike::of(rights, &format!("{document:?}")));
        Ok(Some(Self { means, followed, document, rights, share, since, cost }))
    }

    /// What it costs: each of its events at most so much.
    pub fn cost(&self) -> usize {
        self.cost
    }

    /// Waits until there may be something to tell, and asks nobody for it; false where there never will be.
    pub async fn wait(&mut self) -> bool {
        self.followed.wait().await
    }

    /// The next event, if there is one now.
    pub async fn take(&mut self) -> Option<Event> {
        self.followed.take().await
    }

    /// What is told of an event: the same to all who ask the same with the same rights.
    pub async fn answer(&self, event: &Event) -> Arc<EventAnswer> {
        let of = (event.position(), event.read_at());
        self.share.answer(of, self.since, self.make(event)).await
    }

    /// Made for nobody in particular, so that nothing of whoever is told first can be in it.
    async fn make(&self, event: &Event) -> EventAnswer {
        let Means { schema, services, time, .. } = &self.means;
        let actor = Actor::anybody_with(self.rights);
        let loaders = Loaders::new(services.clone(), actor.clone());
        let mut request = Request::new("");
        request.set_parsed_query(self.document.clone());
        let request = request.data(actor.clone()).data(loaders).data(Part::Tell(event.clone()));
        let mut told = schema.execute_stream(request);
        let told = async { told.next().await.unwrap_or_default() };
        let answer = told_once(within(*time, batched(told)).await);
        EventAnswer::of(answer, actor.take_seen())
    }
}

/// The operation without the arguments at its root: they say which events, and not what is told of them.
fn of_each_event(mut document: ExecutableDocument) -> ExecutableDocument {
    let operations = match &mut document.operations {
        DocumentOperations::Single(one) => vec![one],
        DocumentOperations::Multiple(many) => many.values_mut().collect(),
    };
    for operation in operations {
        for selection in &mut operation.node.selection_set.node.items {
            if let Selection::Field(field) = &mut selection.node {
                field.node.arguments.clear();
            }
        }
    }
    document
}
