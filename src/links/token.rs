//! What opens a link: 256 random bits, told once in a mail and kept as a hash.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::domain::name_and_address::email_key;

/// What each begins with, so that a leaked one can be told.
const PREFIX: &str = "clv_";
/// How many hexadecimal digits follow.
const DIGITS: usize = 64;

/// The token of a link, before it is told.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LinkToken(String);

impl LinkToken {
    /// A new one.
    pub(super) fn generate() -> Self {
        let bits: [u8; 32] = rand::random();
        let text = bits.iter().map(|byte| format!("{byte:02x}"));
        Self(PREFIX.to_owned() + &text.collect::<String>())
    }

    /// What was shown, if it looks like one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX)?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (digits.len() == DIGITS && digits.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The text, for whom it is for.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// What it is found by.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(..)")
    }
}

/// An address as a link remembers it: it ends with a change of the address.
pub(super) fn hash_of_address(email: &str) -> [u8; 32] {
    Sha256::digest(email_key(email)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_what_it_is_for_and_no_two_are_alike() {
        let [one, other] = [LinkToken::generate(), LinkToken::generate()];
        assert!(one.reveal().starts_with("clv_") && one.reveal().len() == 68, "{}", one.reveal());
        assert_ne!(one, other);
        assert_eq!(LinkToken::parse(one.reveal()).map(|read| read.hash()), Some(one.hash()));
        assert_eq!(format!("{one:?}"), "LinkToken(..)");
    }

    #[test]
    fn what_does_not_look_like_one_is_none() {
        let good = LinkToken::generate().reveal().to_owned();
        for text in ["", "clv_", &good[1..], &good[..67], &good.to_uppercase(), &format!("{good}0")]
        {
            assert_eq!(LinkToken::parse(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_that_are_one_have_one_hash() {
        assert_eq!(hash_of_address("Ann@Example.com"), hash_of_address("ann@example.com"));
        assert_ne!(hash_of_address("ann@example.com"), hash_of_address("ann@example.org"));
    }
}
