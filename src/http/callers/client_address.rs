//! From which address a request comes, also through proxies of ours.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct PeerAddress(pub(in crate::http) IpAddr);

/// Who sent a request, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct ClientAddress(pub(in crate::http) IpAddr);

impl ClientAddress {
    /// Of what came over no connection of ours.
    pub(in crate::http) const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

/// The proxies that are believed when they say for whom they ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// The text is not a network, such as `10.0.0.0/8`, nor an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedNetwork;

/// One network of [`TrustedProxies`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = MalformedNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = || text.parse::<IpAddr>().map(IpNet::from);
        let network = text.parse::<IpNet>().or_else(|_no_length| address());
        network.map(Self).map_err(|_malformed| MalformedNetwork)
    }
}

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<T: IntoIterator<Item = Network>>(networks: T) -> Self {
        Self(networks.into_iter().map(|network| network.0).collect())
    }
}

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request that `peer` handed over: the nearest whom no proxy of ours vouches for.
    /// Whatever stands before that can be made up by anybody.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let named = match (forwarded(headers), x_forwarded_for(headers)) {
            // A proxy writes one of the two and may pass the other on as it came, from anybody.
            (Some(one), Some(other)) if one != other => return peer,
            (Some(named), _) | (None, Some(named)) => named,
            (None, None) => return peer,
        };
        let mut nearest = peer;
        for address in named.into_iter().rev() {
            let Some(address) = address else { break };
            nearest = address;
            if !self.trusts(nearest) {
                break;
            }
        }
        nearest
    }
}

/// The addresses of `X-Forwarded-For`, in the order in which a request passed them; none in the
/// place of what is not one.
fn x_forwarded_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let entries = entries(headers, &X_FORWARDED_FOR)?;
    Some(entries.iter().map(|entry| address(entry)).collect())
}

/// The same of `Forwarded` (RFC 7239).
fn forwarded(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let entries = entries(headers, &FORWARDED)?;
    let named = |entry: &String| {
        let pair = entry.split(';').find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
        });
        pair.and_then(address)
    };
    Some(entries.iter().map(named).collect())
}

fn entries(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let values = headers.get_all(name).iter();
    let text: Vec<&str> = values.map(|value| value.to_str().unwrap_or_default()).collect();
    let entries = text.iter().flat_map(|text| text.split(',')).map(|entry| entry.trim().to_owned());
    (!text.is_empty()).then(|| entries.collect())
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

/// Notes who sent a request, for the log.
pub(in crate::http) async fn note_client(
    State(proxies): State<Arc<TrustedProxies>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(PeerAddress(peer)) = request.extensions().get().copied() {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let proxies = ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"];
        let proxies: TrustedProxies =
            proxies.iter().map(|network| network.parse::<Network>().unwrap()).collect();
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            sent.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        proxies.client(peer.parse().unwrap(), &sent).to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let says = [("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client("198.51.100.1", &says), "198.51.100.1");
        assert_eq!(client("192.0.2.7", &says), "203.0.113.9");
        assert_eq!(client("192.0.2.8", &says), "192.0.2.8");
        assert_eq!(client("::ffff:10.1.2.3", &says), "203.0.113.9");
        assert_eq!(client("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn what_the_client_made_up_before_a_proxy_of_ours_is_not() {
        for (said, expected) in [
            ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("203.0.113.9, unknown", "10.0.0.1"),
            ("203.0.113.9, x, 10.0.0.2", "10.0.0.2"),
            ("203.0.113.9:5555", "203.0.113.9"),
            ("[2a00::9]:5555", "2a00::9"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", said)]), expected, "{said}");
        }
        let twice = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client("10.0.0.1", &twice), "203.0.113.9");
    }

    #[test]
    fn both_headers_are_read_and_neither_believed_where_they_disagree() {
        let said = "For=\"[2a00::9]:4711\";proto=https, for=10.0.0.2;by=10.0.0.1";
        assert_eq!(client("2001:db8::1", &[("forwarded", said)]), "2a00::9");
        for said in ["for=_hidden", "for=unknown", "proto=https"] {
            assert_eq!(client("10.0.0.1", &[("forwarded", said)]), "10.0.0.1", "{said}");
        }
        let agreeing = [("forwarded", "for=203.0.113.9"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client("10.0.0.1", &agreeing), "203.0.113.9");
        let made_up = [("forwarded", "for=1.1.1.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(client("10.0.0.1", &made_up), "10.0.0.1");
    }
}
