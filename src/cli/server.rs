//! A running server, as commands speak to it.

use std::net::SocketAddr;

use reqwest::{Client, ClientBuilder};

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
