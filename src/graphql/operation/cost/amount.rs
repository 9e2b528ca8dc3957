//! How much something costs.

/// So long as it takes to read a row is one; what is at hand takes a fraction of that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cost(u64);

impl Cost {
    pub(super) const NONE: Self = Self(0);
    /// A value that is at hand, of an object that is.
    pub(super) const VALUE: Self = Self(1);
    /// An object that is held in memory.
    pub(super) const KNOWN: Self = Self(5);
    /// An object that is read.
    pub(super) const ROW: Self = Self::rows(1);

    pub(super) const fn rows(rows: u64) -> Self {
        Self(rows * 50)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(super) fn times(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    pub(super) fn whole(self) -> usize {
        usize::try_from(self.0.div_ceil(Self::ROW.0)).unwrap_or(usize::MAX)
    }
}
