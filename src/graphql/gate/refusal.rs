//! Why a request is not run, in the words of its answer.

use async_graphql::{Pos, ServerError};

use crate::request::ErrorCode;

/// Why a request is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRefusal {
    code: ErrorCode,
    message: String,
    locations: Vec<Pos>,
}

impl GateRefusal {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new() }
    }

    pub(super) fn too_many(what: &str, most: usize, setting: &str) -> Self {
        let message =
            format!("The request has too many {what}: at most {most} are served ({setting})");
        Self::new(ErrorCode::QueryTooComplex, message)
    }

    /// A request that is not well-formed.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// A request for more than is served.
    pub fn too_complex(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::QueryTooComplex, message)
    }

    /// The same, and where in the document it is.
    pub(super) fn at(self, locations: impl IntoIterator<Item = Pos>) -> Self {
        Self { locations: locations.into_iter().collect(), ..self }
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Whether it is no request at all: even who takes nothing but a stream is told by the status.
    pub fn is_malformed(&self) -> bool {
        matches!(self.code, ErrorCode::BadRequest | ErrorCode::MethodNotAllowed)
    }

    /// What is wrong, and what to do.
    pub(super) fn into_message(self) -> String {
        self.message
    }

    /// The refusal as an error of an answer, its code in `extensions.code`.
    pub fn into_error(self) -> ServerError {
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        error.extensions.get_or_insert_with(Default::default).set("code", self.code.as_str());
        error
    }
}
