//! What opens a feed: 256 random bits, told once to whoever had it made and kept as a hash.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// What each begins with, so that a leaked one can be told.
const PREFIX: &str = "clf_";

/// The secret of a feed, before it is told.
#[derive(Clone, PartialEq, Eq)]
pub struct FeedSecret(String);

impl FeedSecret {
    /// A new one.
    pub(super) fn generate() -> Self {
        let bits: [u8; 32] = rand::random();
        let text = bits.iter().map(|byte| format!("{byte:02x}"));
        Self(PREFIX.to_owned() + &text.collect::<String>())
    }

    /// The text, for whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        hash_of(&self.0)
    }
}

impl fmt::Debug for FeedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FeedSecret(..)")
    }
}

/// What a secret that was shown is found by.
pub(super) fn hash_of(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_tells_what_it_is_for_and_no_two_are_alike() {
        let [one, other] = [FeedSecret::generate(), FeedSecret::generate()];
        assert!(one.reveal().starts_with("clf_") && one.reveal().len() == 68, "{}", one.reveal());
        assert_ne!(one, other);
        assert_eq!(one.hash(), hash_of(one.reveal()));
        assert_eq!(format!("{one:?}"), "FeedSecret(..)");
    }
}
