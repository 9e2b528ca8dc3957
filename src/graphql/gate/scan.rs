//! One pass over the text of a document, before the parser sees it.

use super::limits::Limits;
use super::refusal::GateRefusal;
use crate::request::ErrorCode;

/// The longest name or number that is read. The schema's are far shorter, and one that is not known
/// is compared with each of them, which takes as long as both are.
const LONGEST_WORD: usize = 256;

/// Counts tokens, and brackets, braces and parentheses inside one another. The parser's own
/// recursion is not bounded for values: a few kilobytes of `[[[[` would overflow its stack and end
/// the process.
pub(super) fn scan(document: &str, limits: &Limits) -> Result<(), GateRefusal> {
    let (mut tokens, mut depth) = (0_usize, 0_usize);
    let mut rest = document.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
            b'#' => {
                rest = after_line(rest);
                continue;
            }
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
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
                let after = after_word(rest);
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
        if depth > limits.nesting {
            let (what, most) = ("brackets inside one another", limits.nesting);
            return Err(GateRefusal::too_many(what, most, "GRAPHQL_MAX_NESTING"));
        }
        if tokens > limits.tokens {
            return Err(GateRefusal::too_many("tokens", limits.tokens, "GRAPHQL_MAX_TOKENS"));
        }
    }
    Ok(())
}

/// Whether the byte can stand in a name or a number.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+')
}

/// What follows a name or a number whose first byte has been read.
fn after_word(text: &[u8]) -> &[u8] {
    let inside = |byte: &u8| is_word(*byte);
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
        assert_eq!(tokens("query($a:[Int!]=-1){x(a:$a)@skip(if:true){...on Y{z}}}"), 36);
        assert_eq!(
            tokens("{ a(s: \"one { two\", b: \"\"\"three \" [ four\"\"\") } # five six"),
            11
        );
    }
}
