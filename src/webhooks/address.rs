//! Where an endpoint may be: on the Internet, and nowhere inside, whatever its name leads to later.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::timeout;
use url::{Host, Url};

use crate::domain::webhook::is_global_unicast;

/// The longest address that is taken, in bytes.
const LONGEST: usize = 2048;
/// How long a name may take to be found when an endpoint is made.
const LOOK_UP_WITHIN: Duration = Duration::from_secs(5);

/// Which addresses will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AddressRule {
    /// Those inside as well, and http.
    pub(super) allow_private: bool,
}

/// A name leads to an address that nobody is to be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AddressNotAllowed;

impl fmt::Display for AddressNotAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not one of the Internet's")
    }
}

impl std::error::Error for AddressNotAllowed {}

impl AddressRule {
    /// The address as it is called, or what is wrong with it.
    pub(super) fn parse(self, text: &str) -> Result<Url, &'static str> {
        if text.len() > LONGEST {
            return Err("must have at most 2048 characters");
        }
        let url = Url::parse(text).map_err(|_malformed| "must be an https:// address")?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err("must be an https:// address"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must have no user or password: what is sent is signed");
        }
        if url.fragment().is_some() {
            return Err("must have no fragment (#)");
        }
        if self.literal(&url).is_err() {
            return Err("must lead to the Internet, not to an address inside");
        }
        Ok(url)
    }

    /// That it does not name an address itself that won't do: such a one is looked up nowhere.
    pub(super) fn literal(self, url: &Url) -> Result<(), AddressNotAllowed> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::from(address),
            Some(Host::Ipv6(address)) => IpAddr::from(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(AddressNotAllowed),
        };
        self.check([address])
    }

    /// That its name does not lead to one now. One that is not found may be later.
    pub(super) async fn look_up(self, url: &Url) -> Result<(), AddressNotAllowed> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let port = url.port_or_known_default().unwrap_or_default();
        match timeout(LOOK_UP_WITHIN, tokio::net::lookup_host((name, port))).await {
            Ok(Ok(found)) => self.check(found.map(|address| address.ip())),
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    /// That all of them will do.
    pub(super) fn check(
        self,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<(), AddressNotAllowed> {
        let will_do = self.allow_private || addresses.into_iter().all(is_global_unicast);
        if will_do { Ok(()) } else { Err(AddressNotAllowed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: AddressRule = AddressRule { allow_private: false };

    #[test]
    fn an_address_inside_is_refused_however_it_is_written() {
        let wrong = "http://example.com/ ftp://example.com/ https:/// https://u@example.com/ https://u:p@example.com/
            https://example.com/#x https://127.0.0.1/ https://2130706433/ https://0x7f.1/ https://017700000001/
            https://127.1/ https://[::1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/
            https://[64:ff9b::7f00:1]/ https://[2002:7f00:1::]/ https://169.254.169.254/latest https://10.0.0.1/
            https://100.64.0.1/ https://[fd00:ec2::254]/ https://[fe80::1]/ https://224.0.0.1/ https://0/
            javascript:alert(1) example.com /hook https://１２７.0.0.1/";
        for text in wrong.split_whitespace() {
            assert!(RULE.parse(text).is_err(), "{text}");
        }
        assert!(RULE.parse(&format!("https://example.com/{}", "x".repeat(2048))).is_err());
        let right = "https://example.com/hook?key=1 https://8.8.8.8:8443/ https://[2606:4700::1]/ HTTPS://EXAMPLE.COM";
        for text in right.split_whitespace() {
            assert!(RULE.parse(text).is_ok(), "{text}");
        }
        let tests = AddressRule { allow_private: true };
        assert!(tests.parse("http://127.0.0.1:9/hook").is_ok());
        assert!(tests.parse("http://u@127.0.0.1:9/hook").is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_made() {
        let url = RULE.parse("https://localhost/hook").unwrap();
        assert_eq!(RULE.look_up(&url).await, Err(AddressNotAllowed));
        let unknown = RULE.parse("https://no-such-name.invalid/hook").unwrap();
        assert_eq!(RULE.look_up(&unknown).await, Ok(()));
    }
}
