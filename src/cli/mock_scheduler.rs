//! `clinic mock-scheduler`.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::terminal::{Failure, say, told_to_stop};
use crate::config::Config;
use crate::scheduling::mock::{self, MockScheduler};

/// Runs the mocked external scheduling service until told to stop.
pub(super) async fn run(config: &Config, port: u16, ledger: Option<&Path>) -> Result<(), Failure> {
    let mock = MockScheduler::open(ledger, config.mock_faults.clone())?;
    let mock = Arc::new(mock.asking_for(config.scheduler_token.clone()));
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| format!("cannot listen on 127.0.0.1:{port}: {error}"))?;
    say(&format!("Mock scheduling service on http://{}", listener.local_addr()?));
    mock::serve(mock, listener, told_to_stop()).await?;
    Ok(())
}
