//! Argon2id (RFC 9106) over passwords: 19 MiB and two passes each, so no more at once than there are
//! cores, apart from the threads that answer requests.

use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::password::Password;
use crate::request::Refusal;

/// What is judged where there is no such account, so that it takes as long: a hash of nothing, made
/// as all others are.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$Y2xpbmljLW5vYm9keXM$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// How long one waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(10);

/// Hashes and judges passwords.
pub(super) struct Hashing {
    turns: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores)) }
    }
}

impl Hashing {
    /// The hash of a password, in PHC's form.
    pub(super) async fn hash(&self, password: Password) -> Result<String, Refusal> {
        let turn = self.turn().await?;
        let hashed = spawn_blocking(move || {
            let hash = Argon2::default().hash_password(password.into_text().as_bytes());
            drop(turn);
            hash.map(|hash| hash.to_string())
        });
        match hashed.await {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(_)) | Err(_) => Err(Refusal::bug("a password could not be hashed")),
        }
    }

    /// Whether a password is that of the account with this hash; never, and after as long, where
    /// there is none.
    pub(super) async fn is_right(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, Refusal> {
        let turn = self.turn().await?;
        let judged = spawn_blocking(move || {
            let against = hash.as_deref().unwrap_or(NOBODYS);
            let same = Argon2::default().verify_password(password.into_text().as_bytes(), against);
            drop(turn);
            same.is_ok() && hash.is_some()
        });
        judged.await.map_err(|_panicked| Refusal::bug("a password could not be judged"))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        match timeout(TURN_WITHIN, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => {
                // Nobody has to act on that: it is no trouble of the server's.
                Err(Refusal::TooManyTries { retry_after: TURN_WITHIN })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_for_its_own_hash_alone() {
        let hashing = Hashing::default();
        let hash = hashing.hash(Password::given("seven wise badgers")).await.unwrap();
        let judge = async |text: &str, hash: Option<&str>| {
            hashing.is_right(Password::given(text), hash.map(str::to_owned)).await.unwrap()
        };
        assert!(judge("seven wise badgers", Some(&hash)).await);
        assert!(!judge("seven wise badger", Some(&hash)).await);
        assert!(!judge("seven wise badgers", None).await && !judge("", None).await);
        // Nobody's takes as long as anybody's.
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(NOBODYS), cost(&hash));
        assert!(argon2::password_hash::phc::PasswordHash::new(NOBODYS).is_ok());
    }
}
