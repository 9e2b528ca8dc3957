//! The history: everything asked of the servers and every answer, as seen from outside.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Trouble;

/// What a request is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Book,
    Reschedule,
    Cancel,
    Reassign,
    /// Checks in, or takes that back.
    Status,
    /// Holds a time.
    Hold,
    /// Gives up a time that is held.
    Release,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) operation: Operation,
    /// By GraphQL, else by REST.
    pub(crate) graphql: bool,
    pub(crate) server: usize,
    pub(crate) key: Option<String>,
    /// The appointment it is about, unless it books; of a release the token.
    pub(crate) id: Option<String>,
    /// The token of the time that is booked.
    pub(crate) token: Option<String>,
    /// The patient's e-mail, when it books.
    pub(crate) email: Option<String>,
    /// The provider, when it names one.
    pub(crate) provider: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) minutes: Option<i64>,
}

/// An answer as it was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) http: u16,
    /// What went wrong, in the words of the contract.
    pub(crate) code: Option<String>,
    /// The appointment; of a hold and a release the token.
    pub(crate) id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) scheduled: bool,
    pub(crate) start: Option<i64>,
    /// The provider with whom the visit is.
    pub(crate) provider: Option<String>,
    /// Until when the time is held, in seconds since 1970.
    pub(crate) expires: Option<i64>,
}

impl Answer {
    /// The server did what was asked, or has committed to doing it.
    pub(crate) fn done(&self) -> bool {
        self.code.is_none() && (200..300).contains(&self.http) && self.id.is_some()
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// What a client must not see while the database is well.
    pub(crate) fn is_server_error(&self) -> bool {
        let code = self.code.as_deref();
        self.http >= 500 || matches!(code, Some("INTERNAL" | "UNAVAILABLE" | "GRAPHQL"))
    }

    /// A bug, whatever else is broken.
    pub(crate) fn is_bug(&self) -> bool {
        self.http == 500 || matches!(self.code.as_deref(), Some("INTERNAL" | "GRAPHQL"))
    }
}

/// A request and what came of it: nothing, when the connection broke or nobody answered.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) asked: Asked,
    pub(crate) answer: Option<Answer>,
    /// When it was sent, since the history began.
    pub(crate) sent: Duration,
    pub(crate) took: Duration,
}

impl Entry {
    pub(crate) fn done(&self) -> Option<&Answer> {
        self.answer.as_ref().filter(|answer| answer.done())
    }

    /// When it was answered, or given up, since the history began.
    pub(crate) fn over(&self) -> Duration {
        self.sent + self.took
    }

    /// Whether the servers may have done it, or do it yet.
    pub(crate) fn may_be_done(&self) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.done() || answer.is_server_error())
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.has_code(code))
    }
}

/// The log, in memory and in a file of JSON lines.
#[derive(Debug)]
pub(crate) struct History {
    began: Instant,
    /// The same by the clock on the wall, in milliseconds since 1970.
    began_at: i64,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    entries: Vec<Entry>,
    file: BufWriter<File>,
}

impl History {
    pub(crate) fn create(path: &Path) -> Result<Self, Trouble> {
        let kept = Kept { entries: Vec::new(), file: BufWriter::new(File::create(path)?) };
        #[expect(clippy::disallowed_methods, reason = "the servers run by the real clock, too")]
        let began_at = jiff::Timestamp::now().as_millisecond();
        Ok(Self { began: Instant::now(), began_at, kept: Mutex::new(kept) })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request before it is sent; gives its number.
    pub(crate) fn ask(&self, asked: Asked, body: &Value) -> usize {
        let mut kept = self.kept();
        let number = kept.entries.len();
        let line = json!({
            "n": number, "ms": self.milliseconds(), "ask": format!("{:?}", asked.operation),
            "door": if asked.graphql { "graphql" } else { "rest" }, "server": asked.server,
            "key": asked.key, "id": asked.id, "body": body,
        });
        writeln!(kept.file, "{line}").unwrap();
        let sent = self.now();
        kept.entries.push(Entry { asked, answer: None, sent, took: Duration::ZERO });
        number
    }

    /// Notes what came of it.
    pub(crate) fn answer(
        &self,
        number: usize,
        got: Result<Answer, String>,
        took: Duration,
    ) -> Entry {
        let mut kept = self.kept();
        let line = match &got {
            Ok(it) => json!({
                "n": number, "ms": self.milliseconds(), "http": it.http, "code": it.code,
                "id": it.id, "status": it.status, "scheduled": it.scheduled, "start": it.start,
                "provider": it.provider, "expires": it.expires,
            }),
            Err(why) => json!({ "n": number, "ms": self.milliseconds(), "nothing": why }),
        };
        writeln!(kept.file, "{line}").unwrap();
        let entry = &mut kept.entries[number];
        entry.answer = got.ok();
        entry.took = took;
        entry.clone()
    }

    /// All of it so far.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut kept = self.kept();
        kept.file.flush().unwrap();
        kept.entries.clone()
    }

    /// How long ago it began.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// When it began, in milliseconds since 1970.
    pub(crate) fn began_at(&self) -> i64 {
        self.began_at
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX)
    }
}

/// What of a history a backup made between two moments is held to: all about the bookings that were answered before it
/// `began`. Of what was answered later, or asked before it `ended`, nothing is known; what was asked later is not in it.
pub(crate) fn known_by(history: &[Entry], began: Duration, ended: Duration) -> Vec<Entry> {
    let is_answered = |entry: &Entry| entry.answer.is_some() && entry.sent + entry.took <= began;
    let is_booked = |entry: &&Entry| entry.asked.operation == Operation::Book && is_answered(entry);
    let booked = history.iter().filter(is_booked).filter_map(|entry| entry.done()?.id.as_deref());
    let booked: HashSet<&str> = booked.collect();
    let is_known = |entry: &&Entry| {
        let named = entry.answer.as_ref().and_then(|answer| answer.id.as_deref());
        let id = named.or(entry.asked.id.as_deref());
        entry.sent < ended && id.is_some_and(|id| booked.contains(id))
    };
    let known = history.iter().filter(is_known);
    known
        .map(|entry| Entry {
            answer: entry.answer.clone().filter(|_| is_answered(entry)),
            ..entry.clone()
        })
        .collect()
}
