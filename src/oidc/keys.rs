//! The keys that a provider signs with (RFC 7517).

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::signatures::ALGORITHMS;

/// More are no set of keys that anybody signs with.
const MOST: usize = 100;

/// A public key, and what it may be used for.
pub(super) struct VerifyingKey {
    id: Option<String>,
    /// Those of ours that fit the key, and of them the one that the provider names, if it names one.
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) key: DecodingKey,
}

/// The keys of a provider.
pub struct KeySet(Vec<VerifyingKey>);

/// What a set of keys has for a token.
pub(super) enum Found<'a> {
    /// The key that it is signed with, if anybody has signed it.
    Key(&'a VerifyingKey),
    /// The key that it names, which is for other algorithms.
    Unfit,
    /// Nothing.
    Nothing,
}

/// The text is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedKeys;

impl KeySet {
    /// Reads the answer of a provider. What can't be used is passed over: a provider may have keys for
    /// encryption, or of a kind that came after this program.
    ///
    /// # Errors
    ///
    /// [`MalformedKeys`].
    pub fn read(body: &[u8]) -> Result<Self, MalformedKeys> {
        #[derive(Deserialize)]
        struct Body {
            keys: Vec<serde_json::Value>,
        }
        let Ok(Body { keys }) = serde_json::from_slice(body) else { return Err(MalformedKeys) };
        if keys.len() > MOST {
            return Err(MalformedKeys);
        }
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(keys.filter_map(|key| VerifyingKey::of(&key)).collect()))
    }

    /// How many of them can be used.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none of them can be used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key for a token. One that names none is taken where only one key can be meant.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Found<'_> {
        let fits = |key: &&VerifyingKey| key.algorithms.contains(&algorithm);
        let Some(id) = id else {
            let mut fitting = self.0.iter().filter(fits);
            return match (fitting.next(), fitting.next()) {
                (Some(only), None) => Found::Key(only),
                (Some(_), Some(_)) => Found::Unfit,
                (None, _) => Found::Nothing,
            };
        };
        let mut named = self.0.iter().filter(|key| key.id.as_deref() == Some(id)).peekable();
        match (named.peek().is_some(), named.find(fits)) {
            (_, Some(key)) => Found::Key(key),
            (true, None) => Found::Unfit,
            (false, None) => Found::Nothing,
        }
    }
}

impl VerifyingKey {
    fn of(key: &Jwk) -> Option<Self> {
        let common = &key.common;
        let is_for_signatures =
            matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
                && common
                    .key_operations
                    .as_ref()
                    .is_none_or(|all| all.contains(&KeyOperations::Verify));
        let named: Option<Result<Algorithm, _>> = common.key_algorithm.map(Algorithm::try_from);
        let suits = |algorithm: &Algorithm| match &named {
            None => true,
            Some(Ok(named)) => named == algorithm,
            Some(Err(_)) => false,
        };
        let fitting = ALGORITHMS.into_iter().filter(|algorithm| fits(&key.algorithm, *algorithm));
        let algorithms: Vec<Algorithm> = fitting.filter(suits).collect();
        if !is_for_signatures || algorithms.is_empty() {
            return None;
        }
        let verifying = DecodingKey::from_jwk(key).ok()?;
        Some(Self { id: common.key_id.clone(), algorithms, key: verifying })
    }
}

/// Whether a key of that kind signs by that algorithm.
fn fits(key: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA};
    match key {
        AlgorithmParameters::RSA(_) => !matches!(algorithm, ES256 | ES384 | EdDSA),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => algorithm == ES256,
            EllipticCurve::P384 => algorithm == ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(key) => {
            key.curve == EllipticCurve::Ed25519 && algorithm == EdDSA
        }
        // A secret among public keys would be one that everybody knows.
        _ => false,
    }
}
