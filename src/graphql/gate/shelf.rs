//! Documents that were used lately, as many as there is room for.

use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;

/// The documents used last, up to a number and to bytes of text.
pub(super) struct Shelf<D> {
    documents: LruCache<Arc<str>, D>,
    /// Of the texts of all that are here.
    bytes: usize,
    most_bytes: usize,
    longest: usize,
}

impl<D: AsRef<str> + Clone> Shelf<D> {
    /// Room for so many documents of so many bytes together, none of which has more than
    /// `longest`.
    pub(super) fn new(most: NonZeroUsize, most_bytes: usize, longest: usize) -> Self {
        Self { documents: LruCache::new(most), bytes: 0, most_bytes, longest }
    }

    pub(super) fn get(&mut self, name: &str) -> Option<D> {
        self.documents.get(name).cloned()
    }

    /// Puts a document under a name that is never another's: its hash or its text.
    pub(super) fn put(&mut self, name: impl AsRef<str> + Into<Arc<str>>, document: &D) {
        let size = document.as_ref().len();
        if size > self.longest || self.documents.get(name.as_ref()).is_some() {
            return;
        }
        self.bytes += size;
        // The one used longest ago, when there are too many.
        if let Some((_, gone)) = self.documents.push(name.into(), document.clone()) {
            self.bytes -= gone.as_ref().len();
        }
        while self.bytes > self.most_bytes
            && let Some((_, gone)) = self.documents.pop_lru()
        {
            self.bytes -= gone.as_ref().len();
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(most: usize, most_bytes: usize, longest: usize) -> Shelf<Arc<str>> {
        Shelf::new(NonZeroUsize::new(most).unwrap(), most_bytes, longest)
    }

    fn put(shelf: &mut Shelf<Arc<str>>, text: &str) {
        shelf.put(text, &text.into());
        let sizes = shelf.documents.iter().map(|(_, text)| text.len());
        assert_eq!(shelf.bytes, sizes.sum::<usize>());
    }

    fn names(shelf: &Shelf<Arc<str>>) -> Vec<&str> {
        shelf.documents.iter().map(|(name, _)| &**name).collect()
    }

    #[test]
    fn the_number_is_bounded() {
        let mut shelf = shelf(2, 100, 100);
        for text in ["a", "bb", "a", "ccc"] {
            put(&mut shelf, text);
        }
        assert_eq!(names(&shelf), ["ccc", "a"]);
    }

    #[test]
    fn the_bytes_are_bounded_and_one_may_take_the_place_of_many() {
        let mut shelf = shelf(100, 6, 5);
        for text in ["a", "bb", "ccc"] {
            put(&mut shelf, text);
        }
        assert_eq!(names(&shelf), ["ccc", "bb", "a"]);
        assert!(shelf.get("bb").is_some());
        put(&mut shelf, "dddd");
        assert_eq!(names(&shelf), ["dddd", "bb"]);
        put(&mut shelf, "eeeee");
        assert_eq!(names(&shelf), ["eeeee"]);
    }

    #[test]
    fn what_is_too_long_pushes_out_nothing() {
        let mut shelf = shelf(2, 100, 3);
        put(&mut shelf, "a");
        put(&mut shelf, "bbbb");
        assert_eq!(names(&shelf), ["a"]);
    }
}
