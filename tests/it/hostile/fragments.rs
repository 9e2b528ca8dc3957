//! Fragments that turn in circles and multiply, and questions about the schema that do.

use serde_json::json;

use super::case::Case;
use super::documents::many;

const COMPLEX: &str = "QUERY_TOO_COMPLEX";
const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

pub(super) fn cases() -> Vec<Case> {
    [fragments(), introspection()].into_iter().flatten().collect()
}

/// Fragments in circles, in chains, and multiplying.
fn fragments() -> Vec<Case> {
    let ring = |length: usize| {
        let link = |n: usize| format!(" fragment f{n} on Query {{ ...f{} }}", (n + 1) % length);
        format!("{{ ...f0 }}{}", many(length, link))
    };
    let bomb = |times: usize, levels: usize, last: &str| {
        let level = |n: usize| {
            let next = format!("...f{} ", n + 1).repeat(times);
            format!(" fragment f{n} on Query {{ {next} }}")
        };
        format!("{{ ...f0 }}{}{last}", many(levels, level))
    };
    let end = |n: usize| format!(" fragment f{n} on Query {{ __typename }}");
    let chain = |length: usize| bomb(1, length, &end(length));
    let from_the_end =
        format!("{{ {} }} {}", many(100, |n| format!("...f{} ", 100 - n)), &chain(100)[9..]);
    vec![
        Case::refused("a fragment that spreads itself", ring(1), INVALID),
        Case::refused("a circle of two", ring(2), INVALID),
        Case::refused("a circle of fifty", ring(50), INVALID),
        Case::refused("a circle of a hundred", ring(100), COMPLEX),
        Case::refused(
            "a circle through a field",
            "{ ...a } fragment a on Query { node(id: 1) { ...b } } fragment b on Node { ... on Query { ...a } }",
            INVALID,
        ),
        Case::refused(
            "a circle that nobody spreads",
            "{ __typename } fragment a on Query { ...b } fragment b on Query { ...a }",
            INVALID,
        ),
        Case::refused("a bomb of twos", bomb(2, 30, &end(30)), COMPLEX),
        Case::refused("a bomb of threes", bomb(3, 15, &end(15)), COMPLEX),
        Case::refused("a bomb of tens", bomb(10, 10, &end(10)), COMPLEX),
        Case::refused("a bomb of hundreds", bomb(100, 4, &end(4)), COMPLEX),
        Case::refused("a bomb without an end", bomb(3, 25, ""), COMPLEX),
        Case::refused(
            "a bomb in a subscription",
            bomb(3, 25, &end(25)).replacen('{', "subscription {", 1),
            COMPLEX,
        ),
        Case::refused(
            "a bomb in a mutation",
            bomb(3, 25, &end(25)).replacen('{', "mutation {", 1),
            COMPLEX,
        ),
        Case::refused("a chain of 200", chain(200), COMPLEX),
        Case::refused("a chain of 1500", chain(1500), COMPLEX),
        Case::refused("a chain spread from its end", from_the_end, COMPLEX),
        Case::refused(
            "a chain that nobody spreads",
            chain(200).replacen("{ ...f0 }", "{ __typename }", 1),
            INVALID,
        ),
        Case::refused(
            "250 fragments that nobody spreads",
            format!("{{ __typename }}{}", many(250, end)),
            INVALID,
        ),
        Case::refused(
            "a fragment twice",
            "{ ...f } fragment f on Query { __typename } fragment f on Query { __typename }",
            INVALID,
        ),
        Case::refused("a fragment that is not there", "{ ...nowhere }", INVALID),
        Case::refused(
            "a fragment on what is not there",
            "{ ...f } fragment f on Nothing { __typename }",
            INVALID,
        ),
        Case::refused(
            "a fragment on a scalar",
            "{ ...f } fragment f on String { __typename }",
            INVALID,
        ),
    ]
}

/// The schema's types have fields, which have types, which have fields.
fn introspection() -> Vec<Case> {
    let tower = |levels: usize, field: &str| {
        format!("{}name{}", format!("{field} {{ type {{ ").repeat(levels), " } }".repeat(levels))
    };
    vec![
        Case::document(
            "fields of types of fields",
            format!("{{ __schema {{ types {{ {} }} }} }}", tower(3, "fields")),
            &json!({}),
            (200, ""),
        ),
        Case::refused(
            "fields of types, 8 times",
            format!("{{ __schema {{ types {{ {} }} }} }}", tower(8, "fields")),
            COMPLEX,
        ),
        Case::refused(
            "fields of types, 20 times",
            format!("{{ __schema {{ types {{ {} }} }} }}", tower(20, "fields")),
            COMPLEX,
        ),
        Case::refused(
            "fields of one type, 8 times",
            format!("{{ __type(name: \"Query\") {{ {} }} }}", tower(8, "fields")),
            COMPLEX,
        ),
        Case::refused(
            "fields of types through a fragment",
            format!(
                "{{ __schema {{ ...s }} }} fragment s on __Schema {{ types {{ ...t }} }} fragment t on __Type {{ {} }}",
                tower(5, "fields")
            ),
            COMPLEX,
        ),
        Case::refused(
            "types of the schema of types",
            "{ __schema { types { possibleTypes { possibleTypes { possibleTypes { possibleTypes { name } } } } } } }",
            COMPLEX,
        ),
        Case::refused(
            "interfaces of interfaces",
            format!(
                "{{ __schema {{ types {{ {}name{} }} }} }}",
                "interfaces { ".repeat(9),
                " }".repeat(9)
            ),
            COMPLEX,
        ),
        Case::refused(
            "ofType 25 times",
            format!(
                "{{ __type(name: \"Query\") {{ {}name{} }} }}",
                "ofType { ".repeat(25),
                " }".repeat(25)
            ),
            COMPLEX,
        ),
        Case::refused(
            "the whole schema 20 times",
            format!(
                "{{ {} }}",
                many(20, |n| format!(
                    "a{n}: __schema {{ types {{ fields {{ name args {{ type {{ name }} }} type {{ fields {{ name }} }} args {{ name type {{ name }} }} }} }} }} "
                ))
            ),
            COMPLEX,
        ),
        Case::document(
            "a type that is not there",
            "{ __type(name: \"Nothing\") { name } }",
            &json!({}),
            (200, ""),
        ),
    ]
}
