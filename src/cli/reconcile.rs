//! `clinic reconcile`.

use std::io::{IsTerminal as _, stdin};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::database::set_up;
use super::terminal::{Failure, ask, say};
use crate::access::Actor;
use crate::app::use_cases;
use crate::config::{Config, Scheduler};
use crate::domain::{Clock, SystemClock};
use crate::scheduling::HttpSchedulingClient;
use crate::settling::{Difference, Finding, Mended, Report, Settling};

/// Nothing was asked, so that nothing was changed.
const NOT_ASKED: u8 = 2;

/// What `clinic reconcile` can be told.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Mend what differs, difference by difference: the service is told again how it is here
    #[arg(long)]
    repair: bool,
    /// With --repair: do not ask before each step
    #[arg(long, requires = "repair")]
    yes: bool,
    /// With --repair --yes: although the service holds what is not known here at all, and cancel it
    /// there. After an old backup these are real visits of patients, and the service's book is the newer
    #[arg(long, requires = "yes")]
    cancel_unknown: bool,
}

/// Compares our book with the scheduling service's, and mends it if told to; fails when they differ.
pub(super) async fn run(config: &Config, options: &Options) -> Result<ExitCode, Failure> {
    let Some(Scheduler::At(url)) = &config.scheduler else {
        let why = "SCHEDULER_URL must be an address: the book of which service is to be compared?";
        return Err(why.into());
    };
    let db = set_up(config).await?;
    let client = HttpSchedulingClient::new(config.scheduler_settings(url))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let trail = super::audit::trail_of(config, &db).await?;
    let (_services, settling) = use_cases(config, &db, &clock, Arc::new(client), trail);
    let outcome = compare_and_mend(&settling, options).await;
    db.close().await;
    outcome
}

async fn compare_and_mend(
    settling: &Arc<Settling>,
    options: &Options,
) -> Result<ExitCode, Failure> {
    let mut report = settling.reconcile(&Actor::operator()).await?;
    tell(&report);
    if options.repair && !report.findings.is_empty() {
        if !options.yes && !stdin().is_terminal() {
            say("Nothing was changed: there is no terminal to ask at, and --yes was not said");
            return Ok(NOT_ASKED.into());
        }
        let is_older = |finding: &Finding| finding.difference == Difference::Forgotten;
        if options.yes && !options.cancel_unknown && report.findings.iter().any(is_older) {
            say(
                "Nothing was changed: the service holds visits that are not known here, so this book may \
                 be the older one, and what differs the newer. Say yes to each step at a terminal, or \
                 --cancel-unknown",
            );
            return Ok(NOT_ASKED.into());
        }
        for finding in &report.findings {
            mend(settling, finding, options).await?;
        }
        say("Compared again:");
        report = settling.reconcile(&Actor::operator()).await?;
        tell(&report);
    }
    if report.is_clean() { Ok(ExitCode::SUCCESS) } else { Err("the two books differ".into()) }
}

fn tell(report: &Report) {
    for finding in &report.findings {
        say(&finding.to_string());
    }
    for (from, error) in &report.not_listed {
        say(&format!("the day from {from} could not be compared: {error}"));
    }
    if report.one_way {
        say(
            "The service has no list of what it holds in a window, so each visit was looked up: what \
             it holds and is not known here can't be found",
        );
    }
    say(&format!(
        "{} appointments compared, {} differences, {} still under way",
        report.compared,
        report.findings.len(),
        report.under_way
    ));
}

async fn mend(
    settling: &Arc<Settling>,
    finding: &Finding,
    options: &Options,
) -> Result<(), Failure> {
    let Some(remedy) = finding.remedy() else {
        say(&format!("{finding}\n  left as it is: somebody has to see to it"));
        return Ok(());
    };
    let unknown = finding.difference == Difference::Forgotten;
    let step = format!("{finding}\n  {remedy}");
    let wanted = match (options.yes, unknown) {
        (true, _) => true,
        (false, true) => ask(&format!("{step}, although a patient may rely on it?")),
        (false, false) => ask(&format!("{step}?")),
    };
    if !wanted {
        say(&format!("{step}: not done"));
        return Ok(());
    }
    match settling.mend(&Actor::operator(), finding, &remedy).await? {
        Mended::Done => say(&format!("{step}: done")),
        Mended::NotDone(why) => say(&format!("{step}: not done, {why}")),
    }
    Ok(())
}
