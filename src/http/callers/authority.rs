//! A host as requests and settings name it.

use std::fmt;
use std::str::FromStr;

use url::Host;

/// The longest name that DNS has, a port, and brackets.
const LONGEST: usize = 270;

/// A host, and its port where one is written; in the form in which browsers compare them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    host: Host<String>,
    port: Option<u16>,
}

/// The text is not a host, with or without a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedAuthority;

impl FromStr for Authority {
    type Err = MalformedAuthority;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        // A port may be left empty (RFC 3986, section 3.2.3).
        let port = match port.filter(|port| !port.is_empty()) {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().map_err(|_too_large| MalformedAuthority)?)
            }
            Some(_) => return Err(MalformedAuthority),
            None => None,
        };
        let is_plain = |c: char| c.is_alphanumeric() || "-._~:[]".contains(c);
        if text.len() > LONGEST || !host.chars().all(is_plain) {
            return Err(MalformedAuthority);
        }
        // A dot at the end of a name says that it is whole, and means the same host.
        let host = host.strip_suffix('.').unwrap_or(host);
        let host = Host::parse(host).map_err(|_malformed| MalformedAuthority)?;
        Ok(Self { host, port })
    }
}

impl Authority {
    /// Whether it is this machine as it calls itself: what no name of anybody else's leads to a
    /// page at (RFC 6761, section 6.3 for names).
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.to_canonical().is_loopback(),
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// Whether `named` is this host: at any port, unless one is written here.
    pub(super) fn covers(&self, named: &Self) -> bool {
        let same_port = |port| match named.port {
            Some(named) => named == port,
            None => matches!(port, 80 | 443),
        };
        self.host == named.host && self.port.is_none_or(same_port)
    }

    /// The host, as it is compared.
    pub(super) fn host(&self) -> String {
        self.host.to_string()
    }

    /// The name that it is, where that is one of the whole network.
    pub(super) fn domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) if name.contains('.') => Some(name),
            _ => None,
        }
    }

    /// The port, if one is written.
    pub(super) fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Authority>().ok().map(|authority| authority.to_string())
    }

    #[test]
    fn one_host_has_one_form() {
        for (text, read_as) in [
            ("Clinic.EXAMPLE.", "clinic.example"),
            ("clinic.example:", "clinic.example"),
            ("clinic.example.:0080", "clinic.example:80"),
            ("[0:0:0:0:0:0:0:1]:8080", "[::1]:8080"),
            ("[::1]", "[::1]"),
            ("127.1", "127.0.0.1"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("my_service:9", "my_service:9"),
        ] {
            assert_eq!(read(text).as_deref(), Some(read_as), "{text}");
        }
    }

    #[test]
    fn what_is_no_host_is_none() {
        for text in [
            "",
            ":80",
            ".",
            "a b",
            "a/b",
            "a:b",
            "a:99999",
            "a:-1",
            "a,b",
            "::1",
            "[::1",
            "a@b",
            "a?b",
            "a#b",
            "a\\b",
            "*",
            "*.a.example",
            "%61.example",
            "a:80:80",
            "256.1.1.1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"a.".repeat(200)), None);
    }

    #[test]
    fn loopback_is_this_machine_alone() {
        let is = |text: &str| text.parse::<Authority>().unwrap().is_loopback();
        for text in [
            "localhost",
            "LOCALHOST.:1",
            "a.localhost",
            "127.9.9.9:80",
            "[::1]",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(is(text), "{text}");
        }
        for text in [
            "localhost.example",
            "notlocalhost",
            "0.0.0.0",
            "[::]",
            "10.0.0.1",
            "127.0.0.1.example",
        ] {
            assert!(!is(text), "{text}");
        }
    }
}
