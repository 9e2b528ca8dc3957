//! The gate before the schema: every request, whatever brings it, is read, weighed and parsed here
//! before anything is validated or run.
//!
//! HTTP, WebSocket and server-sent events differ in how a request arrives and in how a refusal is
//! said; what is admitted is the same for all of them.

mod ceiling;
mod hash;
mod inspect;
mod inspected;
mod limits;
mod manifest;
mod operations;
mod persisted;
mod refusal;
mod request;
mod scan;
mod weigh;

use serde_json::Value as Json;

use self::inspected::Inspected;
use self::persisted::Documents;

pub(super) use ceiling::{Ceilings, within};
pub use limits::Limits;
pub use manifest::{Manifest, ManifestError};
pub use operations::Operations;
pub use refusal::GateRefusal;
pub use request::Admitted;

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
    /// [`GateRefusal`], before anything was run.
    pub fn admit(&self, request: Json, operations: Operations) -> Result<Admitted, GateRefusal> {
        request::Parameters::read(request)?.admit(
            &self.documents,
            &self.inspected,
            &self.limits,
            operations,
        )
    }
}
