//! Why a request is not run, in the words of its answer.

use async_graphql::ServerError;

use crate::graphql::operation::Fault;
use crate::request::ErrorCode;

/// Why a request is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateRefusal {
    code: ErrorCode,
    /// What is wrong, one thing at least.
    faults: Vec<Fault>,
    /// Seconds after which the same may be asked again, where it helps to wait.
    retry_after: Option<u64>,
}

impl GateRefusal {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let faults = vec![Fault { message: message.into(), at: None }];
        Self { code, faults, retry_after: None }
    }

    pub(super) fn too_many(what: &str, most: usize, setting: &str) -> Self {
        let message =
            format!("The request has too many {what}: at most {most} are served ({setting})");
        Self::new(ErrorCode::QueryTooComplex, message)
    }

    /// An operation that costs more than is served.
    pub(super) fn too_dear(cost: usize, most: usize) -> Self {
        let message = format!(
            "The operation costs {cost}: at most {most} is served (GRAPHQL_MAX_COST). \
             Ask for shorter pages, or for less of each item"
        );
        Self::new(ErrorCode::QueryTooComplex, message)
    }

    /// A document that does not fit the schema, or variables that don't.
    pub(super) fn not_valid(faults: Vec<Fault>) -> Self {
        Self { code: ErrorCode::GraphqlValidationFailed, faults, retry_after: None }
    }

    pub(super) fn not_parsed(fault: Fault) -> Self {
        Self { code: ErrorCode::GraphqlParseFailed, faults: vec![fault], retry_after: None }
    }

    /// A request that is not well-formed.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    /// A request for more than is served.
    pub fn too_complex(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::QueryTooComplex, message)
    }

    /// A request for which there is no room now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }

    /// A request for more than a caller may have now.
    pub fn rate_limited(message: impl Into<String>, retry_after: u64) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// Seconds after which the same may be asked again, where it helps to wait.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Whether it is no request at all: even who takes nothing but a stream is told by the status.
    pub fn is_malformed(&self) -> bool {
        matches!(self.code, ErrorCode::BadRequest | ErrorCode::MethodNotAllowed)
    }

    /// What is wrong first, and what to do.
    pub(super) fn into_message(self) -> String {
        self.faults.into_iter().next().map(|fault| fault.message).unwrap_or_default()
    }

    /// The refusal as errors of an answer, its code in the `extensions.code` of each.
    pub fn into_errors(self) -> Vec<ServerError> {
        let code = self.code;
        let error = |fault: Fault| {
            let mut error = ServerError::new(fault.message, fault.at);
            error.extensions.get_or_insert_with(Default::default).set("code", code.as_str());
            error
        };
        self.faults.into_iter().map(error).collect()
    }
}
