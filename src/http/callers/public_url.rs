//! The address that people type.

use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{LINK, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use url::Url;

use super::authority::Authority;
use super::origin::Origin;

/// The address that people type, where it is not the one that we listen on: a proxy's, perhaps with a
/// path before all of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Without a slash at its end.
    text: String,
    origin: Origin,
    authority: Authority,
    prefix: String,
}

/// The text is not the address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedPublicUrl;

impl FromStr for PublicUrl {
    type Err = MalformedPublicUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_malformed| MalformedPublicUrl)?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let is_page = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && prefix.bytes().all(is_plain)
            && !prefix.contains("//");
        let origin = Origin::of(&url).filter(|_| is_page).ok_or(MalformedPublicUrl)?;
        let authority = origin.to_string();
        let (_, authority) = authority.split_once("://").ok_or(MalformedPublicUrl)?;
        let authority = authority.parse().map_err(|_malformed| MalformedPublicUrl)?;
        Ok(Self { text: format!("{origin}{prefix}"), origin, authority, prefix })
    }
}

impl PublicUrl {
    /// The name of its host, where that is one that others can know.
    pub fn domain(&self) -> Option<String> {
        self.authority.domain().map(str::to_owned)
    }

    /// The address, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path before all of ours, such as `/booking`; empty where there is none.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The origin of our own pages.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The host that people type.
    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }
}

/// Takes away what stands before our own paths, where a proxy passes on the path as it is typed.
pub(in crate::http) async fn strip_prefix(
    State(public_url): State<Arc<PublicUrl>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut parts = request.uri().clone().into_parts();
    let typed = parts.path_and_query.as_ref().map_or("", |path| path.as_str());
    let own = typed.strip_prefix(public_url.prefix());
    let own = own.filter(|own| own.is_empty() || own.starts_with(['/', '?']));
    let own = own.map(|own| if own.starts_with('/') { own.to_owned() } else { format!("/{own}") });
    if let Some(Ok(own)) = own.map(PathAndQuery::try_from) {
        parts.path_and_query = Some(own);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    next.run(request).await
}

/// Has each `Location` and `Link` lead from the address that people type.
pub(in crate::http) async fn link_publicly(
    State(public_url): State<Arc<PublicUrl>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let local = location.filter(|location| location.starts_with('/'));
    let link = local.map(|local| HeaderValue::try_from(format!("{}{local}", public_url.as_str())));
    if let Some(Ok(link)) = link {
        headers.insert(LOCATION, link);
    }
    let next = headers.get(LINK).and_then(|link| link.to_str().ok()?.strip_prefix("</"));
    let next = next.map(|rest| HeaderValue::try_from(format!("<{}/{rest}", public_url.as_str())));
    if let Some(Ok(next)) = next {
        headers.insert(LINK, next);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_its_path() {
        for (text, read_as, prefix) in [
            ("https://clinic.example", "https://clinic.example", ""),
            ("HTTPS://Clinic.Example:443/", "https://clinic.example", ""),
            (
                "http://clinic.example:8080/booking/",
                "http://clinic.example:8080/booking",
                "/booking",
            ),
            ("https://a.example/b/c", "https://a.example/b/c", "/b/c"),
        ] {
            let read: PublicUrl = text.parse().unwrap();
            assert_eq!((read.as_str(), read.prefix()), (read_as, prefix), "{text}");
        }
    }

    #[test]
    fn what_nobody_types_is_none() {
        for text in [
            "",
            "clinic.example",
            "ftp://clinic.example",
            "https://",
            "https://a.example?b",
            "https://a.example#b",
            "https://u:p@a.example",
            "https://a.example/{id}",
            "https://a.example/b//c",
            "capacitor://localhost",
            "https://a.example/b c",
        ] {
            assert_eq!(text.parse::<PublicUrl>(), Err(MalformedPublicUrl), "{text}");
        }
    }
}
