//! The media types that answer, and which of them a client wants.

use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderValue};

/// The two media types that answer, the newer first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    GraphqlResponse,
    Json,
}

impl MediaType {
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// The one that `Accept` prefers; none when it takes neither.
    pub(super) fn negotiated(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT) {
            return Some(Self::Json);
        }
        let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut ranges: Vec<(f32, Self)> =
            values.flat_map(|value| value.split(',')).filter_map(Self::range).collect();
        // Stable, so that of equals the one named first wins.
        ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        ranges.first().map(|(_, media_type)| *media_type)
    }

    fn range(range: &str) -> Option<(f32, Self)> {
        let mut parts = range.split(';').map(str::trim);
        let media_type = match parts.next()?.to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => Self::GraphqlResponse,
            "application/json" | "*/*" | "application/*" => Self::Json,
            _ => return None,
        };
        let quality =
            parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok())?;
        (quality > 0.0).then_some((quality, media_type))
    }
}
