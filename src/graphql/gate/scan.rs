//! One pass over the text of a document, before the parser sees it.

use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// The longest name or number that is read. The schema's are far shorter, and one that is not known
/// is compared with each of them, which takes as long as both are.
const LONGEST_WORD: usize = 256;

/// Counts tokens, and brackets, braces and parentheses inside one another. The parser would build
/// a tree of all of them first: a hundred kilobytes of `{` take as many megabytes.
///
/// It also looks for the colon between a name and a value, without which the parser drops the name.
pub(super) fn scan(document: &str, limits: &Limits) -> Result<(), GateRefusal> {
    let mut tokens = 0_usize;
    let mut open: Vec<Open> = Vec::new();
    let mut rest = document.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
            b'#' => {
                rest = after_line(rest);
                continue;
            }
            b'[' | b'{' | b'(' => {
                let inside = open.last_mut().map(|within| within.token(*byte)).transpose()?;
                open.push(Open::new(*byte, inside.unwrap_or(false)));
            }
            // What only looks like a bracket does not count, nor does it make up for one.
            b'"' => {
                // The parser would read one without an end as something else, brackets and all.
                let unended = || {
                    let message = "The document has a string without an end";
                    GateRefusal::new(ErrorCode::GraphqlParseFailed, message)
                };
                rest = after_string(rest).ok_or_else(unended)?;
            }
            b'.' => rest = rest.strip_prefix(b"..").unwrap_or(rest),
            _ if is_word(*byte) => {
                let after = after_word(*byte, rest);
                if rest.len() - after.len() >= LONGEST_WORD {
                    let message = format!(
                        "The document has a name or a number that is too long: at most \
                         {LONGEST_WORD} characters are read"
                    );
                    return Err(GateRefusal::too_complex(message));
                }
                rest = after;
            }
            _ => {}
        }
        tokens += 1;
        if !matches!(byte, b'[' | b'{' | b'(')
            && let Some(within) = open.last_mut()
        {
            within.token(*byte)?;
        }
        if matches!(byte, b']' | b'}' | b')') {
            open.pop();
        }
        if open.len() > limits.nesting {
            let (what, most) = ("brackets inside one another", limits.nesting);
            return Err(GateRefusal::too_many(what, most, "GRAPHQL_MAX_NESTING"));
        }
        if tokens > limits.tokens {
            return Err(GateRefusal::too_many("tokens", limits.tokens, "GRAPHQL_MAX_TOKENS"));
        }
    }
    Ok(())
}

/// A bracket that is open.
struct Open {
    /// Whether values stand in it, so that braces in it are objects.
    of_values: bool,
    next: Next,
}

/// What comes next between two brackets.
#[derive(Clone, Copy)]
enum Next {
    Anything,
    /// The definition of a variable, or the name of an argument.
    First,
    Name,
    Colon,
    Value,
}

impl Open {
    fn new(bracket: u8, among_values: bool) -> Self {
        let (of_values, next) = match bracket {
            b'(' => (true, Next::First),
            b'{' if among_values => (true, Next::Name),
            b'{' => (false, Next::Anything),
            _ => (true, Next::Anything),
        };
        Self { of_values, next }
    }

    /// Reads a token by its first byte; answers whether it stands among values.
    fn token(&mut self, byte: u8) -> Result<bool, GateRefusal> {
        self.next = match (self.next, byte) {
            (Next::First, b'$') => Next::Anything,
            (Next::First | Next::Name, byte) if is_word(byte) => Next::Colon,
            (Next::Colon, b':') | (Next::Value, b'$') => Next::Value,
            (Next::Colon, _) => {
                let message = "The document is not valid GraphQL: expected \":\" after a name";
                return Err(GateRefusal::new(ErrorCode::GraphqlParseFailed, message));
            }
            (Next::Value, _) => Next::Name,
            (next, _) => next,
        };
        Ok(self.of_values)
    }
}

/// Whether the byte can stand in a name or a number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+')
}

/// What follows a name or a number whose first byte has been read.
fn after_word(first: u8, text: &[u8]) -> &[u8] {
    let is_number = first.is_ascii_digit() || first == b'-';
    let inside = |byte: &u8| is_word(*byte) || (is_number && *byte == b'.');
    let end = text.iter().position(|byte| !inside(byte)).unwrap_or(text.len());
    &text[end..]
}

/// What follows a string whose first quote has been read; none when it has no end.
fn after_string(text: &[u8]) -> Option<&[u8]> {
    let (mut rest, block) = match text.strip_prefix(b"\"\"") {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' if block => after.strip_prefix(b"\"\"\"").unwrap_or(after),
            b'\\' => after.get(1..).unwrap_or_default(),
            b'"' if block => match after.strip_prefix(b"\"\"") {
                Some(after) => return Some(after),
                None => after,
            },
            b'"' => return Some(after),
            // An ordinary string ends within its line.
            b'\n' | b'\r' if !block => return None,
            _ => after,
        };
    }
    None
}

fn after_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nests_too_deep(document: &str) -> bool {
        let limits = Limits { tokens: usize::MAX, ..Limits::default() };
        scan(document, &limits).is_err()
    }

    fn tokens(document: &str) -> usize {
        let fits = |tokens| scan(document, &Limits { tokens, ..Limits::default() }).is_ok();
        (0..1000).find(|tokens| fits(*tokens)).unwrap_or(1000)
    }

    #[test]
    fn nesting_is_counted_whatever_the_bracket() {
        assert!(nests_too_deep(&format!("{{a(x:{})}}", "[".repeat(70))));
        assert!(nests_too_deep(&"{a".repeat(70)));
        assert!(!nests_too_deep(&"{a}".repeat(70)));
    }

    #[test]
    fn a_name_and_a_number_have_a_length_that_is_read() {
        let limits = Limits::default();
        assert!(scan(&format!("{{ {} }}", "a".repeat(256)), &limits).is_ok());
        assert!(scan(&format!("{{ {} }}", "a".repeat(257)), &limits).is_err());
        assert!(scan(&format!("{{ a(b: {}) }}", "1".repeat(257)), &limits).is_err());
        assert!(scan(&format!("{{ a(b: \"{}\") }}", "a".repeat(9999)), &limits).is_ok());
    }

    #[test]
    fn a_name_of_an_argument_or_a_field_of_an_object_has_a_value() {
        let lacks = |document: &str| scan(document, &Limits::default()).is_err();
        for document in [
            "{ a(b: 1 c) }",
            "{ a(c) }",
            "{ a(b 1) }",
            "{ a(b: { c: 1, d }) }",
            "{ a(b: [{ c }]) }",
            "{ a @skip(if: true foo) }",
            "query($v: In = { a }) { a }",
            "query($v: Int @x(y)) { a }",
            "{ a(b: $v c) }",
        ] {
            assert!(lacks(document), "{document}");
        }
        for document in [
            "query Q($v: [Int!]! = [1, 2] @x(y: { z: $w }), $w: In = { a: { b: [{ c: 1 }] } }) { a }",
            "{ a(b: \"c\", d: \"\"\"e\"\"\" f: -1.5e3 g: ENUM h: null i: $v) { j(k: []) @l(m: {}) { n } } }",
            "fragment F on T @x(y: 1) { a: b(c: { d: [E, F] }) ... on G { h } ...I }",
        ] {
            assert!(!lacks(document), "{document}");
        }
    }

    #[test]
    fn comments_do_not_nest() {
        assert!(!nests_too_deep(&format!("{{a}} # {}", "[".repeat(1000))));
    }

    #[test]
    fn brackets_in_strings_neither_nest_nor_make_up_for_others() {
        let hidden = format!("{{a(x: {} 1 {}) }}", "[\"]\",".repeat(600), "\"[\" ]".repeat(600));
        assert!(nests_too_deep(&hidden));
        let block = format!("{{a(x: {})}}", "[\"\"\" ] \" \\\"\"\" ]\"\"\",".repeat(600));
        assert!(nests_too_deep(&block));
        assert!(!nests_too_deep(&format!("{{a(x: \"{}\")}}", "[".repeat(600))));
        assert!(nests_too_deep(&format!("{{a(x: \"\\\"#\", y: {}", "[".repeat(600))));
    }

    #[test]
    fn a_block_string_has_many_lines() {
        let hidden = format!("{{a(x: \"\"\"\n\"\"\" y: {})}}", "[".repeat(600));
        assert!(nests_too_deep(&hidden));
        assert!(!nests_too_deep(&format!("{{a(x: \"\"\"\n{}\n\"\"\")}}", "[".repeat(600))));
    }

    #[test]
    fn a_string_without_an_end_hides_nothing() {
        // The parser takes it for an empty string, another string, and lists.
        let hidden = format!("{{a(x: [\"\"\"x\" {}{}])}}", "[".repeat(600), "]".repeat(600));
        assert!(nests_too_deep(&hidden));
        assert!(scan("{ a(x: \"b) }", &Limits::default()).is_err());
        assert!(scan("{ a(x: \"\"\"b\n) }", &Limits::default()).is_err());
    }

    #[test]
    fn tokens_are_those_of_the_specification() {
        assert_eq!(tokens(""), 0);
        assert_eq!(tokens("{ providers }"), 3);
        assert_eq!(tokens("{ a(b: -1.5e+3) ...c }"), 10);
        assert_eq!(tokens("query($a:[Int!]=-1){x(a:$a)@skip(if:true){...on Y{z}}}"), 36);
        assert_eq!(
            tokens("{ a(s: \"one { two\", b: \"\"\"three \" [ four\"\"\") } # five six"),
            11
        );
    }
}
