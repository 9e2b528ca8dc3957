//! `clinic health`: what a container, which has no other program in it, is asked by.

use std::time::Duration;

use reqwest::Client;

use super::terminal::{Failure, say};
use crate::config::Config;

/// A server that takes longer serves nobody.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the server at `url`, or the one on this machine, whether it can serve; fails unless it can.
pub(super) async fn run(config: &Config, url: Option<&str>) -> Result<(), Failure> {
    let here = || match config.bind {
        bind if bind.is_unspecified() && bind.is_ipv6() => format!("http://[::1]:{}", config.port),
        bind if bind.is_unspecified() => format!("http://127.0.0.1:{}", config.port),
        bind => format!("http://{}", std::net::SocketAddr::new(bind, config.port)),
    };
    let url = url.map_or_else(here, str::to_owned);
    let url = url.trim_end_matches('/');
    // A proxy of the machine has no part in it.
    let mut builder = Client::builder().timeout(TIMEOUT).no_proxy();
    if url.starts_with("http://") {
        // An image may have no root certificates.
        builder = builder.tls_certs_only([]);
    }
    let client = builder.build()?;
    let asked = client.get(format!("{url}/readyz")).send().await;
    let status = asked.map_err(|_unreachable| format!("nothing answers at {url}"))?.status();
    if status.is_success() {
        say("ready");
        Ok(())
    } else {
        Err(format!("{url} is not ready ({}): see its log", status.as_u16()).into())
    }
}
