//! The header `Idempotency-Key`, the same at both doors.

use axum::http::{HeaderMap, HeaderName};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that an answer repeats that to an earlier request with the same key.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key as it was sent, if one was. What can't be one, two of them among it, becomes a text that
/// the reading of keys refuses.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Option<String> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = sent.next()?.to_str().unwrap_or_default();
    Some(if sent.next().is_some() { String::new() } else { key.to_owned() })
}
