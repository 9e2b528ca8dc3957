//! What is refused before a document is parsed or validated.

/// Brackets, braces and parentheses inside each other; `GraphiQL`'s introspection needs 13.
const DEEPEST_NESTING: usize = 64;

/// Whether the document nests deeper than any sensible one. The parser's own recursion is not
/// bounded for values: a few kilobytes of `[[[[` would overflow its stack and end the process.
pub fn nests_too_deep(document: &str) -> bool {
    let mut depth = 0_usize;
    let mut bytes = document.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            b'#' => while bytes.next_if(|byte| *byte != b'\n' && *byte != b'\r').is_some() {},
            _ => {}
        }
        if depth > DEEPEST_NESTING {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_is_counted_whatever_the_bracket() {
        assert!(nests_too_deep(&format!("{{a(x:{})}}", "[".repeat(70))));
        assert!(nests_too_deep(&"{a".repeat(70)));
        assert!(!nests_too_deep(&"{a}".repeat(70)));
    }

    #[test]
    fn comments_do_not_nest() {
        assert!(!nests_too_deep(&format!("{{a}} # {}", "[".repeat(1000))));
    }
}
