//! The jurisdictions that license clinicians: 50 states, DC and five territories.

use std::fmt;

use super::suggest;
use super::text::letters_and_digits;

/// Postal codes and names (USPS Publication 28, appendix B).
const JURISDICTIONS: [(&str, &str); 56] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
    ("AS", "American Samoa"),
    ("GU", "Guam"),
    ("MP", "Northern Mariana Islands"),
    ("PR", "Puerto Rico"),
    ("VI", "Virgin Islands"),
];

/// Other spellings in use.
const ALSO: [(&str, &str); 3] =
    [("washingtondc", "DC"), ("usvirginislands", "VI"), ("commonwealthofpuertorico", "PR")];

/// A US state, the District of Columbia, or a territory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsState(&'static str);

/// No jurisdiction of that name; carries the names that come near.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a US state, DC or a territory")]
pub struct UnknownState {
    /// Up to three `Connecticut (CT)`, nearest first.
    pub suggestions: Vec<String>,
}

impl UsState {
    /// Reads a two-letter code or a name; case, spaces and punctuation do not matter.
    ///
    /// # Errors
    ///
    /// [`UnknownState`], with the nearest names.
    pub fn parse(text: &str) -> Result<Self, UnknownState> {
        // As it is stored with every appointment: read a hundred times for one page of them.
        if let Some((code, _)) = JURISDICTIONS.iter().find(|(code, _)| *code == text) {
            return Ok(Self(code));
        }
        let asked = letters_and_digits(text);
        let known = JURISDICTIONS
            .iter()
            .find(|(code, name)| {
                asked.eq_ignore_ascii_case(code) || asked == letters_and_digits(name)
            })
            .map(|(code, _)| *code);
        known
            .or_else(|| ALSO.iter().find(|(spelling, _)| asked == *spelling).map(|(_, code)| *code))
            .map(Self)
            .ok_or_else(|| UnknownState { suggestions: suggest_states(text) })
    }

    /// All of them, states in alphabetical order first.
    pub fn all() -> impl Iterator<Item = Self> {
        JURISDICTIONS.iter().map(|(code, _)| Self(code))
    }

    /// The two-letter postal code.
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for UsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for UsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn suggest_states(asked: &str) -> Vec<String> {
    let known = JURISDICTIONS.iter().map(|(code, name)| {
        // A code is too short to be near to a name that was misspelt.
        let spellings = if asked.trim().chars().count() <= 2 { vec![*code] } else { vec![*name] };
        (format!("{name} ({code})"), spellings)
    });
    suggest::nearest(asked, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_code_and_by_name_however_it_is_spelt() {
        for text in ["CT", "ct", " Connecticut ", "CONNECTICUT", "connecticut."] {
            assert_eq!(UsState::parse(text).map(UsState::code), Ok("CT"), "{text}");
        }
        assert_eq!(UsState::parse("new  york").map(UsState::code), Ok("NY"));
        assert_eq!(UsState::parse("D.C.").map(UsState::code), Ok("DC"));
        assert_eq!(UsState::parse("Washington, D.C.").map(UsState::code), Ok("DC"));
        assert_eq!(UsState::parse("U.S. Virgin Islands").map(UsState::code), Ok("VI"));
    }

    #[test]
    fn a_misspelt_state_is_answered_with_the_nearest() {
        let unknown = UsState::parse("Conecticut").unwrap_err();
        assert_eq!(unknown.suggestions.first().map(String::as_str), Some("Connecticut (CT)"));
        assert!(UsState::parse("").is_err() && UsState::parse("XX").is_err());
    }

    #[test]
    fn there_are_fifty_states_dc_and_five_territories() {
        assert_eq!(UsState::all().count(), 56);
    }
}
