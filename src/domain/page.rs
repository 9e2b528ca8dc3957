//! Pages of lists.

/// One page of a list that is ordered by a key, counted from one end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page<K> {
    /// Only what comes after this key.
    pub after: Option<K>,
    /// Only what comes before this key.
    pub before: Option<K>,
    /// How many at most.
    pub limit: u64,
    /// Count from the end of the list instead of from its start; the order stays.
    pub backward: bool,
}

impl<K> Page<K> {
    /// The first `limit` of all.
    pub fn first(limit: u64) -> Self {
        Self { after: None, before: None, limit, backward: false }
    }
}

impl<K: Ord> Page<K> {
    /// This page of a list that is in memory, in the order of its keys.
    pub fn of<T>(
        &self,
        items: impl DoubleEndedIterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> Vec<T> {
        let within = |item: &T| {
            self.after.as_ref().is_none_or(|after| key(item) > *after)
                && self.before.as_ref().is_none_or(|before| key(item) < *before)
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items = items.filter(within);
        if self.backward {
            let mut last: Vec<T> = items.rev().take(limit).collect();
            last.reverse();
            last
        } else {
            items.take(limit).collect()
        }
    }
}
