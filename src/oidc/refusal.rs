//! Why somebody is not believed to be who they say.

use thiserror::Error;

/// Why a token is not taken. For the log and the metrics alone: whoever brings it is told no more than
/// that it does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenRefusal {
    /// It is no token of this kind.
    #[error("malformed")]
    Malformed,
    /// It is signed by an algorithm that is not believed.
    #[error("algorithm")]
    Algorithm,
    /// No key of the provider is known that it could be signed with.
    #[error("unknown key")]
    UnknownKey,
    /// It is not signed with the key that it names.
    #[error("signature")]
    Signature,
    /// It is somebody else's.
    #[error("issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("audience")]
    Audience,
    /// It counted until before.
    #[error("expired")]
    Expired,
    /// It will count later.
    #[error("not yet valid")]
    NotYetValid,
    /// It lacks what it must say, or is about something else than somebody who comes in.
    #[error("claims")]
    Claims,
    /// It is not the one that we asked for: another nonce, client or access token.
    #[error("not asked for")]
    NotAskedFor,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignInRefusal {
    /// The provider can't be reached, or its answer can't be used.
    #[error("the identity provider does not answer as it should")]
    Unavailable,
    /// Nobody began, or they began too long ago, or that was used: there is nothing to go on with.
    #[error("the sign-in has lapsed")]
    Lapsed,
    /// The answer belongs to another sign-in, or another provider's.
    #[error("the answer is not the one that was asked for")]
    NotAskedFor,
    /// The provider, or the person there, said no.
    #[error("the identity provider said no")]
    Denied,
    /// The provider's word is not believed.
    #[error("the token is refused: {0}")]
    Token(#[from] TokenRefusal),
}
