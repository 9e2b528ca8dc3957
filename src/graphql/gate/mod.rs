//! The gate before the schema: every request, whatever brings it, is read, weighed and parsed here
//! before anything is validated or run.
//!
//! HTTP, WebSocket and server-sent events differ in how a request arrives and in how a refusal is
//! said; what is admitted is the same for all of them.

mod ceiling;
mod inspected;
mod limits;
mod manifest;
mod persisted;
mod request;
mod scan;
mod weigh;

use async_graphql::{Pos, ServerError};
use serde_json::Value as Json;

use self::inspected::Inspected;
use self::persisted::Documents;
use crate::booking::ErrorCode;

pub(super) use ceiling::{Ceilings, within};
pub use limits::Limits;
pub use manifest::{Manifest, ManifestError};
pub use request::Admitted;

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

/// Why a request is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    code: ErrorCode,
    message: String,
    locations: Vec<Pos>,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new() }
    }

    fn too_many(what: &str, most: usize, setting: &str) -> Self {
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

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The refusal as an error of an answer, its code in `extensions.code`.
    pub fn into_error(self) -> ServerError {
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        error.extensions.get_or_insert_with(Default::default).set("code", self.code.as_str());
        error
    }
}

/// Decides which requests reach the schema.
pub struct Gate {
    limits: Limits,
    documents: Documents,
    inspected: Inspected,
}

impl Gate {
    /// A gate for every document within the limits.
    pub fn open(limits: Limits) -> Self {
        let documents = Documents::remembered(limits.persisted_queries);
        Self { limits, documents, inspected: Inspected::new() }
    }

    /// A gate for the documents of a list, and for no others.
    pub fn for_listed(limits: Limits, manifest: Manifest) -> Self {
        Self { limits, documents: Documents::Listed(manifest), inspected: Inspected::new() }
    }

    /// What one request may ask for.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads one request, `{query, operationName, variables, extensions}`, and makes of it what
    /// the schema can run: parsed, and found to ask for no more than is served.
    ///
    /// # Errors
    ///
    /// [`Refusal`], before anything was run.
    pub fn admit(&self, request: Json, operations: Operations) -> Result<Admitted, Refusal> {
        request::Parameters::read(request)?.admit(self, operations)
    }
}
