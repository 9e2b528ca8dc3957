//! What a request shows of who sent it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

use super::client_address::ClientAddress;
use super::host::named_host;
use super::own_cookie::OwnCookie;
use super::page_origin::OriginPolicy;
use crate::http::identity::RequestId;
use crate::people::Visitor;

/// Marks a request that no person has caused: a page that looks by itself for what is new.
const BACKGROUND: HeaderName = HeaderName::from_static("x-clinic-background");

/// What a request shows of who sent it; taken out of it, so that it can be looked up meanwhile.
#[derive(Clone)]
pub(in crate::http) struct Shown {
    pub(super) by: ShownBy,
    /// From where it came.
    pub(super) from: IpAddr,
    /// Whether a person has caused it.
    pub(super) is_act: bool,
    /// How the log names it.
    request_id: Option<Arc<str>>,
}

/// By what somebody asks to be let in.
#[derive(Clone)]
pub(super) enum ShownBy {
    /// By nothing.
    Nothing,
    /// By an `Authorization` that is none of ours.
    SomethingElse,
    /// By a bearer token.
    Bearer(String),
    /// By a session, in a cookie that counts.
    Session(String),
    /// By a session's cookie that a page of others may have had sent.
    ForeignSession,
}

impl Shown {
    /// What a request shows: its token goes before its cookie.
    pub(in crate::http) fn by(
        request: &Request,
        cookie: OwnCookie,
        origins: &OriginPolicy,
    ) -> Self {
        let headers = request.headers();
        let by = if let Some(token) = bearer(headers) {
            ShownBy::Bearer(token.to_owned())
        } else if headers.contains_key(AUTHORIZATION) {
            ShownBy::SomethingElse
        } else {
            match cookie.shown(headers) {
                Some(secret) if vouched_for(request, origins) => {
                    ShownBy::Session(secret.to_owned())
                }
                Some(_) => ShownBy::ForeignSession,
                None => ShownBy::Nothing,
            }
        };
        let request_id = request.extensions().get();
        let request_id = request_id.map(|RequestId(id)| Arc::from(id.as_str()));
        Self { by, from: sender(request), is_act: is_act(headers), request_id }
    }

    /// A token that was said otherwise than in a header.
    pub(in crate::http) fn token(token: Option<&str>, from: IpAddr) -> Self {
        let by = token.map_or(ShownBy::Nothing, |token| ShownBy::Bearer(token.to_owned()));
        Self { by, from, is_act: false, request_id: None }
    }

    /// The same without a cookie that does not count.
    pub(super) fn without_foreign_cookie(self) -> Self {
        match self.by {
            ShownBy::ForeignSession => Self { by: ShownBy::Nothing, ..self },
            _ => self,
        }
    }

    /// The secret of the session, whose cookie counts.
    pub(in crate::http) fn session(&self) -> Option<&str> {
        match &self.by {
            ShownBy::Session(secret) => Some(secret),
            _ => None,
        }
    }

    /// Whether a person has caused it.
    pub(in crate::http) fn is_act(&self) -> bool {
        self.is_act
    }

    /// Whether there is a cookie that does not count.
    pub(in crate::http) fn is_foreign(&self) -> bool {
        matches!(self.by, ShownBy::ForeignSession)
    }

    /// Whoever has sent it.
    pub(in crate::http) fn visitor(&self) -> Visitor {
        Visitor { address: self.from, request_id: self.request_id.clone() }
    }
}

/// Whether the browser says that a page of ours has sent it, or nobody's.
fn vouched_for(request: &Request, origins: &OriginPolicy) -> bool {
    let host = named_host(request).ok().flatten();
    origins.vouches(request.method(), request.headers(), host.as_ref())
}

/// Whether a form of a page of ours has sent it.
pub(in crate::http) fn is_own_form(request: &Request, origins: &OriginPolicy) -> bool {
    request.headers().contains_key(ORIGIN) && vouched_for(request, origins)
}

/// Whether a page of others has sent it, as far as the browser says.
pub(in crate::http) fn is_of_other_page(request: &Request, origins: &OriginPolicy) -> bool {
    request.headers().contains_key(ORIGIN) && !vouched_for(request, origins)
}

/// Connections that stay open are no act: their pages open them again by themselves.
fn is_act(headers: &HeaderMap) -> bool {
    let marked = headers.get(BACKGROUND).is_some_and(|value| value == "1");
    let mut accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    !marked
        && !accepted
            .any(|value| value.contains("event-stream") || value.contains("multipart/mixed"))
}

pub(super) fn sender(request: &Request) -> IpAddr {
    request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN).0
}

/// The bearer token, if the headers hold one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}
