//! Who calls.

mod linked;

use std::sync::Arc;

pub use linked::{LinkOpens, Linked};

use crate::domain::{PersonId, TokenId};

/// Who calls, and how they have shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// One of the clinic's staff.
    Person {
        /// Who.
        id: PersonId,
        /// Their name.
        name: Arc<str>,
    },
    /// A machine with a token of its own.
    Token {
        /// Which.
        id: TokenId,
        /// What it is for.
        name: Arc<str>,
    },
    /// Whoever holds the API token of the settings.
    ApiToken,
    /// Anybody, where access is open.
    Everybody,
    /// Whoever holds the token that opens the metrics and nothing else.
    MetricsReader,
    /// A patient, by a link of theirs.
    PatientLink(Linked),
    /// Whoever sits at the machine and runs a command.
    Operator,
    /// The server itself, in the background.
    System,
}

impl Caller {
    /// What kind of caller it is, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "PERSON",
            Self::Token { .. } => "TOKEN",
            Self::ApiToken => "API_TOKEN",
            Self::Everybody => "EVERYBODY",
            Self::MetricsReader => "METRICS",
            Self::PatientLink(_) => "PATIENT_LINK",
            Self::Operator => "OPERATOR",
            Self::System => "SYSTEM",
        }
    }

    /// The id of a person or a token.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Person { id, .. } => Some(id.to_string()),
            Self::Token { id, .. } => Some(id.to_string()),
            _ => None,
        }
    }

    /// What a person or a token is called.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Person { name, .. } | Self::Token { name, .. } => Some(name),
            _ => None,
        }
    }
}
