//! What a server has seen of its database lately, which no single statement tells: connections that
//! died, damage, a disk that is full. Clones share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::StoreError;
use super::trouble;

/// How long connections that are older than one that died are looked at before they are used. One
/// that is not used for so long is looked at anyway.
const SUSPECT_FOR: Duration = Duration::from_secs(30);
/// How long what concerns everybody is remembered, unless a commit shows that it has passed.
const REMEMBERED_FOR: Duration = Duration::from_secs(10);

/// What was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Signs(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// A connection had died, or was not fit to book on.
    suspect_since: Option<Instant>,
    /// What concerns everybody.
    trouble: Option<Trouble>,
    /// When a transaction was last stored.
    stored: Option<Instant>,
}

#[derive(Debug)]
struct Trouble {
    seen: Instant,
    /// In words for the operator.
    cause: String,
    /// Whether it is over when something is stored; damage to a page is not.
    passes: bool,
}

impl Signs {
    /// Notes what an error tells of the database.
    pub(super) fn note(&self, error: &StoreError) {
        match error {
            StoreError::Lost(_) => self.suspect(),
            StoreError::Unavailable(cause) => {
                let code = error.code().filter(|code| trouble::concerns_everybody(code));
                if let Some(code) = code {
                    let passes = !trouble::is_damage(code);
                    let (seen, cause) = (Instant::now(), cause.clone());
                    self.seen().trouble = Some(Trouble { seen, cause, passes });
                }
            }
            _ => {}
        }
    }

    /// Connections that are open now may not be fit for use.
    pub(super) fn suspect(&self) {
        self.seen().suspect_since = Some(Instant::now());
    }

    /// Whether a connection of that age is to be looked at before it is used.
    pub(super) fn is_suspect(&self, age: Duration) -> bool {
        let since = self.seen().suspect_since;
        since.is_some_and(|since| since.elapsed() < SUSPECT_FOR && age >= since.elapsed())
    }

    /// A transaction was stored.
    pub(super) fn stored(&self) {
        let mut seen = self.seen();
        seen.stored = Some(Instant::now());
        seen.trouble.take_if(|trouble| trouble.passes);
    }

    /// Whether a transaction was stored within that time.
    pub(super) fn stored_within(&self, time: Duration) -> bool {
        self.seen().stored.is_some_and(|stored| stored.elapsed() < time)
    }

    /// What was seen a moment ago that concerns everybody.
    pub(super) fn trouble(&self) -> Option<String> {
        let seen = self.seen();
        let recent = seen.trouble.as_ref().filter(|it| it.seen.elapsed() < REMEMBERED_FOR);
        recent.map(|it| it.cause.clone())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Signs, StoreError};

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn what_was_open_when_a_connection_died_is_suspect_for_a_while() {
        let signs = Signs::default();
        assert!(!signs.is_suspect(MINUTE));
        signs.note(&StoreError::Lost(String::new()));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(signs.is_suspect(Duration::from_secs(6)), "open when it died");
        assert!(!signs.is_suspect(Duration::from_secs(4)), "opened since");
        tokio::time::advance(MINUTE).await;
        assert!(!signs.is_suspect(MINUTE * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn damage_is_remembered_until_something_is_stored_or_a_moment_has_passed() {
        let signs = Signs::default();
        let full = StoreError::Unavailable("13: the disk is full".to_owned());
        signs.note(&full);
        assert_eq!(signs.trouble().as_deref(), Some("13: the disk is full"));
        signs.stored();
        assert_eq!(signs.trouble(), None);
        signs.note(&full);
        tokio::time::advance(MINUTE).await;
        assert_eq!(signs.trouble(), None);
        let damaged = StoreError::Unavailable("11: its file is damaged".to_owned());
        signs.note(&damaged);
        signs.stored();
        assert!(signs.trouble().is_some(), "what can be written elsewhere mends no page");
        tokio::time::advance(MINUTE).await;
        // A lock that somebody held is nobody else's trouble.
        signs.note(&StoreError::Unavailable("55P03: a lock".to_owned()));
        assert_eq!(signs.trouble(), None);
    }
}
