//! The words of `graphql-transport-ws`, as the `graphql-ws` library defines them:
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use async_graphql::ServerError;
use axum::extract::ws::{CloseFrame, Message};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use tungstenite::error::ProtocolError;

use crate::http::callers::NotAdmitted;

pub(super) use super::message::ClientMessage;

/// The name under which a client asks for the protocol.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Json>>,
    },
    Next {
        id: &'a str,
        /// An answer, as it is written for all who are told it.
        payload: &'a RawValue,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl From<ServerMessage<'_>> for Message {
    fn from(message: ServerMessage<'_>) -> Self {
        Self::Text(serde_json::to_string(&message).unwrap_or_default().into())
    }
}

/// Why the server closes a connection: codes of the protocol, and of RFC 6455 below 4000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closing {
    ServerStops,
    BrokenFrame,
    NotText,
    TooLarge,
    Full,
    TooManyGuesses,
    NotNow,
    BadMessage,
    Unauthorized,
    Forbidden,
    SubprotocolNotAcceptable,
    InitTimeout,
    /// Of that id.
    SubscriberExists(String),
    TooManyInits,
}

impl Closing {
    /// How somebody is sent away who is not let in.
    pub(super) fn of(not_admitted: NotAdmitted) -> Self {
        match not_admitted {
            NotAdmitted::Unauthenticated | NotAdmitted::ForeignPage => Self::Forbidden,
            NotAdmitted::TooManyGuesses { .. } => Self::TooManyGuesses,
            NotAdmitted::Unknown(refusal) => {
                tracing::error!(%refusal, "Whether somebody may connect is not known");
                Self::NotNow
            }
        }
    }

    /// What to say of a message that could not be read; none when nobody is there to hear it.
    pub(super) fn after(error: &axum::Error) -> Option<Self> {
        match std::error::Error::source(error)?.downcast_ref()? {
            tungstenite::Error::Capacity(_) => Some(Self::TooLarge),
            tungstenite::Error::Utf8(_) => Some(Self::NotText),
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            tungstenite::Error::Protocol(_) => Some(Self::BrokenFrame),
            _ => None,
        }
    }
}

/// What a close frame has room for beside its code, in bytes (RFC 6455, 5.5).
const LONGEST_REASON: usize = 123;

impl From<Closing> for Message {
    /// In the words of the `graphql-ws` library, where it has any.
    fn from(closing: Closing) -> Self {
        let (code, reason) = match &closing {
            Closing::ServerStops => (1001, "Going away"),
            Closing::BrokenFrame => (1002, "Not a WebSocket frame"),
            Closing::NotText => (1007, "Not UTF-8"),
            Closing::TooLarge => (1009, "Message too big"),
            Closing::Full => (1013, "Too many open connections; try again later"),
            Closing::TooManyGuesses => (1013, "Too many wrong tokens; try again later"),
            Closing::NotNow => (1013, "Not available just now; try again later"),
            Closing::BadMessage => (4400, "Invalid message received"),
            Closing::Unauthorized => (4401, "Unauthorized"),
            Closing::Forbidden => (4403, "Forbidden"),
            Closing::SubprotocolNotAcceptable => (4406, "Subprotocol not acceptable"),
            Closing::InitTimeout => (4408, "Connection initialisation timeout"),
            Closing::SubscriberExists(id) => {
                let named = format!("Subscriber for {id} already exists");
                let named = Some(named).filter(|reason| reason.len() <= LONGEST_REASON);
                let reason = named.unwrap_or_else(|| "Subscriber already exists".to_owned());
                return Self::Close(Some(CloseFrame { code: 4409, reason: reason.into() }));
            }
            Closing::TooManyInits => (4429, "Too many initialisation requests"),
        };
        Self::Close(Some(CloseFrame { code, reason: reason.into() }))
    }
}
