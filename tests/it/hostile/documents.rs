//! Hostile documents: what they nest, repeat and multiply.

use serde_json::json;

use super::case::Case;

const COMPLEX: &str = "QUERY_TOO_COMPLEX";
const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
const UNPARSED: &str = "GRAPHQL_PARSE_FAILED";

pub(super) fn cases() -> Vec<Case> {
    [nesting(), floods(), fragments(), introspection(), text(), values()]
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
        ("behind comments", format!("{{ a(x: {}) }}", "[#]\n".repeat(9000))),
        ("behind an escaped quote", format!("{{ a(x: \"\\\"#\", y: {}", "[".repeat(30_000))),
        ("after closing ones", format!("{}{}", "]".repeat(1000), "[".repeat(30_000))),
    ] {
        cases.push(Case::refused(format!("brackets {what}"), document, COMPLEX));
    }
    cases.push(Case::refused("brackets that only close", "]".repeat(1500), UNPARSED));
    cases.push(Case::refused(
        "nests too little to be refused for it",
        format!("{{ providers(state: {}1{}) {{ totalCount }} }}", "[".repeat(60), "]".repeat(60)),
        INVALID,
    ));
    cases
}

fn many(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// The same thing over and over.
fn floods() -> Vec<Case> {
    let window = "from: \"2027-01-01T00:00:00Z\", to: \"2027-02-01T00:00:00Z\"";
    let conflicting = many(18, |n| format!("providers(first: {n}) {{ totalCount }} "));
    let inner = many(150, |n| {
        format!(
            "firstAvailable(after: \"2027-01-01T00:00:00Z\", durationMinutes: {n}) {{ startsAt }} "
        )
    });
    let overlapping = many(30, |n| {
        format!("... {{ name states: id ... on Provider {{ insurances: name a{n}: id }} }} ")
    });
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
            (400, COMPLEX),
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
            format!("{{ __typename {} }}", "@include(if: true) ".repeat(40)),
            INVALID,
        ),
        Case::refused(
            "40 unknown directives",
            format!("{{ __typename {} }}", "@x ".repeat(40)),
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
        Case::refused("18 conflicting root fields", format!("{{ {conflicting} }}"), INVALID),
        Case::refused(
            "150 conflicting fields",
            format!("{{ providers {{ nodes {{ {inner} }} }} }}"),
            INVALID,
        ),
        Case::refused(
            "overlapping fields in 30 fragments",
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
        Case::refused(
            "101 operations of 20 fields",
            many(80, |n| format!("query q{n} {{ {} }} ", "a ".repeat(20))),
            COMPLEX,
        ),
        Case::refused("250 operations", many(250, |n| format!("query q{n} {{ a }} ")), INVALID),
        Case::refused(
            "the same operation twice",
            "query a { __typename } query a { __typename }",
            UNPARSED,
        ),
        Case::refused("two operations without a name", "{ __typename } { __typename }", UNPARSED),
        Case::refused("no operation", "fragment f on Query { __typename }", UNPARSED),
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
        Case::refused("a chain of 2000", chain(2000), COMPLEX),
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
            UNPARSED,
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
        Case::refused(
            "a fragment named on",
            "{ ...on } fragment on on Query { __typename }",
            UNPARSED,
        ),
    ]
}

/// The schema's types have fields, which have types, which have fields.
fn introspection() -> Vec<Case> {
    let tower = |levels: usize, field: &str| {
        format!("{}name{}", format!("{field} {{ type {{ ").repeat(levels), " } }".repeat(levels))
    };
    vec![
        Case::refused(
            "fields of types of fields",
            format!("{{ __schema {{ types {{ {} }} }} }}", tower(3, "fields")),
            COMPLEX,
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
                    "a{n}: __schema {{ types {{ fields {{ args {{ name type {{ name }} }} }} }} }} "
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

/// What can stand in a document's text.
fn text() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("a NUL", "{ __typename }\0".to_owned()),
        ("a control character", "{ \u{1} }".to_owned()),
        ("another script", "{ имя }".to_owned()),
        ("an emoji", "{ 🤖 }".to_owned()),
        ("a zero-width space", "{ __type\u{200b}name }".to_owned()),
        ("writing from right to left", "{ \u{202e}emanepyt__ }".to_owned()),
        ("a no-break space", "{\u{a0}__typename }".to_owned()),
        ("the replacement character", "\u{fffd}".to_owned()),
        ("an unterminated string", "{ providers(state: \"CT) { totalCount } }".to_owned()),
        (
            "an unterminated block string",
            "{ providers(state: \"\"\"CT) { totalCount } }".to_owned(),
        ),
        ("a string over two lines", "{ providers(state: \"C\nT\") { totalCount } }".to_owned()),
        ("an unknown escape", "{ providers(state: \"\\x41\") { totalCount } }".to_owned()),
        ("half of a surrogate pair", "{ providers(state: \"\\ud83d\") { totalCount } }".to_owned()),
        ("a cut escape", "{ providers(state: \"\\u12".to_owned()),
        ("a backslash at the end", "{ providers(state: \"\\".to_owned()),
        ("a number with a leading zero", "{ providers(first: 007) { totalCount } }".to_owned()),
        ("a number with letters", "{ providers(first: 1e) { totalCount } }".to_owned()),
        ("a name after a number", "{ providers(first: 1abc) { totalCount } }".to_owned()),
        (
            "60 KB of one string that never ends",
            format!("{{ providers(state: \"{}", "x".repeat(60_000)),
        ),
        ("SQL", "'; DROP TABLE appointment; --".to_owned()),
        ("HTML", "<script>alert(1)</script>".to_owned()),
        ("an SDL document", "type Query { a: Int }".to_owned()),
        ("nothing", String::new()),
        ("blanks only", " \n\t,\u{feff}".to_owned()),
        ("only a comment", "# nothing".to_owned()),
        ("an empty selection", "{ }".to_owned()),
        ("empty arguments", "{ providers() { totalCount } }".to_owned()),
    ]
    .into_iter()
    .map(|(what, document)| Case::refused(format!("text: {what}"), document, UNPARSED))
    .collect();
    cases.push(Case::document(
        "a byte order mark",
        "\u{feff}{ __typename }",
        &json!({}),
        (200, ""),
    ));
    cases.push(Case::refused("a name of 60 KB", format!("{{ {} }}", "a".repeat(60_000)), INVALID));
    cases.push(Case::refused(
        "an alias of 60 KB",
        format!("{{ {}: nothing }}", "a".repeat(60_000)),
        INVALID,
    ));
    cases
}

/// Values: huge, of the wrong type, and at the edges of numbers and of time.
fn values() -> Vec<Case> {
    let long = "x".repeat(60_000);
    let year = |year: &str| {
        format!(
            "{{ appointments(from: \"{year}-01-01T00:00:00Z\", to: \"{year}-12-31T00:00:00Z\") {{ totalCount }} }}"
        )
    };
    let slots = |from: &str, to: &str| {
        format!(
            "{{ availableSlots(providerId: \"prv_01h455vb4pex5vsknk084sn02q\", from: \"{from}\", to: \"{to}\") {{ startsAt }} }}"
        )
    };
    let ok = |name: &str, query: String, expected: (u16, &'static str)| {
        Case::document(name, query, &json!({}), expected)
    };
    vec![
        ok("a state of 60 KB", format!("{{ providers(state: \"{long}\") {{ totalCount }} }}"), (200, "UNKNOWN_STATE")),
        ok("a payer of 60 KB", format!("{{ providers(insurance: \"{long}\") {{ totalCount }} }}"), (200, "UNKNOWN_INSURANCE")),
        ok("a block string of 60 KB", format!("{{ providers(state: \"\"\"{}\"\"\") {{ totalCount }} }}", "x\n ".repeat(20_000)), (200, "UNKNOWN_STATE")),
        ok("a state of 15000 emoji", format!("{{ providers(state: \"{}\") {{ totalCount }} }}", "🤖".repeat(15_000)), (200, "UNKNOWN_STATE")),
        ok("10000 escapes", format!("{{ providers(state: \"{}\") {{ totalCount }} }}", "\\u0041".repeat(8000)), (200, "UNKNOWN_STATE")),
        ok("a NUL in a value", "{ providers(state: \"\\u0000\") { totalCount } }".to_owned(), (200, "UNKNOWN_STATE")),
        ok("a NUL in a search", "{ patients(search: \"\\u0000\") { nodes { id } } }".to_owned(), (200, "")),
        ok("a search for 60 KB", format!("{{ patients(search: \"{long}\") {{ totalCount }} }}"), (200, "")),
        ok("a search for wildcards", format!("{{ patients(search: \"{}\") {{ totalCount }} }}", "%_".repeat(5000)), (200, "")),
        ok("an id of 60 KB", format!("{{ node(id: \"{long}\") {{ id }} }}"), (200, "")),
        ok("a cursor of 60 KB", format!("{{ providers(after: \"{long}\") {{ totalCount }} }}"), (200, "INVALID_INPUT")),
        ok("a negative page", "{ providers(first: -2147483648) { totalCount } }".to_owned(), (200, "INVALID_INPUT")),
        ok("a page of two thousand million", "{ providers(first: 2147483647) { totalCount } }".to_owned(), (200, "INVALID_INPUT")),
        ok("an Int beyond 32 bits", "{ providers(first: 2147483648) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an Int beyond 64 bits", "{ providers(first: 99999999999999999999) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an Int of 50000 digits", format!("{{ providers(first: {}) {{ totalCount }} }}", "9".repeat(50_000)), (400, INVALID)),
        ok("a Float for an Int", "{ providers(first: 1.5) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a Float beyond all", "{ providers(first: 1e999999) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an object for a String", "{ providers(state: {a: 1}) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a list for a String", "{ providers(state: [\"CT\", \"NY\"]) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a status that is none", "{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-01-02T00:00:00Z\", status: [GONE]) { totalCount } }".to_owned(), (400, INVALID)),
        ok("900 statuses", format!("{{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-01-02T00:00:00Z\", status: [{}]) {{ totalCount }} }}", "PENDING ".repeat(900)), (200, "")),
        ok("the year 9999", year("9999"), (200, "INVALID_INPUT")),
        ok("the year 0", year("0000"), (200, "INVALID_INPUT")),
        ok("the year -9999", year("-009999"), (200, "INVALID_INPUT")),
        ok("the year 10000", year("10000"), (400, INVALID)),
        ok("slots of all time", slots("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), (400, COMPLEX)),
        ok("slots backwards", slots("2027-01-02T00:00:00Z", "2027-01-01T00:00:00Z"), (200, "INVALID_INPUT")),
        ok("a leap second", slots("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"), (200, "NOT_FOUND")),
        ok("an offset of a hundred hours", slots("2027-01-01T00:00:00+99:99", "2027-01-02T00:00:00Z"), (400, INVALID)),
    ]
}
