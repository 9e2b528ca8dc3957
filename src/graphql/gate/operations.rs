//! Which operations a way in may run.

use async_graphql::parser::types::OperationType;

use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// The operations that a way in may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// Queries: `GET`.
    Queries,
    /// Queries and mutations: what one answer can tell.
    QueriesAndMutations,
    /// All, subscriptions too: what can be answered many times.
    All,
}

impl Operations {
    pub(super) fn permit(self, operation: OperationType) -> Result<(), GateRefusal> {
        match (self, operation) {
            (Self::Queries, OperationType::Mutation | OperationType::Subscription) => {
                let message = "GET serves queries only; send this with POST";
                Err(GateRefusal::new(ErrorCode::MethodNotAllowed, message))
            }
            (Self::QueriesAndMutations, OperationType::Subscription) => {
                let message = "A subscription has many answers: send it over the WebSocket, /graphql/ws, \
                               or accept text/event-stream";
                Err(GateRefusal::new(ErrorCode::GraphqlValidationFailed, message))
            }
            _ => Ok(()),
        }
    }
}
