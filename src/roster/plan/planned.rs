//! One entry of a file, beside what is stored of it.

/// One entry of a file, beside what is stored of it.
#[derive(Debug)]
pub(in crate::roster) struct Planned<T> {
    /// How people tell it from others: a name, a reference, a day.
    pub(in crate::roster) of: String,
    /// As it is stored; none where it is new.
    pub(in crate::roster) before: Option<T>,
    /// As the file has it.
    pub(in crate::roster) after: T,
    /// The fields in which the two differ, as the file calls them.
    pub(in crate::roster) fields: Vec<&'static str>,
}

impl<T> Planned<T> {
    /// Whether it is not there.
    pub(in crate::roster) fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether it is not as the file has it.
    pub(in crate::roster) fn differs(&self) -> bool {
        self.is_new() || !self.fields.is_empty()
    }
}
