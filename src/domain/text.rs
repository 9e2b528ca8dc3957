//! Reading text as a person means it: names that differ only in spelling are one.

use unicode_normalization::UnicodeNormalization;

/// The text in Unicode NFC with runs of white space made one space and none at the ends.
pub fn tidy(text: &str) -> String {
    let composed: String = text.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters and digits of a name, in lower case: `Blue Cross (MA)` and `blue-cross ma` agree.
/// `&` counts as the word "and".
pub fn letters_and_digits(text: &str) -> String {
    text.replace('&', " and ")
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// True for characters that have no place in a name: controls (NUL among them), and the
/// invisible marks that reorder or hide text on screen.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
