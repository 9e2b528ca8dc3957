//! The answers to the latest events, each made once for all who ask the same with the same rights.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_graphql::Response;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::access::{Rights, Seen};
use crate::domain::EventPosition;
use crate::graphql::forbidden::is_forbidden;

/// How many answers are kept, and about how many bytes they have together.
const MOST_KEPT: usize = 4096;
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How old an answer may be: whoever is told later is told what is so by then.
const OLDEST: Duration = Duration::from_secs(10);

/// What makes two answers to an event the same: all that decides what may be seen, and all that is asked
/// of an event, the values of its variables written out. Who asks is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Alike {
    rights: Rights,
    asked: [u8; 32],
}

impl Alike {
    pub(super) fn of(rights: Rights, asked: &str) -> Self {
        Self { rights, asked: Sha256::digest(asked.as_bytes()).into() }
    }
}

/// The answer to an event.
pub struct EventAnswer {
    /// As JSON.
    pub text: Arc<str>,
    /// Itself, where it has errors.
    faulty: Option<Response>,
    /// Whose data it holds.
    pub seen: Seen,
}

impl EventAnswer {
    pub(super) fn of(answer: Response, seen: Seen) -> Self {
        let text = serde_json::to_string(&answer).unwrap_or_default().into();
        Self { text, faulty: (!answer.errors.is_empty()).then_some(answer), seen }
    }

    /// A copy of it for one of those who are told, where it has errors: of some each is told in words of
    /// their own.
    pub fn faulty(&self) -> Option<Response> {
        let faulty = self.faulty.as_ref()?;
        let mut copy = Response::new(faulty.data.clone());
        copy.errors.clone_from(&faulty.errors);
        Some(copy)
    }

    /// Whether it may be another the next time, though nothing has changed.
    fn has_failed(&self) -> bool {
        self.faulty.iter().flat_map(|answer| &answer.errors).any(|error| !is_forbidden(error))
    }

    fn bytes(&self) -> usize {
        let ids = self.seen.patients.len() + self.seen.appointments.len();
        let faulty = if self.faulty.is_some() { 4 } else { 1 };
        self.text.len() * faulty + ids * 64
    }
}

/// An answer that is made, or was.
struct Making {
    /// Before when all was read that it holds.
    read_at: Instant,
    begun: Instant,
    answer: OnceCell<Arc<EventAnswer>>,
    /// As many as are counted for it among those that are kept.
    bytes: AtomicUsize,
}

/// Which answer: the event, and to whom.
type Key = (Alike, EventPosition);

/// The latest answers.
#[derive(Default)]
pub(in crate::graphql) struct SharedAnswers(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// How many there are who ask the same. What one alone asks is not kept.
    followers: HashMap<Alike, usize>,
    kept: HashMap<Key, Arc<Making>>,
    /// Those that are kept, and some that are not any more, in the order in which they were begun.
    order: VecDeque<Key>,
    bytes: usize,
}

impl SharedAnswers {
    /// One more who asks this, for as long as what is returned lives.
    pub(super) fn join(self: &Arc<Self>, alike: Alike) -> Membership {
        *self.memory().followers.entry(alike).or_default() += 1;
        Membership { answers: Arc::clone(self), alike }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody's share in the answers.
pub(super) struct Membership {
    answers: Arc<SharedAnswers>,
    alike: Alike,
}

impl Membership {
    /// The answer to an event that was read then. It is made unless somebody else has made it, or does,
    /// of what was read after `since`: whoever began to follow must not be told what was before.
    pub(super) async fn answer(
        &self,
        (position, read_at): (EventPosition, Instant),
        since: Instant,
        make: impl Future<Output = EventAnswer>,
    ) -> Arc<EventAnswer> {
        let key = (self.alike, position);
        let making = self.answers.memory().making(key, read_at, since);
        let is_new = AtomicBool::new(false);
        let filling = async {
            let answer = Arc::new(make.await);
            is_new.store(true, Ordering::Relaxed);
            self.answers.memory().has_made(key, &making, &answer);
            answer
        };
        let answer = Arc::clone(making.answer.get_or_init(|| filling).await);
        let how = if is_new.load(Ordering::Relaxed) { "made" } else { "shared" };
        metrics::counter!("clinic_event_answers_total", "how" => how).increment(1);
        answer
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut memory = self.answers.memory();
        if let Some(count) = memory.followers.get_mut(&self.alike) {
            *count -= 1;
            if *count == 0 {
                memory.followers.remove(&self.alike);
            }
        }
    }
}

impl Memory {
    fn making(&mut self, key: Key, read_at: Instant, since: Instant) -> Arc<Making> {
        let is_new_enough =
            |known: &&Arc<Making>| known.read_at >= since && known.begun.elapsed() < OLDEST;
        if let Some(known) = self.kept.get(&key).filter(is_new_enough) {
            return Arc::clone(known);
        }
        let (answer, bytes) = (OnceCell::new(), AtomicUsize::new(0));
        let new = Arc::new(Making { read_at, begun: Instant::now(), answer, bytes });
        if self.followers.get(&key.0).is_some_and(|count| *count > 1) {
            self.forget(key);
            self.kept.insert(key, Arc::clone(&new));
            self.order.push_back(key);
            while self.order.len() > MOST_KEPT {
                self.forget_oldest();
            }
        }
        new
    }

    fn has_made(&mut self, key: Key, making: &Arc<Making>, answer: &EventAnswer) {
        if !self.kept.get(&key).is_some_and(|kept| Arc::ptr_eq(kept, making)) {
            return;
        }
        if answer.has_failed() {
            self.kept.remove(&key);
            return;
        }
        making.bytes.store(answer.bytes(), Ordering::Relaxed);
        self.bytes += answer.bytes();
        while self.bytes > MOST_BYTES && self.order.len() > 1 {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.order.pop_front() {
            self.forget(oldest);
        }
    }

    fn forget(&mut self, key: Key) {
        if let Some(old) = self.kept.remove(&key) {
            self.bytes -= old.bytes.load(Ordering::Relaxed);
        }
    }
}
