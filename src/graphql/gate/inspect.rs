//! From the text of a document to one that is valid, if it is within the limits.

use std::sync::Arc;

use super::limits::Limits;
use super::refusal::GateRefusal;
use super::scan::scan;
use super::weigh::weigh;
use crate::graphql::operation::{ParsedDocument, ServedSchema, ValidDocument};

/// Judges documents, always by the same schema and the same limits.
#[derive(Debug, Clone)]
pub(super) struct Inspector {
    pub(super) schema: Arc<ServedSchema>,
    pub(super) limits: Limits,
    /// Whether clients may be told names of the schema: those that may introspect it.
    pub(super) suggesting: bool,
}

impl Inspector {
    /// A document that is valid, if it asks for no more than is served. Each step is bounded by the
    /// one before: nothing deep is parsed, nothing large is validated.
    pub(super) fn inspect(&self, text: &str) -> Result<ValidDocument, GateRefusal> {
        scan(text, &self.limits)?;
        let parsed = ParsedDocument::parse(text).map_err(GateRefusal::not_parsed)?;
        weigh(parsed.ast(), &self.limits)?;
        parsed.validate(&self.schema, self.suggesting).map_err(GateRefusal::not_valid)
    }
}
