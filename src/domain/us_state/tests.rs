use super::*;

/// Every form by its code, as the Postal Service (today and before 1963), the Associated Press, the
/// Government Publishing Office, ISO 3166-2 and the jurisdictions themselves write them. Not made
/// from the table of the code.
const OFFICIAL_FORMS: &str = include_str!("official_forms.txt");

fn code_of(text: &str) -> Option<&'static str> {
    UsState::parse(text).ok().map(UsState::code)
}

fn suggestions(text: &str) -> Vec<String> {
    UsState::parse(text).map_or_else(|unknown| unknown.suggestions, |known| vec![known.0.into()])
}

#[test]
fn a_state_is_known_by_every_official_and_postal_form() {
    let mut seen = HashSet::new();
    for line in OFFICIAL_FORMS.lines() {
        let (code, forms) = line.split_once(": ").unwrap();
        seen.insert(code);
        for form in forms.split("; ") {
            for spelt in [
                form.to_owned(),
                form.to_lowercase(),
                form.to_uppercase(),
                form.replace('.', ""),
                form.replace(". ", "."),
                format!(" {form}. "),
                format!("{form}, USA"),
                format!("{form} ({code})"),
                format!("US-{code}"),
            ] {
                assert_eq!(code_of(&spelt), Some(code), "{spelt}");
            }
        }
    }
    assert_eq!(seen.len(), 56);
}

#[test]
fn no_form_leads_to_another_state() {
    for (text, code) in [
        ("Washington", Some("WA")),
        ("Washington State", Some("WA")),
        ("State of Washington", Some("WA")),
        ("Washington, D.C.", Some("DC")),
        ("Virginia", Some("VA")),
        ("West Virginia", Some("WV")),
        ("Western Virginia", None),
        ("Virgin Islands", Some("VI")),
        ("Kansas", Some("KS")),
        ("Arkansas", Some("AR")),
        ("Ind.", Some("IN")),
        ("Miss", Some("MS")),
        ("Mass", Some("MA")),
        ("Missouri (MS)", None),
        ("Carolina", None),
        ("Dakota", None),
        ("", None),
        (" . ", None),
        ("US", None),
        ("USA", None),
        ("The State of", None),
        ("XX", None),
        ("45", None),
    ] {
        assert_eq!(code_of(text), code, "{text:?}");
    }
}

#[test]
fn the_names_that_are_shown_and_suggested_are_known() {
    for known in &JURISDICTIONS {
        assert_eq!(code_of(&format!("{} ({})", known.name, known.code)), Some(known.code));
    }
    let names: usize = JURISDICTIONS.iter().map(|known| known.also.len() + 2).sum();
    assert_eq!(CODES.len(), names, "a name stands twice");
}

#[test]
fn a_name_cut_short_or_misspelt_is_answered_with_the_nearest() {
    for (asked, nearest) in [
        ("Connec", "Connecticut (CT)"),
        ("Conneticut", "Connecticut (CT)"),
        ("Conetticut", "Connecticut (CT)"),
        ("Massachusets", "Massachusetts (MA)"),
        ("Misisipi", "Mississippi (MS)"),
        ("Tenesee", "Tennessee (TN)"),
        ("Pensilvania", "Pennsylvania (PA)"),
        ("Cali", "California (CA)"),
        ("Pnsylv", "Pennsylvania (PA)"),
        ("Jersey City, New Jersey", "New Jersey (NJ)"),
        ("Carolina", "North Carolina (NC)"),
    ] {
        assert_eq!(suggestions(asked).first().map(String::as_str), Some(nearest), "{asked}");
    }
    assert_eq!(suggestions("Carolina").len(), 2);
}

#[test]
fn a_name_that_is_complete_and_of_elsewhere_suggests_nothing() {
    let suggesting = include_str!("elsewhere.txt")
        .lines()
        .map(|name| (name, suggestions(name)))
        .filter(|(_, suggested)| !suggested.is_empty());
    assert_eq!(suggesting.collect::<Vec<_>>(), []);
    for text in ["XX", "", "12345", "Nowhere at all", &"Connecticut ".repeat(1000)] {
        assert_eq!(suggestions(text), Vec::<String>::new(), "{text}");
    }
}

/// The text with one letter dropped, doubled or exchanged with the next, in every way there is.
fn mistyped(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    (0..letters.len()).flat_map(move |at| {
        let (mut dropped, mut doubled, mut exchanged) =
            (letters.clone(), letters.clone(), letters.clone());
        dropped.remove(at);
        doubled.insert(at, letters[at]);
        exchanged.swap(at, (at + 1).min(letters.len() - 1));
        [dropped, doubled, exchanged].map(|letters| letters.into_iter().collect())
    })
}

#[test]
fn a_name_with_one_letter_dropped_doubled_or_exchanged_is_suggested_first() {
    for known in &JURISDICTIONS {
        let expected = format!("{} ({})", known.name, known.code);
        for typed in mistyped(known.name) {
            match UsState::parse(&typed) {
                Ok(understood) => assert_eq!(understood.code(), known.code, "{typed}"),
                Err(unknown) => {
                    assert_eq!(unknown.suggestions.first(), Some(&expected), "{typed}");
                }
            }
        }
    }
}
