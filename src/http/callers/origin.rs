//! Where a web page comes from, as its browser says.

use std::fmt;
use std::str::FromStr;

use url::Url;

use super::authority::Authority;

/// Longer ones are nobody's.
const LONGEST: usize = 300;

/// The origin of a page (RFC 6454): scheme, host and port, in the form in which browsers compare them.
/// Any scheme will do: pages inside of apps and of extensions have their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    /// None is the scheme's own.
    port: Option<u16>,
}

/// The text is not an origin. `null` is none: every page that hides where it comes from has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedOrigin;

impl FromStr for Origin {
    type Err = MalformedOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (_, authority) = text.split_once("://").ok_or(MalformedOrigin)?;
        let foreign = |c: char| "/\\?#@*%".contains(c) || c.is_whitespace() || c.is_control();
        if text.len() > LONGEST || authority.contains(foreign) {
            return Err(MalformedOrigin);
        }
        let url = Url::parse(text).map_err(|_malformed| MalformedOrigin)?;
        Self::of(&url).ok_or(MalformedOrigin)
    }
}

impl Origin {
    /// The origin of what is at `url`; none when it has no host.
    pub(super) fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
        let port = url.port().filter(|port| Some(*port) != default_port(url.scheme()));
        (!host.is_empty()).then(|| Self { scheme: url.scheme().to_owned(), host, port })
    }

    /// Whether a page of this origin was loaded from `host`. Whether by TLS nothing says where a
    /// proxy ends it: so a port that `host` does not write is the default of this scheme.
    pub(super) fn is_at(&self, host: &Authority) -> bool {
        let Some(default) = default_port(&self.scheme) else { return false };
        self.host == host.host() && self.port.unwrap_or(default) == host.port().unwrap_or(default)
    }
}

/// The port of a scheme that browsers load pages from us by.
fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Origin>().ok().map(|origin| origin.to_string())
    }

    #[test]
    fn one_origin_has_one_form() {
        for (text, read_as) in [
            ("HTTPS://Desk.Example.COM:443", "https://desk.example.com"),
            ("http://desk.example.com:80", "http://desk.example.com"),
            ("http://desk.example.com:443", "http://desk.example.com:443"),
            ("http://[0::1]:3000", "http://[::1]:3000"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("Tauri://LocalHost", "tauri://localhost"),
            ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
            ("moz-extension://0f0b-4c", "moz-extension://0f0b-4c"),
            ("app://-", "app://-"),
            ("ionic://localhost:8100", "ionic://localhost:8100"),
        ] {
            assert_eq!(read(text).as_deref(), Some(read_as), "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_none() {
        for text in [
            "",
            "null",
            "*",
            "https://",
            "https://*",
            "https://*.example.com",
            "desk.example.com",
            "https:desk.example.com",
            "https://desk.example.com/",
            "https://a.example/b",
            "https://a.example?b",
            "https://a.example#b",
            "https://u@a.example",
            "https://a b",
            "file://",
            "https://a.example:99999",
            "https://a.example\\b",
            "://a",
            "1a://b",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_is_ours_when_it_was_loaded_from_the_same_host_and_port() {
        let is_at = |origin: &str, host: &str| {
            origin.parse::<Origin>().unwrap().is_at(&host.parse().unwrap())
        };
        for (origin, host) in [
            ("http://clinic.example", "clinic.example"),
            ("http://clinic.example", "clinic.example:80"),
            ("http://clinic.example:80", "CLINIC.example"),
            ("https://clinic.example", "clinic.example"),
            ("https://clinic.example", "clinic.example:443"),
            ("https://clinic.example:8443", "clinic.example:8443"),
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "[0::1]:8080"),
        ] {
            assert!(is_at(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("http://clinic.example", "clinic.example:443"),
            ("https://clinic.example", "clinic.example:80"),
            ("https://clinic.example", "127.0.0.1:8080"),
            ("http://clinic.example:8080", "clinic.example"),
            ("http://evil.example", "clinic.example"),
            ("capacitor://localhost", "localhost"),
        ] {
            assert!(!is_at(origin, host), "{origin} {host}");
        }
    }
}
