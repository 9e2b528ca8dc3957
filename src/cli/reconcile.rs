//! `clinic reconcile`.

use std::sync::Arc;

use super::terminal::{Failure, say};
use crate::access::Actor;
use crate::app::use_cases;
use crate::config::{Config, Scheduler};
use crate::db::Db;
use crate::domain::{Clock, SystemClock};
use crate::scheduling::HttpSchedulingClient;

/// Compares our book with the scheduling service's; fails when they differ.
pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    let Some(Scheduler::At(url)) = &config.scheduler else {
        let why = "SCHEDULER_URL must be an address: the book of which service is to be compared?";
        return Err(why.into());
    };
    let db = Db::connect(&config.database_url, config.database_max_connections).await?;
    let client = HttpSchedulingClient::new(config.scheduler_settings(url))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (_services, settling) = use_cases(config, &db, &clock, Arc::new(client));
    let report = settling.reconcile(&Actor::operator()).await;
    db.close().await;
    let report = report?;
    for finding in &report.findings {
        say(&finding.to_string());
    }
    say(&format!(
        "{} appointments compared, {} differences, {} still under way",
        report.compared,
        report.findings.len(),
        report.under_way
    ));
    if report.findings.is_empty() { Ok(()) } else { Err("the two books differ".into()) }
}
