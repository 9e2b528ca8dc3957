//! The parameters of a request, and what is made of them.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, Variables};
use serde_json::{Map, Value as Json};

use super::guard::{self, nests_too_deep, weigh};
use super::{Operations, Refusal};
use crate::booking::ErrorCode;

/// The parameters of a request, well-formed.
pub(super) struct Parameters {
    query: String,
    operation_name: Option<String>,
    variables: Map<String, Json>,
}

impl Parameters {
    pub(super) fn read(body: Json) -> Result<Self, Refusal> {
        let Json::Object(mut body) = body else {
            let message = "The body must be one JSON object; batches are not served";
            return Err(Refusal::bad_request(message));
        };
        let object = |value: Option<Json>| match value {
            None | Some(Json::Null) => Ok(Map::new()),
            Some(Json::Object(object)) => Ok(object),
            Some(_) => Err(Refusal::bad_request("variables and extensions must be JSON objects")),
        };
        let operation_name = match body.remove("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name),
            Some(_) => return Err(Refusal::bad_request("operationName must be a string")),
        };
        let variables = object(body.remove("variables"))?;
        object(body.remove("extensions"))?;
        match body.remove("query") {
            Some(Json::String(query)) => Ok(Self { query, operation_name, variables }),
            _ => Err(Refusal::bad_request("query must be a string: the GraphQL document")),
        }
    }

    pub(super) fn prepare(self, operations: Operations) -> Result<Request, Refusal> {
        if nests_too_deep(&self.query) {
            let message = "The document is nested too deep";
            return Err(Refusal::new(ErrorCode::QueryTooComplex, message));
        }
        let document = parse_query(&self.query).map_err(|_syntax| {
            Refusal::new(ErrorCode::GraphqlParseFailed, "The document is not valid GraphQL")
        })?;
        weigh(&document).map_err(|refused| match refused {
            guard::Refusal::TooMany { .. } => {
                Refusal::new(ErrorCode::QueryTooComplex, refused.to_string())
            }
            guard::Refusal::Circle => {
                Refusal::new(ErrorCode::GraphqlValidationFailed, refused.to_string())
            }
        })?;
        // Which of several operations is meant may not be known; executing will say so.
        if let Some(operation) = chosen_operation(&document, self.operation_name.as_deref()) {
            permit(operation.ty, operations)?;
            if lacks_a_variable(operation, &self.variables) {
                let message = "A variable that must have a value has none";
                return Err(Refusal::new(ErrorCode::GraphqlValidationFailed, message));
            }
        }
        let mut request =
            Request::new(self.query).variables(Variables::from_json(Json::Object(self.variables)));
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        Ok(request)
    }
}

fn permit(operation: OperationType, operations: Operations) -> Result<(), Refusal> {
    match (operations, operation) {
        (Operations::Queries, OperationType::Mutation | OperationType::Subscription) => {
            let message = "GET serves queries only; send this with POST";
            Err(Refusal::new(ErrorCode::MethodNotAllowed, message))
        }
        (Operations::QueriesAndMutations, OperationType::Subscription) => {
            let message = "A subscription has many answers: send it over the WebSocket, /graphql/ws, \
                           or accept text/event-stream";
            Err(Refusal::new(ErrorCode::GraphqlValidationFailed, message))
        }
        _ => Ok(()),
    }
}

fn chosen_operation<'a>(
    document: &'a ExecutableDocument,
    operation_name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let chosen = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(&Name::new(name)),
        (DocumentOperations::Multiple(_), None) => None,
    };
    chosen.map(|operation| &operation.node)
}

/// Whether a variable that may not be null is: the library would let each field that uses it find
/// out, and answer those that do not.
fn lacks_a_variable(operation: &OperationDefinition, variables: &Map<String, Json>) -> bool {
    operation.variable_definitions.iter().map(|definition| &definition.node).any(|definition| {
        !definition.var_type.node.nullable
            && definition.default_value.is_none()
            && variables.get(definition.name.node.as_str()).is_none_or(Json::is_null)
    })
}
