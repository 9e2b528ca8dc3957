//! Callers of each role, at the use cases: past the doors, which decide nothing.

use async_graphql::Response;
use clinic::access::{Actor, Caller, Role};
use clinic::domain::{ProviderId, TokenId};
use clinic::graphql::gate::{AdmittedRequest, Gate, Limits, Operations};
use clinic::graphql::{ClinicSchema, LiveOperation, Loaders, batched};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use serde_json::{Value, json};

use super::app::TestApp;

/// A caller in that role: a machine with a token of its own.
pub(crate) fn caller(role: Role, provider: Option<ProviderId>) -> Actor {
    let id = TokenId::generate(jiff::Timestamp::UNIX_EPOCH);
    Actor::new(Caller::Token { id, name: "a test".into() }, role, provider)
}

/// The same caller, in another role by now.
pub(crate) fn now_a(actor: &Actor, role: Role, provider: Option<ProviderId>) -> Actor {
    Actor::new(actor.caller.clone(), role, provider)
}

impl TestApp {
    fn read(&self, query: &str, variables: &Value) -> (AdmittedRequest, ClinicSchema) {
        let usual = Limits::default();
        let most = (1_000_000, 20_000, 20_000, 1000);
        let (cost, tokens, fields, aliases) = most;
        let gate = Gate::open(Limits { cost, tokens, fields, aliases, ..usual }).unwrap();
        let schema = clinic::graphql::schema(&self.services, gate.limits());
        let request = json!({ "query": query, "variables": variables });
        let admitted = gate.admit(request, Operations::All);
        let admitted = admitted.map_err(|refusal| refusal.code().as_str());
        (admitted.unwrap_or_else(|code| panic!("{code}: {query}")), schema)
    }

    /// A query or a mutation of that caller.
    pub(crate) async fn ask_as(&self, actor: &Actor, query: &str, variables: Value) -> Value {
        serde_json::to_value(self.response_to(actor, query, variables).await).unwrap()
    }

    /// The same, in the order of its fields.
    pub(crate) async fn response_to(
        &self,
        actor: &Actor,
        query: &str,
        variables: Value,
    ) -> async_graphql::Response {
        let (request, schema) = self.read(query, &variables);
        let loaders = Loaders::new(self.services.clone(), actor.clone());
        batched(schema.execute(request, actor.clone(), loaders)).await
    }

    /// What that caller is told by a subscription.
    pub(crate) fn follow_as(&self, actor: &Actor, query: &str) -> BoxStream<'static, Value> {
        let (request, schema) = self.read(query, &json!({}));
        let actor = actor.clone();
        let begun = async move { schema.subscribe(request, actor).await };
        stream::once(begun).flat_map(told).boxed()
    }
}

/// What a subscription tells that has begun, or why it has not.
fn told(begun: Result<Option<LiveOperation>, Box<Response>>) -> BoxStream<'static, Value> {
    let operation = match begun {
        Ok(operation) => operation,
        Err(refusal) => {
            let refusal = serde_json::to_value(refusal).unwrap();
            return stream::iter([refusal]).boxed();
        }
    };
    let next = |operation: Option<LiveOperation>| async {
        let mut operation = operation?;
        while operation.wait().await {
            if let Some(event) = operation.take().await {
                let answer = operation.answer(&event).await;
                return Some((serde_json::from_str(&answer.text).unwrap(), Some(operation)));
            }
        }
        None
    };
    stream::unfold(operation, next).boxed()
}
