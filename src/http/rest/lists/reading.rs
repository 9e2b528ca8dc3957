//! Reading what a list is asked for, and answering it.

use std::str::FromStr;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::csv::{self, Row};
use super::format::Format;
use crate::domain::Page;
use crate::http::problem::Problem;
use crate::http::query_string::QueryParameters;
use crate::request::ErrorCode;

const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 200;

/// What a list is asked for, and how it is to be answered.
pub(in crate::http) struct ListRequest {
    pub(super) query: QueryParameters,
    pub(super) answer: ListAnswer,
}

impl<S: Send + Sync> FromRequestParts<S> for ListRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let format = Format::negotiated(&parts.headers).ok_or_else(|| {
            let detail = "This list can be had as application/json or as text/csv";
            Problem::new(ErrorCode::NotAcceptable, detail)
        })?;
        let query = QueryParameters::from_request_parts(parts, state).await?;
        Ok(Self { query, answer: ListAnswer { format, uri: parts.uri.clone() } })
    }
}

/// How a list is to be answered.
pub(super) struct ListAnswer {
    format: Format,
    uri: Uri,
}

impl ListAnswer {
    /// Answers one page: as JSON what `body` makes of the rows and the cursor of the next page.
    pub(super) fn page<R: Row, B: Serialize>(
        self,
        rows: Vec<R>,
        next_cursor: Option<String>,
        body: impl FnOnce(Vec<R>, Option<String>) -> B,
    ) -> Response {
        let link = next_cursor.as_deref().and_then(|cursor| self.next(cursor));
        let mut response = match self.format {
            Format::Json => Json(body(rows, next_cursor)).into_response(),
            Format::Csv => {
                let media_type = HeaderValue::from_static(csv::MEDIA_TYPE);
                match csv::text(&rows) {
                    Ok(text) => ([(CONTENT_TYPE, media_type)], text).into_response(),
                    Err(error) => {
                        tracing::error!(%error, "A list could not be written as CSV");
                        Problem::new(ErrorCode::Internal, "Internal error").into_response()
                    }
                }
            }
        };
        let headers = response.headers_mut();
        // Whoever stands between keeps no copy of who is seen when.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.append(VARY, HeaderValue::from_static("accept"));
        headers.extend(link.map(|link| (LINK, link)));
        response
    }

    /// Where the next page is (RFC 8288): the same list, from `cursor` on.
    fn next(&self, cursor: &str) -> Option<HeaderValue> {
        let asked = self.uri.query().unwrap_or_default();
        let mut asked: Vec<(String, String)> = serde_urlencoded::from_str(asked).ok()?;
        asked.retain(|(name, _)| name != "cursor");
        asked.push(("cursor".to_owned(), cursor.to_owned()));
        let asked = serde_urlencoded::to_string(asked).ok()?;
        HeaderValue::try_from(format!("<{}?{asked}>; rel=\"next\"", self.uri.path())).ok()
    }
}

/// One page of a list whose places are of that kind.
pub(super) struct ListPage<K> {
    limit: usize,
    after: Option<K>,
}

impl<K> ListPage<K> {
    /// Reads `limit` and `cursor`, a cursor as `place` reads it.
    pub(super) fn read(query: &mut QueryParameters, place: impl Fn(&str) -> Option<K>) -> Self {
        let limit = query.integer("limit").unwrap_or(PAGE);
        if !(1..=LARGEST_PAGE).contains(&limit) {
            query.wrong("limit", "must be from 1 to 200");
        }
        let after = query.text("cursor").map(|text| place(&text));
        if matches!(after, Some(None)) {
            query.wrong("cursor", "must be the next_cursor of an answer");
        }
        Self { limit: usize::try_from(limit).unwrap_or_default(), after: after.flatten() }
    }

    /// The same, where the text of a place is what it is read from.
    pub(super) fn parsed(query: &mut QueryParameters) -> Self
    where
        K: FromStr,
    {
        Self::read(query, |text| text.parse().ok())
    }

    /// How many rows to fetch: one more than are shown, to see whether more follow.
    pub(super) fn fetch(&self) -> usize {
        self.limit + 1
    }

    /// The place that the page comes after.
    pub(super) fn after(&self) -> Option<&K> {
        self.after.as_ref()
    }

    /// Cuts off the row that was fetched too much; the cursor of the next page, if there is one.
    pub(super) fn cut<T>(
        &self,
        rows: &mut Vec<T>,
        cursor: impl Fn(&T) -> String,
    ) -> Option<String> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        rows.last().filter(|_| more).map(cursor)
    }
}

impl<K: Copy> ListPage<K> {
    /// The page to fetch.
    pub(super) fn page(&self) -> Page<K> {
        let limit = u64::try_from(self.fetch()).unwrap_or(u64::MAX);
        Page { after: self.after, ..Page::first(limit) }
    }
}
