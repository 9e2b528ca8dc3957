//! What a hold is booked or released by: 256 random bits, kept as a hash.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::request::fingerprint::fingerprint;
use crate::request::key::IdempotencyKey;

/// What a token begins with, so that a leaked one can be told.
const PREFIX: &str = "clh_";

/// The token of a hold: whoever has it may book that time, or release it.
#[derive(Clone, PartialEq, Eq)]
pub struct HoldToken(String);

impl HoldToken {
    /// What somebody shows as one. There is nothing that is none: it may be of no hold.
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, for whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What its hold is found by.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// The same in writing, for what tells one request from another.
    pub fn fingerprint(&self) -> String {
        fingerprint(&[&self.0])
    }
}

impl fmt::Debug for HoldToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HoldToken(..)")
    }
}

/// What a token is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HoldTokenSeed(pub [u8; 32]);

impl HoldTokenSeed {
    /// A new one.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// The token of a request: where it has a key, the same whenever it is made of this seed for this caller
    /// under this key, and nothing that the seed alone tells.
    pub fn token(&self, scope: &str, key: Option<&IdempotencyKey>) -> HoldToken {
        let seed: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let text = match key {
            Some(key) => fingerprint(&[&seed, scope, key.as_str()]),
            None => seed,
        };
        HoldToken(PREFIX.to_owned() + &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_again_by_its_seed_and_its_key_and_by_neither_alone() {
        let (seed, other) = (HoldTokenSeed::generate(), HoldTokenSeed::generate());
        let key = |text| IdempotencyKey::parse(text);
        let token = seed.token("anonymous", key("a").as_ref());
        assert!(token.reveal().starts_with("clh_") && token.reveal().len() == 68);
        assert_eq!(token, seed.token("anonymous", key("a").as_ref()));
        for another in [
            seed.token("anonymous", key("b").as_ref()),
            seed.token("token", key("a").as_ref()),
            other.token("anonymous", key("a").as_ref()),
            seed.token("anonymous", None),
        ] {
            assert_ne!(token, another);
        }
        assert_eq!(format!("{token:?}"), "HoldToken(..)");
        assert_eq!(token.hash(), HoldToken::shown(token.reveal()).hash());
    }
}
