//! The parameters of a request, and what is made of them.

use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, Variables};
use serde_json::{Map, Value as Json};

use super::documents::ParsedDocuments;
use super::hash::hash_in;
use super::limits::Limits;
use super::operations::Operations;
use super::refusal::GateRefusal;
use super::root_fields::count_root_fields;
use crate::graphql::notes::Notes;
use crate::request::ErrorCode;

/// A request that the schema may run.
pub struct AdmittedRequest {
    /// The request, parsed, without its text.
    pub(in crate::graphql) request: Request,
    pub(in crate::graphql) text: Arc<str>,
    /// What will be run; none where that is not known.
    operation: Option<OperationType>,
    /// What the document calls it.
    name: Option<String>,
    /// The fields of a mutation that will run, each a change of its own.
    changes: usize,
    pub(in crate::graphql) notes: Notes,
}

impl AdmittedRequest {
    /// Whether it may have more than one answer.
    pub fn is_subscription(&self) -> bool {
        self.operation == Some(OperationType::Subscription)
    }

    /// Whether it changes something.
    pub fn is_mutation(&self) -> bool {
        self.operation == Some(OperationType::Mutation)
    }

    /// The type of what will be run; none where that is not known.
    pub fn operation_type(&self) -> Option<OperationType> {
        self.operation
    }

    /// What the document calls it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
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

    /// The same request with an idempotency key that came beside the document. It counts for the
    /// one change that the request makes, unless that has its own.
    ///
    /// # Errors
    ///
    /// [`GateRefusal`] where there are several changes: one key is not enough.
    pub fn with_key(self, key: Option<String>) -> Result<Self, GateRefusal> {
        match (&key, self.changes) {
            (None, _) | (_, 0) => Ok(self),
            (Some(_), 1) => Ok(Self { notes: Notes::with_key(key), ..self }),
            (Some(_), many) => Err(GateRefusal::bad_request(format!(
                "The header Idempotency-Key counts for one mutation, and this request has {many}: \
                 give each an idempotencyKey in its input instead"
            ))),
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

    /// Every check that needs no schema, and then the request for it.
    pub(super) fn admit(
        self,
        documents: &ParsedDocuments,
        limits: &Limits,
        operations: Operations,
    ) -> Result<AdmittedRequest, GateRefusal> {
        let Self { query, hash, operation_name, variables } = self;
        let came_with_its_hash = hash.as_deref().filter(|_| query.is_some());
        let document = documents.find(hash.as_deref(), query, limits)?;
        if variables.values().any(|value| is_deeper(value, limits.nesting)) {
            let what = "levels in its variables";
            return Err(GateRefusal::too_many(what, limits.nesting, "GRAPHQL_MAX_NESTING"));
        }
        // Which of several operations is meant may not be known; executing will say so.
        let operation = chosen_operation(&document.parsed, operation_name.as_deref());
        if let Some((_, operation)) = operation {
            operations.permit(operation.ty)?;
            if let Some(name) = lacking_variable(operation, &variables) {
                let message = format!("The variable ${name} must have a value and has none");
                return Err(GateRefusal::new(ErrorCode::GraphqlValidationFailed, message));
            }
        }
        let name = operation.and_then(|(name, _)| name).map(ToString::to_string);
        let changes = match operation {
            Some((_, operation)) if operation.ty == OperationType::Mutation => {
                count_root_fields(&document.parsed, operation, &variables)
            }
            _ => 0,
        };
        let operation = operation.map(|(_, operation)| operation.ty);
        if let Some(hash) = came_with_its_hash {
            documents.remember(hash, &document);
        }
        // Parsed already: the library shows the text to extensions only, of which none looks.
        let mut request = Request::new("").variables(Variables::from_json(Json::Object(variables)));
        request.operation_name = operation_name;
        request.set_parsed_query(Arc::unwrap_or_clone(document.parsed));
        let (text, notes) = (document.text, Notes::default());
        Ok(AdmittedRequest { request, text, operation, name, changes, notes })
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

/// The operation that will be run, as the library finds it: the one that is named, or the only one.
fn chosen_operation<'a>(
    document: &'a ExecutableDocument,
    operation_name: Option<&str>,
) -> Option<(Option<&'a Name>, &'a OperationDefinition)> {
    match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), _) => Some((None, &operation.node)),
        (DocumentOperations::Multiple(operations), Some(name)) => operations
            .get_key_value(&Name::new(name))
            .map(|(name, operation)| (Some(name), &operation.node)),
        // Also an operation that has a name and is the only one.
        (DocumentOperations::Multiple(operations), None) => {
            let only = operations.iter().next().filter(|_| operations.len() == 1);
            only.map(|(name, operation)| (Some(name), &operation.node))
        }
    }
}

/// A variable that may not be null and is: the library would let each field that uses it find
/// out, and answer those that do not.
fn lacking_variable<'a>(
    operation: &'a OperationDefinition,
    variables: &Map<String, Json>,
) -> Option<&'a str> {
    let mut definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    let lacking = definitions.find(|definition| {
        !definition.var_type.node.nullable
            && definition.default_value.is_none()
            && variables.get(definition.name.node.as_str()).is_none_or(Json::is_null)
    });
    lacking.map(|definition| definition.name.node.as_str())
}
