//! Names and e-mail addresses of patients.
//!
//! Nothing here implements `Display`, and `Debug` says nothing, so that a name cannot
//! slip into a log line or an error.

use std::fmt;
use std::str::FromStr;

use super::text::{is_invisible, tidy};

/// A text that cannot be a name, an e-mail address or a reason; the words are for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unacceptable(pub &'static str);

/// A person's name: 1 to 200 visible characters, white space tidied.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientName(String);

impl PatientName {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`Unacceptable`], saying what a name may be.
    pub fn parse(text: &str) -> Result<Self, Unacceptable> {
        let name = tidy(text);
        if name.is_empty() {
            return Err(Unacceptable("must not be empty"));
        }
        if name.chars().count() > 200 {
            return Err(Unacceptable("must be at most 200 characters"));
        }
        if name.chars().any(is_invisible) {
            return Err(Unacceptable("must not contain control or invisible characters"));
        }
        Ok(Self(name))
    }

    /// The name as it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names were compared by in servers of before; one person's names agree by their
    /// [`name_key`](super::folding::name_key).
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// An e-mail address of at most 254 characters (RFC 5321, 4.5.3.1.3).
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address such as `john@example.com`.
    ///
    /// # Errors
    ///
    /// [`Unacceptable`], saying what is expected.
    pub fn parse(text: &str) -> Result<Self, Unacceptable> {
        let address = text.trim();
        let well_formed = address.len() <= 254
            && !address.chars().any(|c| is_invisible(c) || c.is_whitespace())
            && email_address::EmailAddress::from_str(address).is_ok();
        if well_formed {
            Ok(Self(address.to_owned()))
        } else {
            Err(Unacceptable("must be an e-mail address such as john@example.com"))
        }
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two addresses are compared by.
    pub fn key(&self) -> String {
        email_key(&self.0)
    }
}

/// What two addresses are compared by.
pub fn email_key(address: &str) -> String {
    address.to_lowercase()
}

impl fmt::Debug for PatientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientName(..)")
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_when_only_case_and_spaces_differ() {
        let one = PatientName::parse("  John   DOE ").unwrap();
        let other = PatientName::parse("john doe").unwrap();
        assert_eq!(one.as_str(), "John DOE");
        assert_eq!(one.key(), other.key());
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        for text in ["", "   ", "a\0b", "a\u{202E}b", &"x".repeat(201)] {
            assert!(PatientName::parse(text).is_err(), "{text:?}");
        }
        assert!(PatientName::parse("Ľubomíra O'Brien-Søndergård").is_ok());
    }

    #[test]
    fn only_addresses_are_addresses() {
        for text in ["", "john", "john@", "@example.com", "a b@example.com", "John <j@example.com>"]
        {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
        assert!(EmailAddress::parse("john.doe+clinic@mail.example.com").is_ok());
        assert!(EmailAddress::parse(&format!("{}@example.com", "x".repeat(250))).is_err());
    }

    #[test]
    fn debug_output_names_nobody() {
        let text =
            format!("{:?}{:?}", PatientName::parse("Jane"), EmailAddress::parse("j@example.com"));
        assert!(!text.contains("Jane") && !text.contains("example"));
    }
}
