//! The cookies of this server: the one that a session is kept in, and when it counts; and the one of a
//! sign-in that has begun at the clinic's identity provider.
//!
//! A browser sends a cookie along with whatever a page asks for, whosever page it is. So one counts only
//! where the browser says that a page of ours has sent the request, or nobody's page: an address that
//! was typed. `SameSite=Lax` says the same to browsers, but of sites, which may have other people's
//! pages in them.
//!
//! The second is read where the browser comes back from the provider and nowhere else, whatever page it
//! comes from: it opens nothing by itself.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use super::public_url::PublicUrl;
use crate::oidc::PENDING_FOR;

/// How a cookie is called and kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct OwnCookie {
    is_secure: bool,
    name: &'static str,
    /// For how long a browser keeps it, in seconds; until it is closed where nothing is said.
    lasts: Option<i64>,
}

impl OwnCookie {
    /// That of sessions, on a server that people reach at `public_url`, or at its own address, which is
    /// plain http.
    pub(super) fn of_sessions(public_url: Option<&PublicUrl>) -> Self {
        // Under https no other host of the site, and nobody in between, can set a cookie of that name.
        let is_secure = is_secure(public_url);
        let name = if is_secure { "__Host-clinic" } else { "clinic" };
        Self { is_secure, name, lasts: None }
    }

    /// That of a sign-in which has begun at the identity provider.
    pub(super) fn of_pending_sign_ins(public_url: Option<&PublicUrl>) -> Self {
        let is_secure = is_secure(public_url);
        let name = if is_secure { "__Host-clinic-oidc" } else { "clinic-oidc" };
        Self { is_secure, name, lasts: Some(PENDING_FOR.as_secs()) }
    }

    /// The secret that a browser shows. None where it shows several: of two cookies of one name nobody
    /// knows which is ours.
    pub(in crate::http) fn shown(self, headers: &HeaderMap) -> Option<&str> {
        let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs =
            values.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        let mut ours =
            pairs.filter(|(name, _)| name.trim() == self.name).map(|(_, value)| value.trim());
        let shown = ours.next().filter(|secret| !secret.is_empty())?;
        ours.next().is_none().then_some(shown)
    }

    /// What has a browser keep a secret.
    pub(in crate::http) fn keep(self, secret: &str) -> Option<HeaderValue> {
        let lasts = self.lasts.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        HeaderValue::try_from(format!("{}={secret}; {}{lasts}", self.name, self.attributes())).ok()
    }

    /// What has a browser forget it.
    pub(in crate::http) fn forget(self) -> Option<HeaderValue> {
        let attributes = self.attributes();
        HeaderValue::try_from(format!("{}=; {attributes}; Max-Age=0", self.name)).ok()
    }

    fn attributes(self) -> &'static str {
        if self.is_secure {
            "Path=/; HttpOnly; SameSite=Lax; Secure"
        } else {
            "Path=/; HttpOnly; SameSite=Lax"
        }
    }
}

fn is_secure(public_url: Option<&PublicUrl>) -> bool {
    public_url.is_some_and(|url| url.as_str().starts_with("https:"))
}

#[cfg(test)]
mod tests;
