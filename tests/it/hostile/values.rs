//! What stands in a document: its text, and the values in it.

use serde_json::json;

use super::case::Case;

const COMPLEX: &str = "QUERY_TOO_COMPLEX";
const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";
const UNPARSED: &str = "GRAPHQL_PARSE_FAILED";

pub(super) fn cases() -> Vec<Case> {
    [text(), values()].into_iter().flatten().collect()
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
    cases.push(Case::refused("a name of 60 KB", format!("{{ {} }}", "a".repeat(60_000)), COMPLEX));
    cases.push(Case::refused(
        "an alias of 60 KB",
        format!("{{ {}: nothing }}", "a".repeat(60_000)),
        COMPLEX,
    ));
    cases.push(Case::refused(
        "a name as long as is read",
        format!("{{ {} }}", "a".repeat(256)),
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
        ok("a block string of 60 KB", format!("{{ providers(state: \"\"\"{}\"\"\") {{ totalCount }} }}", "x\n ".repeat(14_000)), (200, "UNKNOWN_STATE")),
        ok("a state of 15000 emoji", format!("{{ providers(state: \"{}\") {{ totalCount }} }}", "🤖".repeat(15_000)), (200, "UNKNOWN_STATE")),
        ok("10000 escapes", format!("{{ providers(state: \"{}\") {{ totalCount }} }}", "\\u0041".repeat(8000)), (200, "UNKNOWN_STATE")),
        ok("a NUL in a value", "{ providers(state: \"\\u0000\") { totalCount } }".to_owned(), (200, "UNKNOWN_STATE")),
        ok("a NUL in a search", "{ patients(search: \"\\u0000\") { nodes { id } } }".to_owned(), (200, "")),
        ok("a search for 60 KB", format!("{{ patients(search: \"{long}\") {{ totalCount }} }}"), (200, "INVALID_INPUT")),
        ok("a search for wildcards", format!("{{ patients(search: \"{}\") {{ totalCount }} }}", "%_".repeat(5000)), (200, "INVALID_INPUT")),
        ok("an id of 60 KB", format!("{{ node(id: \"{long}\") {{ id }} }}"), (200, "")),
        ok("a cursor of 60 KB", format!("{{ providers(after: \"{long}\") {{ totalCount }} }}"), (200, "INVALID_INPUT")),
        ok("a negative page", "{ providers(first: -2147483648) { totalCount } }".to_owned(), (200, "INVALID_INPUT")),
        ok("a page of two thousand million", "{ providers(first: 2147483647) { totalCount } }".to_owned(), (200, "INVALID_INPUT")),
        ok("an Int beyond 32 bits", "{ providers(first: 2147483648) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an Int beyond 64 bits", "{ providers(first: 99999999999999999999) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an Int of 50000 digits", format!("{{ providers(first: {}) {{ totalCount }} }}", "9".repeat(50_000)), (400, COMPLEX)),
        ok("a type and no operation", "type Query { a: Int }".to_owned(), (400, INVALID)),
        ok("a Float for an Int", "{ providers(first: 1.5) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a Float beyond all", "{ providers(first: 1e999999) { totalCount } }".to_owned(), (400, INVALID)),
        ok("an object for a String", "{ providers(state: {a: 1}) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a list for a String", "{ providers(state: [\"CT\", \"NY\"]) { totalCount } }".to_owned(), (400, INVALID)),
        ok("a status that is none", "{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-01-02T00:00:00Z\", status: [GONE]) { totalCount } }".to_owned(), (400, INVALID)),
        ok("900 statuses", format!("{{ appointments(from: \"2027-01-01T00:00:00Z\", to: \"2027-01-02T00:00:00Z\", status: [{}]) {{ totalCount }} }}", "PENDING ".repeat(900)), (200, "")),
        ok("the year 9999", year("9999"), (200, "")),
        ok("the year 0", year("0000"), (200, "")),
        ok("the year -9999", year("-009999"), (400, INVALID)),
        ok("the year 10000", year("10000"), (400, INVALID)),
        ok("slots of all time", slots("0001-01-01T00:00:00Z", "9999-12-29T00:00:00Z"), (200, "NOT_FOUND")),
        ok("slots backwards", slots("2027-01-02T00:00:00Z", "2027-01-01T00:00:00Z"), (200, "INVALID_INPUT")),
        ok("a leap second", slots("2026-12-31T23:59:60Z", "2027-01-01T00:00:00Z"), (200, "NOT_FOUND")),
        ok("an offset of a hundred hours", slots("2027-01-01T00:00:00+99:99", "2027-01-02T00:00:00Z"), (400, INVALID)),
    ]
}
