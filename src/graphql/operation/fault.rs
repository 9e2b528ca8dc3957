//! What is wrong with a request, in the words of its answer.

use async_graphql::Pos;

/// One thing that is wrong with a document or its variables. It never holds a value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) struct Fault {
    /// What is wrong, in one sentence.
    pub(in crate::graphql) message: String,
    /// Where in the document, if it is there.
    pub(in crate::graphql) at: Option<Pos>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    pub(super) fn at(message: impl Into<String>, at: Pos) -> Self {
        Self { message: message.into(), at: Some(at) }
    }
}
