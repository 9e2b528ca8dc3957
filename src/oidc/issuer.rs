//! Whose word is taken: the issuer, as the settings name it.

use std::net::IpAddr;
use std::str::FromStr;

use url::Url;

/// The address that names a provider; its documents and tokens repeat it letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

/// The text names no provider that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedIssuer;

impl FromStr for Issuer {
    type Err = MalformedIssuer;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Ok(url) = Url::parse(text) else { return Err(MalformedIssuer) };
        let is_plain = url.query().is_none() && url.fragment().is_none();
        if !is_plain || !is_safe(&url) && !is_on_this_machine(&url) {
            return Err(MalformedIssuer);
        }
        Ok(Self { text: text.to_owned(), url })
    }
}

impl Issuer {
    /// The issuer, as its tokens name it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it describes itself (OpenID Connect Discovery 1.0, section 4).
    pub(super) fn metadata_url(&self) -> Url {
        let mut url = self.url.clone();
        let path = format!("{}/.well-known/openid-configuration", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// One of its endpoints: by https, or on this machine where the issuer is.
    pub(super) fn endpoint(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let may_be = is_safe(&url) || is_on_this_machine(&self.url) && is_on_this_machine(&url);
        (may_be && url.fragment().is_none()).then_some(url)
    }

    /// Whether it is this machine, as in tests.
    pub(super) fn is_on_this_machine(&self) -> bool {
        is_on_this_machine(&self.url)
    }
}

fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" && has_no_user(url)
}

fn is_on_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    is_loopback && matches!(url.scheme(), "http" | "https") && has_no_user(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_this_machine() {
        for text in [
            "https://id.example.com",
            "https://id.example.com/realms/clinic/",
            "https://127.0.0.1:4000",
            "http://127.0.0.1:4000",
            "http://localhost:4000/a",
            "http://[::1]:4000",
        ] {
            assert_eq!(text.parse::<Issuer>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "id.example.com",
            "http://id.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "https://user@id.example.com",
            "https://:secret@id.example.com",
            "https://id.example.com?tenant=1",
            "https://id.example.com#there",
            "ftp://localhost",
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(MalformedIssuer), "{text}");
        }
    }

    #[test]
    fn an_issuer_describes_itself_below_its_path() {
        for (issuer, expected) in [
            ("https://a.example", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/", "https://a.example/.well-known/openid-configuration"),
            ("https://a.example/b/", "https://a.example/b/.well-known/openid-configuration"),
        ] {
            assert_eq!(issuer.parse::<Issuer>().unwrap().metadata_url().as_str(), expected);
        }
    }

    #[test]
    fn an_endpoint_is_no_less_safe_than_its_issuer() {
        let (safe, here): (Issuer, Issuer) =
            ("https://a.example".parse().unwrap(), "http://localhost:1".parse().unwrap());
        assert!(safe.endpoint("https://keys.example/jwks").is_some());
        assert!(safe.endpoint("http://a.example/jwks").is_none());
        assert!(safe.endpoint("http://127.0.0.1/jwks").is_none());
        assert!(here.endpoint("http://127.0.0.1:2/jwks").is_some());
        assert!(here.endpoint("http://a.example/jwks").is_none());
        assert!(here.endpoint("file:///etc/passwd").is_none());
    }
}
