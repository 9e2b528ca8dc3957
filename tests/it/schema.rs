//! The GraphQL schema is a contract: it changes only on purpose.

#[test]
fn schema_graphql_is_what_the_program_serves() {
    let stored = include_str!("../../schema.graphql");
    assert!(
        clinic::graphql::sdl() == stored,
        "the schema has changed: run `cargo run -- schema > schema.graphql` and look at the difference"
    );
}
