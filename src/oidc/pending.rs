//! A sign-in that has begun: what the browser keeps until it comes back from the provider.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::local_path::LocalPath;

/// How long somebody may take to sign in at the provider.
pub const PENDING_FOR: SignedDuration = SignedDuration::from_mins(10);

/// A sign-in that has begun. No `Debug`: whoever knows it may end it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// Comes back in the address: the answer is to this browser's question.
    pub(super) state: String,
    /// Comes back in the token: the token is of this sign-in.
    pub(super) nonce: String,
    /// Shows the provider that whoever hands in the code has asked for it.
    pub(super) verifier: String,
    began_at: i64,
    return_to: String,
}

impl PendingSignIn {
    /// One that begins now and leads there.
    pub(super) fn new(now: Timestamp, return_to: &LocalPath) -> Self {
        Self {
            state: secret(),
            nonce: secret(),
            verifier: secret(),
            began_at: now.as_second(),
            return_to: return_to.as_str().to_owned(),
        }
    }

    /// What the provider compares the verifier with (RFC 7636, section 4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Whether there is still time.
    pub(super) fn counts_at(&self, now: Timestamp) -> bool {
        let age = now.as_second() - self.began_at;
        (0..PENDING_FOR.as_secs()).contains(&age)
    }

    /// Where to lead whoever has signed in.
    pub fn return_to(&self) -> LocalPath {
        LocalPath::read(&self.return_to).unwrap_or_default()
    }

    /// What the cookie holds.
    pub fn to_cookie(&self) -> String {
        // A struct of texts and a number is always JSON.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads what the cookie holds.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let text = URL_SAFE_NO_PAD.decode(value).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// 256 random bits.
fn secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_keeps_is_what_it_was_given_and_counts_for_ten_minutes() {
        let path = LocalPath::read("/desk?view=day").unwrap();
        let began_at = Timestamp::from_second(1_000_000).unwrap();
        let pending = PendingSignIn::new(began_at, &path);
        let kept = PendingSignIn::from_cookie(&pending.to_cookie()).unwrap();
        assert!(kept == pending && kept.return_to() == path);
        for (seconds, counts) in [(-1, false), (0, true), (599, true), (600, false)] {
            let now = began_at + SignedDuration::from_secs(seconds);
            assert_eq!(kept.counts_at(now), counts, "{seconds}");
        }
        let other = PendingSignIn::new(began_at, &path);
        assert!(other.state != kept.state && other.nonce != kept.nonce);
        assert!(other.verifier != kept.verifier && kept.verifier.len() == 43);
    }

    #[test]
    fn a_path_that_was_written_into_the_cookie_leads_nowhere_else() {
        let mut pending = PendingSignIn::new(Timestamp::UNIX_EPOCH, &LocalPath::default());
        pending.return_to = "//evil.example".to_owned();
        assert_eq!(pending.return_to(), LocalPath::default());
        assert!(PendingSignIn::from_cookie("e30").is_none());
        assert!(PendingSignIn::from_cookie("é").is_none());
    }

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        // RFC 7636, appendix B.
        let mut pending = PendingSignIn::new(Timestamp::UNIX_EPOCH, &LocalPath::default());
        pending.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(pending.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
