//! The hash of a document: how it is made, and where a request has it.

use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};

use super::refusal::GateRefusal;

/// SHA-256 of a document, 64 hexadecimal digits in lower case.
pub(super) fn hash(document: &str) -> String {
    Sha256::digest(document.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash in the extensions of a request, as Apollo's protocol writes it.
pub(super) fn hash_in(extensions: &Map<String, Json>) -> Result<Option<String>, GateRefusal> {
    let persisted = match extensions.get("persistedQuery") {
        None | Some(Json::Null) => return Ok(None),
        Some(persisted) => persisted,
    };
    let hash = persisted.get("sha256Hash").and_then(Json::as_str);
    let is_hash = |text: &&str| {
        text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match (persisted.get("version").and_then(Json::as_u64), hash.filter(is_hash)) {
        (Some(1), Some(hash)) => Ok(Some(hash.to_owned())),
        _ => Err(GateRefusal::bad_request(
            "persistedQuery must be {\"version\": 1, \"sha256Hash\": 64 hexadecimal digits in lower case}",
        )),
    }
}
