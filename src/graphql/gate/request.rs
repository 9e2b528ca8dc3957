//! The parameters of a request, and what is made of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use serde_json::{Map, Value as Json};

use super::documents::ParsedDocuments;
use super::hash::hash_in;
use super::inspect::Inspector;
use super::operations::Operations;
use super::refusal::GateRefusal;
use crate::audit::Answered;
use crate::graphql::notes::Notes;
use crate::graphql::operation::{OperationFault, PreparedOperation, WrittenOperation};

/// A request that the schema may run.
pub struct AdmittedRequest {
    /// The operation as it is run, without its text and its variables.
    pub(in crate::graphql) request: Request,
    /// What it was made of.
    operation: Arc<PreparedOperation>,
    /// The fields of a mutation that will run, each a change of its own.
    changes: usize,
    pub(in crate::graphql) cost: usize,
    pub(in crate::graphql) notes: Notes,
}

impl AdmittedRequest {
    /// Whether it may have more than one answer.
    pub fn is_subscription(&self) -> bool {
        self.operation.ty() == OperationType::Subscription
    }

    /// Whether it changes something.
    pub fn is_mutation(&self) -> bool {
        self.operation.ty() == OperationType::Mutation
    }

    /// The type of what will be run.
    pub fn operation_type(&self) -> OperationType {
        self.operation.ty()
    }

    /// What the document calls it.
    pub fn name(&self) -> Option<&str> {
        self.operation.name()
    }

    /// What is written down of it where its answer shows patients' data. Worked out when it is.
    pub fn asked(&self) -> RecordedOperation {
        RecordedOperation(Arc::clone(&self.operation))
    }

    /// How many fields of a mutation will run: equal ones are one, and what a directive leaves out
    /// is none.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// What goes with it beside its document.
    pub fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// The same request with what came beside the document: whether it is from the page of the front desk, and
    /// an idempotency key, which counts for the one change that the request makes, unless that has its own.
    ///
    /// # Errors
    ///
    /// [`GateRefusal`] where there are several changes: one key is not enough.
    pub fn sent(self, key: Option<String>, from_desk: bool) -> Result<Self, GateRefusal> {
        match (&key, self.changes) {
            (None, _) | (_, 0 | 1) => Ok(Self { notes: Notes::on(key, from_desk), ..self }),
            (Some(_), many) => Err(GateRefusal::bad_request(format!(
                "The header Idempotency-Key counts for one mutation, and this request has {many}: \
                 give each an idempotencyKey in its input instead"
            ))),
        }
    }
}

/// What was asked, for the audit trail.
#[derive(Clone)]
pub struct RecordedOperation(Arc<PreparedOperation>);

impl From<RecordedOperation> for Answered {
    fn from(RecordedOperation(operation): RecordedOperation) -> Self {
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(" ");
        let kind = match operation.ty() {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        let name = operation.name().map(|name| name.chars().take(64).collect::<String>());
        let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
        Self {
            operation: format!("{kind} {}{name}", list(operation.names_at_root())),
            fields: list(operation.fields_of_patients()),
        }
    }
}

/// The parameters of a request, well-formed.
pub(super) struct Parameters {
    query: Option<String>,
    /// SHA-256 of the document.
    hash: Option<String>,
    operation_name: Option<String>,
    variables: Map<String, Json>,
}

impl Parameters {
    pub(super) fn read(request: Json) -> Result<Self, GateRefusal> {
        let Json::Object(mut request) = request else {
            let message = "A request must be one JSON object; batches are not served";
            return Err(GateRefusal::bad_request(message));
        };
        let object = |value: Option<Json>| match value {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(object)) => Ok(object),
            Some(_) => {
                Err(GateRefusal::bad_request("variables and extensions must be JSON objects"))
            }
        };
        let operation_name = match request.remove("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name),
            Some(_) => return Err(GateRefusal::bad_request("operationName must be a string")),
        };
        let variables = object(request.remove("variables"))?;
        let hash = hash_in(&object(request.remove("extensions"))?)?;
        let query = match request.remove("query") {
            None | Some(Json::Null) => None,
            // Some clients write it so where the hash stands for it.
            Some(Json::String(query)) if query.is_empty() && hash.is_some() => None,
            Some(Json::String(query)) => Some(query),
            Some(_) => {
                let message = "query must be a string: the GraphQL document";
                return Err(GateRefusal::bad_request(message));
            }
        };
        Ok(Self { query, hash, operation_name, variables })
    }

    /// Everything that can be found out before anything runs, and then the request for it.
    pub(super) fn admit(
        self,
        documents: &ParsedDocuments,
        inspector: &Inspector,
        operations: Operations,
    ) -> Result<AdmittedRequest, GateRefusal> {
        let Self { query, hash, operation_name, variables } = self;
        let Inspector { schema, limits, suggesting } = inspector;
        let came_with_its_hash = hash.as_deref().filter(|_| query.is_some());
        if variables.values().any(|value| is_deeper(value, limits.nesting)) {
            let what = "levels in its variables";
            return Err(GateRefusal::too_many(what, limits.nesting, "GRAPHQL_MAX_NESTING"));
        }
        let document = documents.find(hash.as_deref(), query, inspector)?;
        let not_valid = |fault| GateRefusal::not_valid(vec![fault]);
        let chosen = document.valid.operation(operation_name.as_deref()).map_err(not_valid)?;
        let operation = PreparedOperation::new(
            Arc::clone(schema),
            Arc::clone(&document.valid),
            chosen.clone(),
            limits.fields,
        );
        operations.permit(operation.ty())?;
        let operation = operation.with(&variables, *suggesting).map_err(GateRefusal::not_valid)?;
        let written = operation.write().map_err(|fault| match fault {
            OperationFault::Invalid(fault) => not_valid(fault),
            OperationFault::TooManyFields => {
                GateRefusal::too_many("fields", limits.fields, "GRAPHQL_MAX_FIELDS")
            }
        })?;
        let WrittenOperation { request, cost } = written;
        if cost > limits.cost {
            return Err(GateRefusal::too_dear(cost, limits.cost));
        }
        if let Some(hash) = came_with_its_hash {
            documents.remember(hash, &document);
        }
        let changes =
            if operation.ty() == OperationType::Mutation { operation.root_fields() } else { 0 };
        let operation = Arc::new(operation);
        Ok(AdmittedRequest { request, operation, changes, cost, notes: Notes::default() })
    }
}

/// Whether a value has more than `most` lists and objects inside one another.
fn is_deeper(value: &Json, most: usize) -> bool {
    match value {
        Json::Array(_) | Json::Object(_) if most == 0 => true,
        Json::Array(items) => items.iter().any(|item| is_deeper(item, most - 1)),
        Json::Object(fields) => fields.values().any(|field| is_deeper(field, most - 1)),
        _ => false,
    }
}
