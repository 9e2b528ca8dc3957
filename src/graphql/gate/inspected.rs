//! Documents that were read lately: clients send few again and again, and to scan, parse and weigh
//! one takes longer than much that is asked with it.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;

use super::inspect::inspect;
use super::limits::Limits;
use super::refusal::GateRefusal;

/// How many are kept.
const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(63);
/// Bytes of a document that is kept. Parsed, it takes many times as much.
const LONGEST: usize = 2048;

type Known = LruCache<Arc<str>, Arc<ExecutableDocument>>;

/// The documents read last, as they were found to be within the limits.
pub(super) struct Inspected(Mutex<Known>);

impl Inspected {
    pub(super) fn new() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }

    /// What [`inspect`] makes of the document, always with the same limits.
    pub(super) fn document(
        &self,
        text: &Arc<str>,
        limits: &Limits,
    ) -> Result<ExecutableDocument, GateRefusal> {
        let known = self.known().get(text).cloned();
        if let Some(document) = known {
            return Ok(ExecutableDocument::clone(&document));
        }
        let document = inspect(text, limits)?;
        if text.len() <= LONGEST {
            self.known().put(Arc::clone(text), Arc::new(document.clone()));
        }
        Ok(document)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inspected: &Inspected, text: &str) -> Result<String, GateRefusal> {
        let document = inspected.document(&text.into(), &Limits::default());
        document.map(|document| format!("{document:?}"))
    }

    #[test]
    fn a_document_that_is_known_is_what_it_was() {
        let inspected = Inspected::new();
        for text in ["query A { a(b: 1) ...f } fragment f on Query { c }", "{ a }"] {
            let first = read(&inspected, text);
            assert_eq!(first, Ok(format!("{:?}", inspect(text, &Limits::default()).unwrap())));
            assert_eq!(read(&inspected, text), first);
        }
        assert_eq!(inspected.known().len(), 2);
    }

    #[test]
    fn what_is_refused_or_long_is_not_kept() {
        let inspected = Inspected::new();
        assert!(read(&inspected, "{ a").is_err() && read(&inspected, "{ a").is_err());
        assert!(read(&inspected, &format!("{{ a }} #{}", " ".repeat(LONGEST))).is_ok());
        assert_eq!(inspected.known().len(), 0);
    }

    #[test]
    fn the_documents_kept_are_those_read_last() {
        let inspected = Inspected::new();
        for number in 0..300 {
            assert!(read(&inspected, &format!("{{ a{number} }}")).is_ok());
        }
        assert_eq!(inspected.known().len(), MOST.get());
        assert!(inspected.known().contains("{ a299 }") && !inspected.known().contains("{ a0 }"));
    }
}
