//! `clinic serve`.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::terminal::{Failure, say, told_to_stop, warn};
use crate::app::App;
use crate::config::{Access, Config, Scheduler};
use crate::domain::{Clock as _, SystemClock, zone_data_version};
use crate::telemetry;

/// Serves until told to stop.
pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    // A busy port is told before anything is set up.
    let address = SocketAddr::new(config.bind, config.port);
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            format!("{address} is in use: stop what listens there, or set PORT")
        }
        _ => format!("cannot listen on {address}: {error} (see BIND and PORT)"),
    })?;
    let metrics = telemetry::start_metrics(SystemClock.now())?;
    let app = App::start(config, Arc::new(SystemClock), Some(metrics)).await?;
    let is_anybody = config.api_token.is_some() || app.services().people.is_anybody().await?;
    welcome(listener.local_addr()?, config, &app);
    if !config.access.is_open() && !is_anybody {
        say(NOBODY);
    }
    let is_named = !config.hosts.is_empty() || config.public_url.is_some();
    if config.access.is_open() && !config.bind.is_loopback() && !is_named {
        tracing::warn!(
            "Where access is open, requests are answered at loopback names alone: set HOSTS or \
             PUBLIC_URL for others"
        );
    }
    if let Some(warning) = config.access_warning {
        // Whatever the log is filtered by.
        warn(&format!("clinic: {warning}"));
    }
    app.serve(listener, told_to_stop()).await;
    tracing::info!("Stopped");
    Ok(())
}

/// How somebody comes in to a server that nobody may come in to.
const NOBODY: &str = "  Nobody can come in yet. Make the first administrator:\n\n    clinic person add --role admin --name 'Your Name' --email you@example.com\n";

fn welcome(address: SocketAddr, config: &Config, app: &App) {
    let root = format!("http://{address}");
    let zones = zone_data_version();
    let scheduler = match (&config.scheduler, app.scheduler_url()) {
        (Some(Scheduler::Mock), Some(url)) => format!("mock in this process, {url}"),
        (_, Some(_)) => "external".to_owned(),
        (_, None) => "none: what is booked here is booked".to_owned(),
    };
    let access = match config.access {
        Access::OpenHere => "open: everybody on this machine is ADMIN",
        Access::Open => "open: everybody who can call is ADMIN (ACCESS=open)",
        Access::Closed => "closed: people sign in at /sign-in, machines have a token",
    };
    let public = config.public_url.as_ref();
    let public = public.map(|url| format!("  People type  {}\n", url.as_str())).unwrap_or_default();
    say(&format!(
        "\n  clinic is ready\n\n  GraphiQL     {root}/graphql\n  REST docs    {root}/docs\n  \
         Health       {root}/readyz\n  Access       {access}\n  Time zones   as of {zones}\n  Scheduler    {scheduler}\n{public}"
    ));
}
