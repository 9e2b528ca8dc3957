//! A running server, as commands speak to it.

use std::error::Error as _;
use std::net::SocketAddr;

use reqwest::{Client, ClientBuilder, Error};

use crate::config::Config;

/// The address of a server, without a slash at its end; of the one on this machine, unless given.
pub(super) fn address(config: &Config, given: Option<&str>) -> String {
    let here = || match config.bind {
        bind if bind.is_unspecified() && bind.is_ipv6() => format!("http://[::1]:{}", config.port),
        bind if bind.is_unspecified() => format!("http://127.0.0.1:{}", config.port),
        bind => format!("http://{}", SocketAddr::new(bind, config.port)),
    };
    given.map_or_else(here, |url| url.trim_end_matches('/').to_owned())
}

/// Makes a client of a server at that address. A proxy of this machine has no part in it.
pub(super) fn client_of(address: &str) -> ClientBuilder {
    let builder = Client::builder().no_proxy();
    // Without https no root certificates are asked for, which an image may not have.
    if address.starts_with("http://") { builder.tls_certs_only([]) } else { builder }
}

/// Why there is no answer, after the address: what the library says is for its authors.
pub(super) fn why_not(error: &Error) -> &'static str {
    let causes = std::iter::successors(error.source(), |cause| (**cause).source());
    let words = causes.map(|cause| cause.to_string().to_lowercase()).collect::<String>();
    let says = |what: &str| words.contains(what);
    if error.is_builder() {
        "is no address of a server: write http://host:port, or https://"
    } else if error.is_timeout() {
        "does not answer within 5 seconds"
    } else if ["certificate", "tls", "corrupt message", "handshake"].into_iter().any(says) {
        "has a certificate that is not trusted here, or speaks no TLS: from this machine ask it by http:// and its own port"
    } else if says("lookup") || says("dns") {
        "has a name that nobody knows here"
    } else if error.is_connect() {
        "is where nothing listens: does the server run, and is it this port?"
    } else {
        "does not answer as a server of clinic does"
    }
}
