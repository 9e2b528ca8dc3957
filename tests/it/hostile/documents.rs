//! Hostile documents: what they nest, repeat and multiply.

use serde_json::json;

use super::case::Case;

const COMPLEX: &str = "QUERY_TOO_COMPLEX";
const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
const UNPARSED: &str = "GRAPHQL_PARSE_FAILED";

pub(super) fn cases() -> Vec<Case> {
    [nesting(), floods(), directives(), comparisons(), definitions()]
        .into_iter()
        .flatten()
        .collect()
}

/// Every bracket of the grammar, closed and never closed, a little and far too deep.
fn nesting() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, before, open, middle, close, after) in [
        ("lists", "{ providers(state: ", "[", "1", "]", ") { totalCount } }"),
        ("objects", "{ providers(state: ", "{a:", "1", "}", ") { totalCount } }"),
        ("lists and objects", "{ a(x: ", "[{a:", "1", "}]", ") }"),
        ("selections", "", "{a", "", "}", ""),
        ("inline fragments", "{", "...{", "a", "}", "}"),
        ("typed inline fragments", "{", "... on Query {", "a", "}", "}"),
        ("default values", "query($v: Int = ", "[", "1", "]", ") { a }"),
        ("default objects", "query($v: Int = ", "{a:", "1", "}", ") { a }"),
        ("types", "query($v: ", "[", "Int", "]", ") { a }"),
        ("arguments", "{ a", "(a:", "1", ")", "}"),
        ("arguments of directives", "{ a @x(y: ", "[", "1", "]", ") }"),
        ("anything", "{ a(x: ", "([{", "", "}])", ") }"),
    ] {
        for depth in [65, 4000] {
            let closed =
                format!("{before}{}{middle}{}{after}", open.repeat(depth), close.repeat(depth));
            cases.push(Case::refused(format!("{depth} {what}"), closed, COMPLEX));
        }
        let never_closed = format!("{before}{}", open.repeat(60_000 / open.len()));
        cases.push(Case::refused(format!("{what} that never close"), never_closed, COMPLEX));
    }
    for (what, document) in [
        ("behind strings", format!("{{ a(x: {}) }}", "[\"]\",".repeat(5000))),
        ("behind block strings", format!("{{ a(x: {}) }}", "[\"\"\"]\"\"\",".repeat(4000))),
        (
            "behind a block string of two lines",
            format!("{{ a(x: \"\"\"\n\"\"\", y: {}", "[".repeat(60_000)),
        ),
        ("behind comments", format!("{{ a(x: {}) }}", "[#]\n".repeat(9000))),
        ("behind an escaped quote", format!("{{ a(x: \"\\\"#\", y: {}", "[".repeat(30_000))),
        ("after closing ones", format!("{}{}", "]".repeat(1000), "[".repeat(30_000))),
    ] {
        cases.push(Case::refused(format!("brackets {what}"), document, COMPLEX));
    }
    for depth in [100, 2000, 20_000] {
        let hidden = format!("{{a(x:[\"\"\"x\" {}{}])}}", "[".repeat(depth), "]".repeat(depth));
        let what = format!("{depth} lists behind a block string without an end");
        cases.push(Case::refused(what, hidden, UNPARSED));
    }
    cases.push(Case::refused("brackets that only close", "]".repeat(1500), UNPARSED));
    cases.push(Case::refused(
        "nests too little to be refused for it",
        format!("{{ providers(state: {}1{}) {{ totalCount }} }}", "[".repeat(60), "]".repeat(60)),
        INVALID,
    ));
    cases
}

pub(super) fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// The same thing over and over.
fn floods() -> Vec<Case> {
    let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
    vec![
        Case::refused(
            "51 aliases",
            format!("{{ {} }}", many(51, |n| format!("a{n}: __typename "))),
            COMPLEX,
        ),
        Case::refused(
            "1900 aliases",
            format!("{{ {} }}", many(600, |n| format!("a{n}: __typename "))),
            COMPLEX,
        ),
        Case::refused(
            "aliases in a fragment",
            format!(
                "{{ providers {{ nodes {{ ...f ...f ...f }} }} }} fragment f on Provider {{ {} }}",
                many(18, |n| format!("a{n}: id "))
            ),
            COMPLEX,
        ),
        Case::refused(
            "aliases of expensive fields",
            format!(
                "{{ {} }}",
                many(51, |n| format!(
                    "a{n}: availableSlots(providerId: \"x\", {window}) {{ startsAt }} "
                ))
            ),
            COMPLEX,
        ),
        Case::refused("21 root fields", format!("{{ {} }}", "__typename ".repeat(21)), COMPLEX),
        Case::refused(
            "root fields in fragments",
            format!("{{ {} }}", "... { __typename __typename __typename } ".repeat(7)),
            COMPLEX,
        ),
        Case::refused(
            "a field 1900 times",
            format!("{{ providers {{ nodes {{ {} }} }} }}", "id ".repeat(2000)),
            COMPLEX,
        ),
        Case::refused("a field 20000 times", format!("{{ {} }}", "id ".repeat(20_000)), COMPLEX),
        Case::document(
            "a field as often as allowed",
            format!("{{ providers {{ nodes {{ {} }} }} }}", "id ".repeat(200)),
            &json!({}),
            (200, ""),
        ),
        Case::refused(
            "dear lists in one another",
            format!(
                "{{ patients(first: 100) {{ nodes {{ appointments({window}, first: 100) {{ nodes {{ id }} }} }} }} }}"
            ),
            COMPLEX,
        ),
        Case::refused(
            "dear lists through a variable",
            "query($n: Int = 100) { patients(first: $n) { nodes { appointments(first: $n) { nodes { id } } } } }",
            COMPLEX,
        ),
    ]
}

/// Directives wherever they can stand.
fn directives() -> Vec<Case> {
    vec![
        Case::refused(
            "51 directives on a field",
            format!("{{ __typename {} }}", "@include(if: true) ".repeat(51)),
            COMPLEX,
        ),
        Case::refused(
            "51 unknown directives",
            format!("{{ __typename {} }}", "@x ".repeat(51)),
            COMPLEX,
        ),
        Case::refused(
            "1900 unknown directives",
            format!("{{ __typename {} }}", "@x ".repeat(900)),
            COMPLEX,
        ),
        Case::refused(
            "40 repeated directives",
            format!("{{ providers {} {{ totalCount }} }}", "@include(if: true) ".repeat(40)),
            INVALID,
        ),
        Case::refused(
            "40 unknown directives",
            format!("{{ providers {} {{ totalCount }} }}", "@x ".repeat(40)),
            INVALID,
        ),
        Case::refused(
            "directives on an operation",
            format!("query {} {{ __typename }}", "@x ".repeat(60)),
            COMPLEX,
        ),
        Case::refused(
            "directives on a variable",
            format!("query($v: Int {}) {{ __typename }}", "@x ".repeat(60)),
            COMPLEX,
        ),
        Case::refused(
            "directives on a fragment",
            format!("{{ ...f }} fragment f on Query {} {{ __typename }}", "@x ".repeat(60)),
            COMPLEX,
        ),
        Case::refused(
            "directives on a spread",
            format!("{{ ...f {} }} fragment f on Query {{ __typename }}", "@x ".repeat(60)),
            COMPLEX,
        ),
        Case::refused(
            "directives in a bomb",
            format!(
                "{{ {} }} fragment f on Query {{ __typename @include(if: true) @skip(if: false) }}",
                "...f ".repeat(30)
            ),
            COMPLEX,
        ),
    ]
}

/// What the rules of validation have to compare.
fn comparisons() -> Vec<Case> {
    let conflicting = many(18, |n| format!("providers(first: {n}) {{ totalCount }} "));
    let inner = many(150, |n| {
        format!(
            "firstAvailable(after: \"2027-01-01T00:00:00Z\", durationMinutes: {n}) {{ startsAt }} "
        )
    });
    let overlapping = many(12, |n| {
        format!("... {{ name a{n}: id ... on Provider {{ states: id states: name }} }} ")
    });
    vec![
        Case::refused("18 conflicting root fields", format!("{{ {conflicting} }}"), INVALID),
        Case::refused(
            "150 conflicting fields",
            format!("{{ providers {{ nodes {{ {inner} }} }} }}"),
            INVALID,
        ),
        Case::refused(
            "overlapping fields in 12 fragments",
            format!("{{ providers {{ nodes {{ {overlapping} }} }} }}"),
            INVALID,
        ),
        Case::refused(
            "600 unknown fields, each with its suggestions",
            format!("{{ providers {{ nodes {{ {} }} }} }}", many(600, |n| format!("nam{n} "))),
            INVALID,
        ),
        Case::refused(
            "unknown arguments",
            format!("{{ providers({}) {{ totalCount }} }}", many(400, |n| format!("stat{n}: 1 "))),
            INVALID,
        ),
        Case::refused(
            "an argument 400 times",
            format!("{{ providers({}) {{ totalCount }} }}", "state: \"CT\" ".repeat(400)),
            INVALID,
        ),
        Case::refused(
            "450 variables that nobody uses",
            format!("query({}) {{ __typename }}", many(400, |n| format!("$v{n}: Int "))),
            INVALID,
        ),
        Case::refused(
            "a variable 300 times",
            format!("query({}) {{ __typename }}", "$v: Int ".repeat(300)),
            INVALID,
        ),
        Case::refused(
            "undefined variables",
            format!("{{ {} }}", many(18, |n| format!("providers(first: $v{n}) {{ totalCount }} "))),
            INVALID,
        ),
    ]
}

/// Definitions and tokens without an end.
fn definitions() -> Vec<Case> {
    vec![
        Case::refused(
            "80 operations of 20 fields",
            many(80, |n| format!("query q{n} {{ {} }} ", "a ".repeat(20))),
            INVALID,
        ),
        Case::refused("250 operations", many(250, |n| format!("query q{n} {{ a }} ")), INVALID),
        Case::refused(
            "the same operation twice",
            "query a { __typename } query a { __typename }",
            INVALID,
        ),
        Case::refused("two operations without a name", "{ __typename } { __typename }", INVALID),
        Case::refused("no operation", "fragment f on Query { __typename }", INVALID),
        Case::refused("tokens that mean nothing", "! $ & | = @ : ".repeat(4000), COMPLEX),
        Case::refused("dots", ".".repeat(60_000), COMPLEX),
        Case::document(
            "60 KB of commas",
            format!("{{ __typename {} }}", ",".repeat(60_000)),
            &json!({}),
            (200, ""),
        ),
        Case::document(
            "60 KB of comment",
            format!("{{ __typename }} #{}", "x".repeat(60_000)),
            &json!({}),
            (200, ""),
        ),
        Case::document(
            "20000 comments",
            format!("{{ __typename }} {}", "#\n".repeat(20_000)),
            &json!({}),
            (200, ""),
        ),
    ]
}
