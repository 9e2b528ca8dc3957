//! What becomes of a field that a change may leave alone.

/// What becomes of a field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldChange<T> {
    /// It stays as it is.
    #[default]
    Stays,
    /// It is not known any more.
    Cleared,
    /// It is this.
    Is(T),
}

impl<T> FieldChange<T> {
    /// What it is from now on, if it is given.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Stays | Self::Cleared => None,
        }
    }

    /// What there is from now on, where that was there before.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Stays => before,
            Self::Cleared => None,
            Self::Is(value) => Some(value),
        }
    }

    /// The same of what was given, as `map` reads it; what can't be read stays.
    pub fn map<U>(self, map: impl FnOnce(T) -> Option<U>) -> FieldChange<U> {
        match self {
            Self::Stays => FieldChange::Stays,
            Self::Cleared => FieldChange::Cleared,
            // What can't be read is told; what becomes of it then does not matter.
            Self::Is(value) => map(value).map_or(FieldChange::Stays, FieldChange::Is),
        }
    }

    /// What tells a request with it from others under one key; nothing where it stays.
    pub fn told(&self, name: &str, text: impl FnOnce(&T) -> String) -> Option<String> {
        match self {
            Self::Stays => None,
            Self::Cleared => Some(format!("{name} cleared")),
            Self::Is(value) => Some(format!("{name} {}", text(value))),
        }
    }
}
