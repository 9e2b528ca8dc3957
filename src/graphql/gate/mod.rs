//! The gate before the schema: every request, whatever brings it, is read, parsed, weighed and
//! validated here before anything is run.
//!
//! HTTP, WebSocket and server-sent events differ in how a request arrives and in how a refusal is
//! said; what is admitted is the same for all of them.

mod ceiling;
mod documents;
mod hash;
mod inspect;
mod limits;
mod manifest;
mod operations;
mod refusal;
mod request;
mod scan;
mod shelf;
mod weigh;

use std::path::Path;

use serde_json::Value as Json;

use self::documents::ParsedDocuments;
use self::inspect::Inspector;
use self::manifest::Manifest;
use super::operation::ServedSchema;

pub(super) use ceiling::within;
pub use limits::Limits;
pub use manifest::ManifestError;
pub use operations::Operations;
pub use refusal::GateRefusal;
pub use request::{AdmittedRequest, RecordedOperation};

pub use super::operation::SchemaError;

/// Decides which requests reach the schema.
pub struct Gate {
    inspector: Inspector,
    documents: ParsedDocuments,
}

impl Gate {
    /// A gate for every document within the limits.
    ///
    /// # Errors
    ///
    /// [`SchemaError`]: a bug.
    pub fn open(limits: Limits) -> Result<Self, SchemaError> {
        let documents = ParsedDocuments::of_all(limits.persisted_queries);
        let suggesting = limits.introspection > 0;
        let inspector = Inspector { schema: ServedSchema::get()?, limits, suggesting };
        Ok(Self { inspector, documents })
    }

    /// A gate for the documents of a list, and for no others; without a list, for every document.
    ///
    /// # Errors
    ///
    /// [`ManifestError`]: the list can't be used.
    pub fn read(limits: Limits, list: Option<&Path>) -> Result<Self, ManifestError> {
        let Some(path) = list else { return Ok(Self::open(limits)?) };
        let list = Manifest::read(path, &limits)?;
        tracing::info!("Serving the {} GraphQL operations of the list, and no others", list.len());
        let inspector = Inspector { schema: ServedSchema::get()?, limits, suggesting: false };
        Ok(Self { inspector, documents: ParsedDocuments::of_list(list) })
    }

    /// What one request may ask for.
    pub fn limits(&self) -> &Limits {
        &self.inspector.limits
    }

    /// Reads one request, `{query, operationName, variables, extensions}`, and makes of it what
    /// the schema can run: valid with its variables, and found to ask for no more than is served.
    ///
    /// # Errors
    ///
    /// [`GateRefusal`], before anything was run.
    pub fn admit(
        &self,
        request: Json,
        operations: Operations,
    ) -> Result<AdmittedRequest, GateRefusal> {
        request::Parameters::read(request)?.admit(&self.documents, &self.inspector, operations)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_remembered_by_its_hash_once_it_was_admitted() {
        let gate = Gate::open(Limits::default()).unwrap();
        let document = "mutation { cancelAppointment(input: { id: 1 }) { __typename } }";
        let extensions = json!({
            "persistedQuery": { "version": 1, "sha256Hash": hash::hash(document) }
        });
        let by_hash = json!({ "extensions": extensions });
        let both = json!({ "query": document, "extensions": extensions });
        let code = |request: &Json, operations| {
            gate.admit(request.clone(), operations).err().map(|refusal| refusal.code())
        };
        let unknown = Some(crate::request::ErrorCode::PersistedQueryNotFound);
        let refused = Some(crate::request::ErrorCode::MethodNotAllowed);
        assert_eq!(code(&by_hash, Operations::All), unknown);
        assert_eq!(code(&both, Operations::Queries), refused);
        assert_eq!(code(&by_hash, Operations::All), unknown);
        assert_eq!(code(&both, Operations::All), None);
        assert_eq!(code(&by_hash, Operations::All), None);
        assert_eq!(code(&by_hash, Operations::Queries), refused);
    }
}
