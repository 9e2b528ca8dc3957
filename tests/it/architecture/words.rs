//! A source as its words: without comments, and with what a literal says left out.

/// Stands for a literal of text.
const LITERAL: &str = "\"\"";

/// Names, numbers, `::` and single signs, in their order.
pub(super) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut words, mut at) = (Vec::new(), 0);
    while let Some(&sign) = chars.get(at) {
        let next = chars.get(at + 1).copied().unwrap_or(' ');
        let from = at;
        at = match sign {
            '/' if next == '/' => end_of_line(&chars, at),
            '/' if next == '*' => end_of_comment(&chars, at),
            '"' => end_of_text(&chars, at),
            '\'' => end_of_quote(&chars, at),
            ':' if next == ':' => at + 2,
            _ if in_a_name(sign) => end_of_name(&chars, at),
            _ => at + 1,
        };
        let word: String = chars[from..at.min(chars.len())].iter().collect();
        if ["r", "b", "br", "c", "cr"].contains(&word.as_str())
            && let Some(end) = end_of_prefixed(&chars, at, word.ends_with('r'))
        {
            at = end;
            words.push(LITERAL.to_owned());
        } else if word.starts_with('"') || (word.starts_with('\'') && word.ends_with('\'')) {
            words.push(LITERAL.to_owned());
        } else if !word.trim().is_empty() && !word.starts_with("//") && !word.starts_with("/*") {
            words.push(word);
        }
    }
    words
}

/// Whether the word is a name (or a number).
pub(super) fn is_name(word: &str) -> bool {
    word.starts_with(in_a_name)
}

fn in_a_name(sign: char) -> bool {
    sign == '_' || sign.is_alphanumeric()
}

fn end_of_name(chars: &[char], from: usize) -> usize {
    let rest = chars[from..].iter();
    from + rest.take_while(|sign| in_a_name(**sign)).count()
}

fn end_of_line(chars: &[char], from: usize) -> usize {
    from + chars[from..].iter().take_while(|sign| **sign != '\n').count()
}

fn end_of_comment(chars: &[char], from: usize) -> usize {
    let (mut depth, mut at) = (0, from);
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The end of what begins with this quotation mark.
fn end_of_text(chars: &[char], from: usize) -> usize {
    let mark = chars[from];
    let mut at = from + 1;
    while at < chars.len() && chars[at] != mark {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// A character, or the name of a lifetime.
fn end_of_quote(chars: &[char], from: usize) -> usize {
    match chars[from..] {
        [_, '\\', ..] | [_, _, '\'', ..] => end_of_text(chars, from),
        _ => end_of_name(chars, from + 1),
    }
}

/// The end of the literal whose prefix ends here, if it is one.
fn end_of_prefixed(chars: &[char], from: usize, raw: bool) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|sign| **sign == '#').count();
    match chars.get(from + hashes)? {
        '"' if raw => {
            let end: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
            let inside = from + hashes + 1;
            let length = chars[inside..].windows(end.len()).position(|signs| signs == end)?;
            Some(inside + length + end.len())
        }
        '"' | '\'' if hashes == 0 => Some(end_of_text(chars, from)),
        _ => None,
    }
}

/// The words without what is compiled for tests only, and the modules that are so declared.
pub(super) fn without_tests(words: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut modules, mut at) = (Vec::new(), Vec::new(), 0);
    while at < words.len() {
        if !is_for_tests(words, at) {
            kept.push(words[at].clone());
            at += 1;
            continue;
        }
        while words.get(at).is_some_and(|word| word == "#") {
            at = after_bracket(words, at + 1);
        }
        let end = after_item(words, at);
        if let Some(place) = words[at..end].iter().position(|word| word == "mod") {
            modules.extend(words.get(at + place + 1).cloned());
        }
        at = end;
    }
    (kept, modules)
}

/// Whether an attribute such as `#[cfg(test)]` begins here.
fn is_for_tests(words: &[String], at: usize) -> bool {
    let begins = |what: &[&str]| words[at..].iter().take(what.len()).eq(what);
    if !begins(&["#", "[", "cfg", "("]) {
        return false;
    }
    let condition = &words[at..after_bracket(words, at + 1)];
    condition.iter().any(|word| word == "test") && !condition.iter().any(|word| word == "not")
}

/// Behind what the bracket at `from` encloses.
fn after_bracket(words: &[String], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate().skip(from) {
        match word.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    words.len()
}

/// Behind the item that begins at `from`: after its `;`, or after its braces.
fn after_item(words: &[String], from: usize) -> usize {
    let mut head = words[from..].iter().take_while(|word| ![";", "{"].contains(&word.as_str()));
    let is_import = head.any(|word| word == "use");
    let mut at = from;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            ";" => return at + 1,
            "{" if !is_import => return after_bracket(words, at),
            "(" | "[" | "{" => at = after_bracket(words, at),
            _ => at += 1,
        }
    }
    words.len()
}
