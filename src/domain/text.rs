//! Reading text as a person means it: names that differ only in spelling are one.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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

/// The words of a name, in lower case and without accents and apostrophes: `Hawaiʻi`, `HAWAI'I` and
/// `Hawaii` agree. `&` is the word "and".
pub fn plain_words(text: &str) -> Vec<String> {
    let plain: String = text
        .replace('&', " and ")
        .nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining_mark(*c) && !is_apostrophe(*c))
        .collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn is_apostrophe(c: char) -> bool {
    // The letters of the last range only modify others; the ʻokina is one of them.
    matches!(c, '\'' | '`' | '‘' | '’' | '′' | '\u{02B0}'..='\u{02FF}')
}

/// Whether every word of `asked` is in `text`, in any order, whatever the case and the accents.
pub fn has_every_word(text: &str, asked: &str) -> bool {
    let text = plain_words(text).join(" ");
    plain_words(asked).iter().all(|word| text.contains(word.as_str()))
}

/// True for characters that have no place in a name: controls (NUL among them), and the
/// invisible marks that reorder or hide text on screen.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
