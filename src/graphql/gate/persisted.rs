//! Documents that are known by their hash: remembered from earlier requests, or listed beforehand.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use super::hash::hash;
use super::manifest::Manifest;
use super::refusal::GateRefusal;
use crate::booking::ErrorCode;

/// Bytes of all documents that are remembered, so that few large ones don't fill the memory.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The documents that are known by their hash.
pub(super) enum Documents {
    /// Those that were sent lately. Any other may be sent too.
    Remembered(Mutex<Memory>),
    /// Those of a list. No other is served.
    Listed(Manifest),
}

impl Documents {
    pub(super) fn remembered(most: NonZeroUsize) -> Self {
        Self::Remembered(Mutex::new(Memory { documents: LruCache::new(most), bytes: 0 }))
    }

    /// The document that a request names by its hash, its text, or both.
    pub(super) fn find(
        &self,
        hash_sent: Option<&str>,
        text: Option<String>,
    ) -> Result<Arc<str>, GateRefusal> {
        if let (Some(sent), Some(text)) = (hash_sent, &text)
            && hash(text) != sent
        {
            let message = "persistedQuery.sha256Hash is not the SHA-256 of query";
            return Err(GateRefusal::bad_request(message));
        }
        match (self, hash_sent, text) {
            (_, None, None) => {
                Err(GateRefusal::bad_request("query must be a string: the GraphQL document"))
            }
            (Self::Remembered(_), _, Some(text)) => Ok(text.into()),
            (Self::Remembered(memory), Some(sent), None) => {
                let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                // These words and this code are what clients of the protocol look for.
                memory
                    .documents
                    .get(sent)
                    .cloned()
                    .ok_or_else(|| not_found("PersistedQueryNotFound"))
            }
            (Self::Listed(list), Some(sent), None) => {
                list.document(sent).ok_or_else(|| not_found("PersistedQueryNotFound"))
            }
            (Self::Listed(list), _, Some(text)) => list.document(&hash(&text)).ok_or_else(|| {
                not_found("This server serves the operations of its list, and this is none of them")
            }),
        }
    }

    /// Remembers a document that came with its hash.
    pub(super) fn remember(&self, hash: &str, document: &Arc<str>) {
        if let Self::Remembered(memory) = self {
            memory.lock().unwrap_or_else(PoisonError::into_inner).put(hash, document);
        }
    }
}

fn not_found(message: &str) -> GateRefusal {
    GateRefusal::new(ErrorCode::PersistedQueryNotFound, message)
}

/// The documents used last, up to a number and a size.
pub(super) struct Memory {
    documents: LruCache<String, Arc<str>>,
    bytes: usize,
}

impl Memory {
    fn put(&mut self, hash: &str, document: &Arc<str>) {
        self.bytes += document.len();
        // What it replaces, or the one used longest ago when there are too many.
        if let Some((_, gone)) = self.documents.push(hash.to_owned(), document.clone()) {
            self.bytes -= gone.len();
        }
        while self.bytes > MOST_BYTES
            && let Some((_, gone)) = self.documents.pop_lru()
        {
            self.bytes -= gone.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(most: usize) -> Documents {
        Documents::remembered(NonZeroUsize::new(most).unwrap())
    }

    fn remember(documents: &Documents, text: &str) -> String {
        documents.remember(&hash(text), &text.into());
        hash(text)
    }

    #[test]
    fn the_one_used_longest_ago_is_forgotten_first() {
        let documents = memory(2);
        let (a, b) = (remember(&documents, "{ a }"), remember(&documents, "{ b }"));
        assert!(documents.find(Some(&a), None).is_ok());
        let c = remember(&documents, "{ c }");
        assert!(documents.find(Some(&b), None).is_err());
        assert_eq!(documents.find(Some(&a), None).as_deref(), Ok("{ a }"));
        assert_eq!(documents.find(Some(&c), None).as_deref(), Ok("{ c }"));
    }

    #[test]
    fn large_documents_are_forgotten_before_they_fill_the_memory() {
        let documents = memory(1000);
        let large = |n: usize| format!("{{ a{n} }} #{}", "x".repeat(60_000));
        let hashes: Vec<String> = (0..200).map(|n| remember(&documents, &large(n))).collect();
        let kept =
            hashes.iter().filter(|hash| documents.find(Some(hash.as_str()), None).is_ok()).count();
        assert!((60..=70).contains(&kept), "{kept}");
        // One that comes again is not counted twice.
        for _ in 0..100 {
            remember(&documents, &large(199));
        }
        let still =
            hashes.iter().filter(|hash| documents.find(Some(hash.as_str()), None).is_ok()).count();
        assert_eq!(still, kept);
    }
}
