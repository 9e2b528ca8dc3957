//! `clinic schema`.

use std::io::Write as _;

/// Prints the GraphQL schema, byte for byte what `schema.graphql` holds.
pub(super) fn run() {
    drop(std::io::stdout().write_all(crate::graphql::sdl().as_bytes()));
}
