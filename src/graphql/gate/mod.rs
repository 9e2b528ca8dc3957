//! The gate before the schema: every request, whatever brings it, is read, weighed and parsed here
//! before anything is validated or run.
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
mod root_fields;
mod scan;
mod shelf;
mod weigh;

use serde_json::Value as Json;

use self::documents::ParsedDocuments;

pub(super) use ceiling::{Ceilings, within};
pub use limits::Limits;
pub use manifest::{Manifest, ManifestError};
pub use operations::Operations;
pub use refusal::GateRefusal;
pub use request::AdmittedRequest;

/// Decides which requests reach the schema.
pub struct Gate {
    limits: Limits,
    documents: ParsedDocuments,
}

impl Gate {
    /// A gate for every document within the limits.
    pub fn open(limits: Limits) -> Self {
        let documents = ParsedDocuments::of_all(limits.persisted_queries);
        Self { limits, documents }
    }

    /// A gate for the documents of a list, and for no others.
    pub fn for_listed(limits: Limits, manifest: Manifest) -> Self {
        Self { limits, documents: ParsedDocuments::of_list(manifest) }
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
    /// [`GateRefusal`], before anything was run.
    pub fn admit(
        &self,
        request: Json,
        operations: Operations,
    ) -> Result<AdmittedRequest, GateRefusal> {
        request::Parameters::read(request)?.admit(&self.documents, &self.limits, operations)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_remembered_by_its_hash_once_it_was_admitted() {
        let gate = Gate::open(Limits::default());
        let document = "mutation { a }";
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
