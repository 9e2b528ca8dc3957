//! `clinic health`: what a container, which has no other program in it, is asked by.

use std::time::Duration;

use super::server::{address, client_of, why_not};
use super::terminal::{Failure, say};
use crate::config::Config;

/// A server that takes longer serves nobody.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks the server at `url`, or the one on this machine, whether it can serve; fails unless it can.
pub(super) async fn run(config: &Config, url: Option<&str>) -> Result<(), Failure> {
    let url = &address(config, url);
    let client = client_of(url).timeout(TIMEOUT).build()?;
    let asked = client.get(format!("{url}/readyz")).send().await;
    let status = asked.map_err(|error| format!("{url} {}", why_not(&error)))?.status();
    if status.is_success() {
        say("ready");
        Ok(())
    } else {
        Err(format!("{url} is not ready ({}): see its log", status.as_u16()).into())
    }
}
