//! What kind of visit a request is about.

use crate::domain::{Directory, VisitLength, VisitShape, VisitType, VisitTypeId};
use crate::request::refusal::Refusal;
use crate::request::resource::Resource;

/// A kind of visit, as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AskedVisitType {
    /// By its id. A malformed one names nothing, and is told so in its turn.
    Id(VisitTypeId),
    /// By its name, letters and digits of which count.
    Named(String),
}

impl AskedVisitType {
    /// The kind of visit of that id.
    pub fn of_id(text: &str) -> Self {
        Self::Id(text.parse().unwrap_or(VisitTypeId::NOBODY))
    }

    /// The kind of visit of that id, or else of that name.
    pub fn of_id_or_name(text: &str) -> Self {
        text.parse().map_or_else(|_no_id| Self::Named(text.to_owned()), Self::Id)
    }

    /// The kind of visit, offered or not.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub fn find<'a>(&self, directory: &'a Directory) -> Result<&'a VisitType, Refusal> {
        let found = match self {
            Self::Id(id) => directory.visit_type(*id),
            Self::Named(name) => directory.visit_type_named(name),
        };
        found.map(AsRef::as_ref).ok_or(Refusal::NotFound(Resource::VisitType))
    }

    /// What a visit of that kind is like, if of any: as long as is asked for, else as its kind says, else
    /// 30 minutes.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] for a kind of visit that there is none of.
    pub fn shape(
        asked: Option<&Self>,
        length: Option<VisitLength>,
        directory: &Directory,
    ) -> Result<VisitShape, Refusal> {
        let kind = asked.map(|asked| asked.find(directory)).transpose()?;
        let usual = kind.map_or(VisitLength::DEFAULT, |kind| kind.length);
        Ok(VisitShape { length: length.unwrap_or(usual), kind: kind.map(|kind| kind.id) })
    }

    /// As it stands in the fingerprint of a request.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Named(name) => name.clone(),
        }
    }
}
