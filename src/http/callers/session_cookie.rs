//! The cookie that a session is kept in, and when it counts.
//!
//! A browser sends a cookie along with whatever a page asks for, whosever page it is. So one counts only
//! where the browser says that a page of ours has sent the request, or nobody's page: an address that
//! was typed. `SameSite=Lax` says the same to browsers, but of sites, which may have other people's
//! pages in them.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::public_url::PublicUrl;

/// Under https no other host of the site, and nobody in between, can set a cookie of that name.
const SECURE_NAME: &str = "__Host-clinic";
const PLAIN_NAME: &str = "clinic";

/// How the cookie is called and kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct SessionCookie {
    is_secure: bool,
}

impl SessionCookie {
    /// That of a server that people reach at `public_url`, or at its own address, which is plain http.
    pub(in crate::http) fn of(public_url: Option<&PublicUrl>) -> Self {
        Self { is_secure: public_url.is_some_and(|url| url.as_str().starts_with("https:")) }
    }

    fn name(self) -> &'static str {
        if self.is_secure { SECURE_NAME } else { PLAIN_NAME }
    }

    /// The secret that a browser shows. None where it shows several: of two cookies of one name nobody
    /// knows which is ours.
    pub(super) fn shown(self, headers: &HeaderMap) -> Option<&str> {
        let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs =
            values.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        let mut ours =
            pairs.filter(|(name, _)| name.trim() == self.name()).map(|(_, value)| value.trim());
        let shown = ours.next().filter(|secret| !secret.is_empty())?;
        ours.next().is_none().then_some(shown)
    }

    /// What has a browser keep a secret, until it is closed.
    pub(in crate::http) fn keep(self, secret: &str) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("{}={secret}; {}", self.name(), self.attributes())).ok()
    }

    /// What has a browser forget it.
    pub(in crate::http) fn forget(self) -> Option<HeaderValue> {
        let attributes = self.attributes();
        HeaderValue::try_from(format!("{}=; {attributes}; Max-Age=0", self.name())).ok()
    }

    fn attributes(self) -> &'static str {
        if self.is_secure {
            "Path=/; HttpOnly; SameSite=Lax; Secure"
        } else {
            "Path=/; HttpOnly; SameSite=Lax"
        }
    }
}

#[cfg(test)]
mod tests;
