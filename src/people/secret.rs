//! What is shown to come in: 256 random bits, told once to whom they are for and kept as a hash.
//!
//! A fast hash is enough for what nobody can guess; passwords have a slow one (`hashing`).

use std::fmt;

use sha2::{Digest as _, Sha256};

/// What a secret is for; its text begins with that, so that a leaked one can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// A session, kept in a cookie.
    Session,
    /// A machine's token.
    Token,
    /// The right to set a password, once.
    Invitation,
}

impl SecretKind {
    /// What the text begins with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Session => "cls_",
            Self::Token => "clt_",
            Self::Invitation => "cli_",
        }
    }
}

/// A secret, before it is told.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub(super) fn generate(kind: SecretKind) -> Self {
        let bits: [u8; 32] = rand::random();
        let text = bits.iter().map(|byte| format!("{byte:02x}"));
        Self(kind.prefix().to_owned() + &text.collect::<String>())
    }

    /// The text, for whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> [u8; 32] {
        hash_of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
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
        let [one, other] =
            [Secret::generate(SecretKind::Token), Secret::generate(SecretKind::Token)];
        assert!(one.reveal().starts_with("clt_") && one.reveal().len() == 68, "{}", one.reveal());
        assert_ne!(one, other);
        assert_eq!(one.hash(), hash_of(one.reveal()));
        assert_eq!(format!("{one:?}"), "Secret(..)");
    }
}
