//! What one request may ask for. The settings are described in `docs/limits.md`.

use std::num::NonZeroUsize;
use std::time::Duration;

/// What one request may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request that is sent in a body or a message.
    pub body_bytes: usize,
    /// Words, numbers, strings and punctuators of a document.
    pub tokens: usize,
    /// Brackets inside one another in a document or in its variables, and selections inside one
    /// another, those that fragments bring included.
    pub nesting: usize,
    /// Fields inside one another.
    pub depth: usize,
    /// Fields of a document, fragments written out.
    pub fields: usize,
    /// Fields of an operation that have another name in the answer, fragments written out.
    pub aliases: usize,
    /// Fields of an operation that lie in no other, fragments written out.
    pub root_fields: usize,
    /// Directives of an operation, fragments written out.
    pub directives: usize,
    /// Cost of an operation: about the rows that are read for it, were its lists as long as they may be.
    pub cost: usize,
    /// Values that an answer may hold about the schema itself, estimated.
    pub introspection: usize,
    /// How long a query may run. A mutation has the budgets of the booking instead.
    pub time: Duration,
    /// Documents that are remembered by their hash.
    pub persisted_queries: NonZeroUsize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 64 * 1024,
            tokens: 2000,
            nesting: 64,
            depth: 20,
            fields: 2000,
            aliases: 50,
            root_fields: 20,
            directives: 50,
            cost: 5000,
            introspection: 1_000_000,
            time: Duration::from_secs(10),
            persisted_queries: NonZeroUsize::new(1000).unwrap_or(NonZeroUsize::MIN),
        }
    }
}
