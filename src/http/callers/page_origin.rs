//! From which pages a browser may call.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, ETAG, LINK, LOCATION, ORIGIN, RETRY_AFTER, UPGRADE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, AllowPrivateNetwork, CorsLayer};

use super::authority::Authority;
use super::host::named_host;
use super::origin::Origin;
use super::public_url::PublicUrl;
use crate::http::idempotency::REPLAYED;
use crate::http::identity::REQUEST_ID;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// How long browsers remember what a page of a listed origin may do: a day.
const REMEMBERED: Duration = Duration::from_hours(24);

/// The pages from which a browser may call: ours, and those of other origins that are listed.
pub struct OriginPolicy {
    /// Where our own pages are; where we are called unless it is set.
    own: Option<Origin>,
    listed: HashSet<Origin>,
}

impl OriginPolicy {
    /// Our own pages are those at `public_url`, or at the `Host` of each request where it is not
    /// set; `listed` are those of others.
    pub fn new(public_url: Option<&PublicUrl>, listed: &[Origin]) -> Self {
        let own = public_url.map(|url| url.origin().clone());
        Self { own, listed: listed.iter().cloned().collect() }
    }

    fn lists(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().ok().and_then(|origin| origin.parse().ok());
        origin.is_some_and(|origin: Origin| self.listed.contains(&origin))
    }

    fn allows(&self, origin: &Origin, host: Option<&Authority>) -> bool {
        self.is_own(origin, host) || self.listed.contains(origin)
    }

    /// Whether the browser says that a page of ours has sent a request; or, of one that reads, that no
    /// page has: somebody typed its address. Pages that are listed are not ours.
    pub(super) fn vouches(
        &self,
        method: &Method,
        headers: &HeaderMap,
        host: Option<&Authority>,
    ) -> bool {
        let mut values = headers.get_all(ORIGIN).iter();
        match (values.next(), values.next()) {
            (Some(origin), None) => {
                let origin = origin.to_str().ok().and_then(|origin| origin.parse().ok());
                origin.is_some_and(|origin| self.is_own(&origin, host))
            }
            (None, _) => {
                let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
                matches!(*method, Method::GET | Method::HEAD)
                    && matches!(site, Some(b"same-origin" | b"none"))
            }
            (Some(_), Some(_)) => false,
        }
    }

    fn is_own(&self, origin: &Origin, host: Option<&Authority>) -> bool {
        match &self.own {
            Some(own) => own == origin,
            None => host.is_some_and(|host| origin.is_at(host)),
        }
    }

    /// The origin that a request names and that may not call: itself, or why it can't be one.
    fn refused_origin(&self, request: &Request) -> Option<String> {
        let mut values = request.headers().get_all(ORIGIN).iter();
        let first = values.next()?;
        if values.next().is_some() {
            return Some("several origins".to_owned());
        }
        let text = first.to_str().unwrap_or_default();
        let host = named_host(request).ok().flatten();
        match text.parse::<Origin>() {
            Ok(origin) if self.allows(&origin, host.as_ref()) => None,
            Ok(origin) => Some(origin.to_string()),
            Err(_) if text == "null" => Some("null".to_owned()),
            // Not as it stands: nobody knows what else is in it.
            Err(_) => Some("a malformed origin".to_owned()),
        }
    }

    /// Says in the log what `origin` was compared with, and what to set if it should be allowed.
    fn log(&self, origin: &str, request: &Request) {
        let host = named_host(request).ok().flatten();
        let (own, help) = match (&self.own, host) {
            (Some(own), _) => (format!("{own}, from PUBLIC_URL"), ""),
            (None, host) => (
                format!("{}, from Host", host.map_or("none".to_owned(), |host| host.to_string())),
                "; where a proxy changes Host, set PUBLIC_URL to what people type",
            ),
        };
        let mut listed: Vec<String> = self.listed.iter().map(Origin::to_string).collect();
        listed.sort_unstable();
        let listed = if listed.is_empty() { "nothing".to_owned() } else { listed.join(", ") };
        tracing::warn!(
            origin,
            own,
            listed,
            "Refused a page of {origin}: ours is {own}, and CORS_ORIGINS lists {listed}{help}"
        );
    }
}

/// Refuses what a browser sends on behalf of a page that may not call, where it acts or keeps
/// listening; what it reads, the browser keeps from the page.
pub(in crate::http) async fn check_origin(
    State(policy): State<Arc<OriginPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Browsers let any page open a WebSocket anywhere: they only say whose page it is.
    let is_guarded = !reads || request.headers().contains_key(UPGRADE);
    let refused = policy.refused_origin(&request);
    if let Some(origin) = &refused {
        policy.log(origin, &request);
    }
    let is_foreign = refused.is_some()
        || !request.headers().contains_key(ORIGIN) && !reads && is_cross_site(&request);
    if is_guarded && is_foreign {
        let detail = "A page of this origin may not call: see CORS_ORIGINS, and PUBLIC_URL for one \
                      of this server's own behind a proxy";
        return Problem::new(ErrorCode::ForbiddenOrigin, detail).into_response();
    }
    next.run(request).await
}

fn is_cross_site(request: &Request) -> bool {
    let site = request.headers().get(SEC_FETCH_SITE);
    site.is_some_and(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site"))
}

/// What browsers are told about other origins: a page of a listed one may send whatever it asks for,
/// as a program that is no browser may.
pub(in crate::http) fn cors(policy: &Arc<OriginPolicy>) -> CorsLayer {
    let (origins, networks) = (Arc::clone(policy), Arc::clone(policy));
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| origins.lists(origin)))
        .allow_private_network(AllowPrivateNetwork::predicate(move |origin, _| {
            networks.lists(origin)
        }))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(REMEMBERED)
        .expose_headers([
            LINK,
            LOCATION,
            ETAG,
            RETRY_AFTER,
            ALLOW,
            WWW_AUTHENTICATE,
            REQUEST_ID,
            REPLAYED,
        ])
}
