//! Settings of the GraphQL door.

use std::num::NonZeroUsize;

use super::reader::Reader;
use crate::graphql::gate::Limits;

const MOST_PERSISTED_QUERIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

impl Reader<'_> {
    /// What one request may ask for. The upper bounds keep the parser's stack and the work of one
    /// request small; see `docs/limits.md`.
    pub(super) fn graphql_limits(&mut self) -> Limits {
        let usual = Limits::default();
        Limits {
            body_bytes: self.within("GRAPHQL_MAX_BODY_BYTES", usual.body_bytes, 1024, 1024 * 1024),
            tokens: self.within("GRAPHQL_MAX_TOKENS", usual.tokens, 100, 20_000),
            nesting: self.within("GRAPHQL_MAX_NESTING", usual.nesting, 10, 64),
            depth: self.within("GRAPHQL_MAX_DEPTH", usual.depth, 5, 64),
            fields: self.within("GRAPHQL_MAX_FIELDS", usual.fields, 10, 20_000),
            aliases: self.within("GRAPHQL_MAX_ALIASES", usual.aliases, 0, 1000),
            root_fields: self.within("GRAPHQL_MAX_ROOT_FIELDS", usual.root_fields, 1, 1000),
            directives: self.within("GRAPHQL_MAX_DIRECTIVES", usual.directives, 0, 1000),
            cost: self.within("GRAPHQL_MAX_COST", usual.cost, 100, 1_000_000),
            introspection: self.within(
                "GRAPHQL_MAX_INTROSPECTION",
                usual.introspection,
                0,
                10_000_000,
            ),
            time: self.milliseconds("GRAPHQL_MAX_TIME_MS", 10_000),
            persisted_queries: self.within(
                "GRAPHQL_PERSISTED_QUERIES",
                usual.persisted_queries,
                NonZeroUsize::MIN,
                MOST_PERSISTED_QUERIES,
            ),
        }
    }
}
