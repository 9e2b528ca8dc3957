//! `clinic schema`.

/// Prints the GraphQL schema, byte for byte what `schema.graphql` holds.
pub(super) fn run() {
    #[expect(clippy::print_stdout, reason = "a command's output")]
    {
        print!("{}", crate::graphql::sdl());
    }
}
