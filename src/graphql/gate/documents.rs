//! The documents that are known, as they were parsed and found to be valid and within the limits:
//! clients send few again and again, and to judge one takes longer than much that is asked with it.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::hash::hash;
use super::inspect::Inspector;
use super::manifest::Manifest;
use super::refusal::GateRefusal;
use super::shelf::Shelf;
use crate::graphql::operation::ValidDocument;
use crate::request::ErrorCode;

/// Bytes of all texts that are remembered by their hash, so that few large ones don't fill the
/// memory.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How many are kept as they were parsed, of those known by their hash and of the others alike.
const MOST_PARSED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(63);
/// Bytes of the texts of these. Parsed, they take many times as much.
const MOST_PARSED_BYTES: usize = 64 * 1024;
/// Bytes of the text of one that is kept so.
const LONGEST_PARSED: usize = 2048;

/// These words and the code are what clients of the protocol look for.
const HASH_UNKNOWN: &str = "PersistedQueryNotFound";
const NOT_LISTED: &str = "This server serves the operations of its list, and this is none of them";

/// A document that is valid and within the limits.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) text: Arc<str>,
    pub(super) valid: Arc<ValidDocument>,
}

impl Document {
    fn read(text: Arc<str>, inspector: &Inspector) -> Result<Self, GateRefusal> {
        let valid = Arc::new(inspector.inspect(&text)?);
        Ok(Self { text, valid })
    }
}

impl AsRef<str> for Document {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// The documents that are served and, of those used last, what they were parsed to. They are
/// always asked for with the same inspector.
pub(super) struct ParsedDocuments {
    /// With a list, its documents and no others.
    list: Option<Manifest>,
    shelves: Mutex<Shelves>,
}

impl ParsedDocuments {
    /// Any document is served; so many are remembered that came with their hash.
    pub(super) fn of_all(most: NonZeroUsize) -> Self {
        Self { list: None, shelves: Mutex::new(Shelves::new(most)) }
    }

    /// The documents of a list are served.
    pub(super) fn of_list(list: Manifest) -> Self {
        // None of them comes to be known by being sent.
        Self { list: Some(list), shelves: Mutex::new(Shelves::new(NonZeroUsize::MIN)) }
    }

    /// The document that a request names by its hash, its text, or both.
    pub(super) fn find(
        &self,
        hash_sent: Option<&str>,
        text: Option<String>,
        inspector: &Inspector,
    ) -> Result<Document, GateRefusal> {
        if let (Some(sent), Some(text)) = (hash_sent, &text)
            && hash(text) != sent
        {
            let message = "persistedQuery.sha256Hash is not the SHA-256 of query";
            return Err(GateRefusal::bad_request(message));
        }
        match (&self.list, hash_sent, text) {
            (_, None, None) => {
                Err(GateRefusal::bad_request("query must be a string: the GraphQL document"))
            }
            (None, None, Some(text)) => self.sent(text, inspector),
            (None, Some(sent), Some(text)) => self.sent_with_its_hash(sent, text, inspector),
            (None, Some(sent), None) => self.remembered(sent, inspector),
            (Some(list), Some(sent), None) => self.listed(list, sent, HASH_UNKNOWN, inspector),
            (Some(list), Some(sent), Some(_)) => self.listed(list, sent, NOT_LISTED, inspector),
            (Some(list), None, Some(text)) => {
                self.listed(list, &hash(&text), NOT_LISTED, inspector)
            }
        }
    }

    /// Remembers a document that came with its hash.
    pub(super) fn remember(&self, hash: &str, document: &Document) {
        if self.list.is_none() {
            let mut shelves = self.shelves();
            shelves.texts.put(hash, &document.text);
            shelves.by_hash.put(hash, document);
        }
    }

    fn sent(&self, text: String, inspector: &Inspector) -> Result<Document, GateRefusal> {
        if text.len() > LONGEST_PARSED {
            return Document::read(text.into(), inspector);
        }
        let known = self.shelves().by_text.get(&text);
        if let Some(document) = known {
            return Ok(document);
        }
        let document = Document::read(text.into(), inspector)?;
        self.shelves().by_text.put(Arc::clone(&document.text), &document);
        Ok(document)
    }

    /// Nothing is remembered yet: the request may be refused.
    fn sent_with_its_hash(
        &self,
        hash: &str,
        text: String,
        inspector: &Inspector,
    ) -> Result<Document, GateRefusal> {
        let known = self.shelves().by_hash.get(hash);
        known.map_or_else(|| Document::read(text.into(), inspector), Ok)
    }

    fn remembered(&self, hash: &str, inspector: &Inspector) -> Result<Document, GateRefusal> {
        let (text, known) = {
            let mut shelves = self.shelves();
            (shelves.texts.get(hash), shelves.by_hash.get(hash))
        };
        let text = text.ok_or_else(|| not_found(HASH_UNKNOWN))?;
        known.map_or_else(|| self.read(hash, text, inspector), Ok)
    }

    fn listed(
        &self,
        list: &Manifest,
        hash: &str,
        otherwise: &str,
        inspector: &Inspector,
    ) -> Result<Document, GateRefusal> {
        let text = list.document(hash).ok_or_else(|| not_found(otherwise))?;
        let known = self.shelves().by_hash.get(hash);
        known.map_or_else(|| self.read(hash, text, inspector), Ok)
    }

    /// Parses a document that is known by its hash, and keeps it.
    fn read(
        &self,
        hash: &str,
        text: Arc<str>,
        inspector: &Inspector,
    ) -> Result<Document, GateRefusal> {
        let document = Document::read(text, inspector)?;
        self.shelves().by_hash.put(hash, &document);
        Ok(document)
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_found(message: &str) -> GateRefusal {
    GateRefusal::new(ErrorCode::PersistedQueryNotFound, message)
}

/// What is kept of the documents. Those that came without a hash have a shelf of their own: a
/// client that writes values into its documents sends new ones without end, and they push out only
/// one another.
struct Shelves {
    /// The texts that are remembered, by their hash. What is not here is not known by its hash,
    /// parsed or not, unless a list has it.
    texts: Shelf<Arc<str>>,
    /// Of these, or of the list's, the ones used last.
    by_hash: Shelf<Document>,
    /// Those that came without a hash, by their text.
    by_text: Shelf<Document>,
}

impl Shelves {
    fn new(most: NonZeroUsize) -> Self {
        let parsed = || Shelf::new(MOST_PARSED, MOST_PARSED_BYTES, LONGEST_PARSED);
        Self {
            texts: Shelf::new(most, MOST_BYTES, MOST_BYTES),
            by_hash: parsed(),
            by_text: parsed(),
        }
    }
}

#[cfg(test)]
mod tests;
