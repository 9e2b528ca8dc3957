//! By which door a visit was booked.

use std::str::FromStr;

/// By which door a visit was booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// A mutation of GraphQL.
    GraphQl,
    /// The REST routes.
    Rest,
    /// The front desk's page.
    Desk,
    /// The page that a link in a mail leads to.
    PatientLink,
    /// An offer of the waitlist.
    Waitlist,
    /// A series of visits.
    Series,
}

impl Provenance {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::GraphQl, Self::Rest, Self::Desk, Self::PatientLink, Self::Waitlist, Self::Series];

    /// The name that the database and both doors use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GraphQl => "GRAPHQL",
            Self::Rest => "REST",
            Self::Desk => "DESK",
            Self::PatientLink => "PATIENT_LINK",
            Self::Waitlist => "WAITLIST",
            Self::Series => "SERIES",
        }
    }
}

/// The text is not the name of a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a provenance")]
pub struct UnknownProvenance;

impl FromStr for Provenance {
    type Err = UnknownProvenance;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|door| door.as_str() == text).ok_or(UnknownProvenance)
    }
}
