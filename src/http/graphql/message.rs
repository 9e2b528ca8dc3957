//! What a client of `graphql-transport-ws` says, as strictly as the `graphql-ws` library reads it.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ClientMessage {
    ConnectionInit {
        payload: Option<Map<String, Json>>,
    },
    Ping {
        payload: Option<Map<String, Json>>,
    },
    Pong {
        #[expect(dead_code, reason = "what else it may be is refused")]
        payload: Option<Map<String, Json>>,
    },
    Subscribe {
        id: OperationId,
        payload: OperationPayload,
    },
    Complete {
        id: OperationId,
    },
}

impl ClientMessage {
    /// Reads a message; none if it is not one of the protocol.
    pub(super) fn read(text: &str) -> Option<Self> {
        // An object first: the derived reading would take a list too.
        let message: Map<String, Json> = serde_json::from_str(text).ok()?;
        serde_json::from_value(Json::Object(message)).ok()
    }
}

/// What a client calls one of its operations: not empty.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct OperationId(pub(super) String);

impl TryFrom<String> for OperationId {
    type Error = &'static str;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        if id.is_empty() { Err("an id is not empty") } else { Ok(Self(id)) }
    }
}

/// The parameters of a request, each of its type.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Json>")]
pub(super) struct OperationPayload(pub(super) Json);

impl TryFrom<Map<String, Json>> for OperationPayload {
    type Error = &'static str;

    fn try_from(payload: Map<String, Json>) -> Result<Self, Self::Error> {
        let is = |name: &str, fits: fn(&Json) -> bool| payload.get(name).is_none_or(fits);
        let object_or_null = |value: &Json| value.is_object() || value.is_null();
        let well_formed = is("operationName", |name| name.is_string() || name.is_null())
            && is("variables", object_or_null)
            && is("extensions", object_or_null);
        // The one thing that is laxer than the library: Apollo's mobile clients leave the document
        // out where its hash stands for it.
        let hash = || payload.get("extensions").and_then(|known| known.get("persistedQuery"));
        let has_document = match payload.get("query") {
            None | Some(Json::Null) => hash().is_some_and(Json::is_object),
            Some(query) => query.is_string(),
        };
        if well_formed && has_document {
            Ok(Self(Json::Object(payload)))
        } else {
            Err("the parameters are not those of a request")
        }
    }
}
