//! At which names we are called.
//!
//! Any name can be made to lead to this machine, by whoever owns it. A page at such a name is of one
//! origin with us, for all that its browser knows, and could do here whatever its reader may (DNS
//! rebinding). So where no token is wanted, only names that are known to be ours are answered.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Version;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::authority::Authority;
use super::public_url::PublicUrl;
use crate::http::problem::Problem;
use crate::request::ErrorCode;

/// Routes that tell nobody's data, and that platforms call by whatever address they have.
pub(super) const ANSWERED_AT_ANY_NAME: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The names at which we are called.
pub struct HostPolicy {
    checked: bool,
    known: Vec<Authority>,
}

impl HostPolicy {
    /// Those of `HOSTS` and `PUBLIC_URL`, beside those of this machine for itself. Where access is
    /// `open` others are refused; else only if one of the two is set.
    pub fn new(open: bool, hosts: &[Authority], public_url: Option<&PublicUrl>) -> Self {
        let public = public_url.map(|url| url.authority().clone());
        let known: Vec<Authority> = hosts.iter().cloned().chain(public).collect();
        Self { checked: open || !known.is_empty(), known }
    }

    fn answers(&self, named: &Authority) -> bool {
        !self.checked || named.is_loopback() || self.known.iter().any(|known| known.covers(named))
    }

    fn refuse(&self, named: &Authority) -> Problem {
        let others = self.known.iter().map(|known| format!(", {known}"));
        let known = "localhost and loopback addresses".to_owned() + &others.collect::<String>();
        tracing::warn!(
            host = %named,
            known,
            "Refused a request for {named}, which is none of our names ({known}): if it is one, add \
             it to HOSTS, or make it PUBLIC_URL"
        );
        let detail = format!(
            "This server is not known as {named}: its operator may add that to HOSTS, or make it \
             PUBLIC_URL"
        );
        Problem::new(ErrorCode::MisdirectedRequest, detail)
    }
}

/// The name at which a request calls us; none is needed before HTTP/1.1.
///
/// # Errors
///
/// What is wrong with it (RFC 9112, section 3.2).
pub(in crate::http) fn named_host(request: &Request) -> Result<Option<Authority>, &'static str> {
    let mut values = request.headers().get_all(HOST).iter();
    let host = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err("The request has more than one Host"),
        (None, _) if request.version() == Version::HTTP_11 => {
            return Err("The request has no Host, which HTTP/1.1 needs");
        }
        (host, _) => host,
    };
    // A target that is a whole address counts for more than the header.
    let named = match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => host.map(|host| host.to_str().unwrap_or_default()),
    };
    named.map(|named| named.parse().map_err(|_malformed| "The Host is malformed")).transpose()
}

/// Refuses what is sent to a name that is not ours.
pub(in crate::http) async fn check_host(
    State(policy): State<Arc<HostPolicy>>,
    request: Request,
    next: Next,
) -> Response {
    let named = match named_host(&request) {
        Ok(named) => named,
        Err(detail) => return Problem::new(ErrorCode::BadRequest, detail).into_response(),
    };
    if let Some(named) = named
        && !policy.answers(&named)
        && !ANSWERED_AT_ANY_NAME.contains(&request.uri().path())
    {
        return policy.refuse(&named).into_response();
    }
    next.run(request).await
}
