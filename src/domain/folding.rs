//! Names as people compare them: what differs in case, accents, apostrophes, hyphens or spaces alone
//! is one name, and so is `Surname, Given` and `Given Surname`.
//!
//! Only what is left out or exchanged in writing is evened out. Nothing is transcribed: two Chinese
//! names that sound alike in Latin letters stay two.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What stands behind a comma without being a given name.
const SUFFIXES: [&str; 14] =
    ["jr", "sr", "junior", "senior", "ii", "iii", "iv", "v", "md", "do", "phd", "rn", "np", "esq"];

/// What two names are told apart by. Never empty; equal for two names that mean one person.
pub fn name_key(name: &str) -> String {
    let key: String = in_spoken_order(name).iter().map(|part| folded(part)).collect();
    if key.is_empty() {
        // No letter and no digit in it: such a name agrees with itself alone.
        let as_written: String = name.nfkc().flat_map(char::to_lowercase).collect();
        return format!("={}", as_written.trim());
    }
    key
}

/// The words of a text, each [`folded`]; hyphens and the like end none.
pub fn folded_words(text: &str) -> Vec<String> {
    let ends_word = |c: char| c.is_whitespace() || ",;/".contains(c);
    text.split(ends_word).map(folded).filter(|word| !word.is_empty()).collect()
}

/// A text without case and accents, every other sign as it stands.
pub fn without_accents(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_accent(*c)).flat_map(spelt_out);
    plain.flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// The parts of a name as they are spoken: the surname last, a suffix after it.
fn in_spoken_order(name: &str) -> Vec<&str> {
    let parts = name.split([',', '，', '、', '،']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let (suffixes, mut names): (Vec<&str>, Vec<&str>) = match parts.split_first() {
        Some((first, rest)) => {
            let (suffixes, given): (Vec<&str>, Vec<&str>) =
                rest.iter().partition(|part| SUFFIXES.contains(&folded(part).as_str()));
            (suffixes, [&[*first], given.as_slice()].concat())
        }
        None => (Vec::new(), Vec::new()),
    };
    if let [_surname, _given] = names.as_slice() {
        names.swap(0, 1);
    }
    names.extend(suffixes);
    names
}

/// The letters and digits of a text without case and accents.
pub fn folded(text: &str) -> String {
    let decomposed = text.nfkd().filter(|c| !is_accent(*c));
    let plain = decomposed.filter(|c| is_letter(*c) || is_combining_mark(*c)).flat_map(spelt_out);
    // Through upper case, which has one letter where lower case has two: σ and ς, s and ſ.
    plain.flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Marks that are put on a letter and left off again. In other scripts a mark is a vowel or makes
/// another consonant; those stay.
fn is_accent(c: char) -> bool {
    matches!(c,
        // Latin, Greek, Cyrillic and whatever else borrows them.
        '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
        // The points of Hebrew and Arabic, which are seldom written.
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}'
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{0640}')
}

/// A letter or a digit; not the signs that Unicode counts as letters and people write as
/// apostrophes.
fn is_letter(c: char) -> bool {
    let apostrophe = matches!(c,
        '\u{02B9}'..='\u{02DF}' | '\u{02E5}'..='\u{02FF}' | '\u{A78B}' | '\u{A78C}' | '\u{07F4}' | '\u{07F5}');
    c.is_alphanumeric() && !apostrophe
}

/// Letters that do not decompose, as they are written on a keyboard that lacks them. A letter that
/// only differs in case is given by its small form.
fn spelt_out(c: char) -> impl Iterator<Item = char> {
    let text = match c {
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'þ' | 'Þ' => "th",
        'ẞ' => "ss",
        'ı' => "i",
        'ŋ' | 'Ŋ' => "n",
        'ə' | 'Ə' => "e",
        _ => "",
    };
    let itself = text.is_empty().then_some(c);
    itself.into_iter().chain(text.chars())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::{folded_words, name_key};

    fn assert_one(names: &[&str]) {
        for name in names {
            assert_eq!(name_key(name), name_key(names[0]), "{name} and {}", names[0]);
        }
    }

    #[test]
    fn spellings_of_one_name_agree() {
        assert_one(&[
            "Pat O'Brien",
            "Pat O’Brien",
            "pat oʼbrien",
            "PAT O`BRIEN",
            "Pat O´Brien",
            "Pat O‘Brien",
            "Pat O＇Brien",
            "Pat O′Brien",
            "Pat Obrien",
            "O'Brien, Pat",
            "Pat Oꞌbrien",
        ]);
        assert_one(&[
            "José García",
            "Jose Garcia",
            "JOSÉ GARCÍA",
            "Jose\u{301} Garci\u{301}a",
            "García,José",
        ]);
        assert_one(&[
            "Ann-Marie Stone",
            "Ann‐Marie Stone",
            "Ann‑Marie Stone",
            "Ann–Marie Stone",
            "Ann—Marie Stone",
            "Ann−Marie Stone",
            "Ann Marie Stone",
            "Annmarie Stone",
            "Stone, Ann-Marie",
            "Ann\u{AD}Marie Stone",
        ]);
        assert_one(&["Søren Straße", "Soren STRASSE", "Søren Strasse", "soren straẞe"]);
        assert_one(&["Łukasz Đorđević", "Lukasz Dordevic"]);
        assert_one(&["Ægir Þórsson", "Aegir Thorsson"]);
        assert_one(&["İpek Işık", "Ipek Isik", "ipek ışık"]);
        assert_one(&["Nguyễn Thị Ánh", "Nguyen Thi Anh"]);
        assert_one(&["Γιώργος", "ΓΙΩΡΓΟΣ", "Γιωργος"]);
        assert_one(&["Алёна", "алена"]);
        assert_one(&["מֹשֶׁה", "משה"]);
        assert_one(&[
            "King, Martin Luther, Jr.",
            "Martin Luther King Jr",
            "Martin Luther King, Jr.",
        ]);
        assert_one(&["ﬁona ＬＥＥ", "Fiona Lee"]);
    }

    #[test]
    fn names_of_two_people_do_not() {
        for (one, other) in [
            ("Jane Doe", "John Doe"),
            ("王芳", "李娜"),
            ("राम", "रमा"),
            ("がく", "かく"),
            ("김민수", "김민준"),
            ("محمد", "أحمد"),
            ("🙂", "🙃"),
            ("---", "''"),
            ("Joan", "John"),
            ("John Doe", "John Doe Jr."),
            ("กานต์", "กันต์"),
        ] {
            assert_ne!(name_key(one), name_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_word_is_what_stands_between_spaces() {
        assert_eq!(folded_words(" Stone,  Ann-Marie "), ["stone", "annmarie"]);
        assert_eq!(folded_words("O'Brien"), ["obrien"]);
        assert!(folded_words(" -- ").is_empty());
    }

    proptest! {
        #[test]
        fn every_name_agrees_with_itself_in_any_case_and_no_key_is_empty(name in "\\PC{1,30}") {
            assert!(!name_key(&name).is_empty());
            let composed: String = unicode_normalization::UnicodeNormalization::nfc(name.as_str()).collect();
            assert_eq!(name_key(&composed), name_key(&name));
            assert_eq!(name_key(&name.to_uppercase()).is_empty(), name_key(&name).is_empty());
        }
    }
}
