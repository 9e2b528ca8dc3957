//! The worker that compares the visits to come with the scheduling service's, a day at a time and
//! round and round.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::finding::{Difference, Finding, Report};
use super::window::end_of_day;
use crate::db::StoreError;
use crate::settling::Settling;

/// When the first round begins. It does not keep the server from starting.
const FIRST_AFTER: Duration = Duration::from_secs(15);
/// How often a day is compared in the first round: whether our book is an old one is to be known soon.
const AT_FIRST_EVERY: Duration = Duration::from_secs(1);
/// How often a day is compared after that.
const EVERY: Duration = Duration::from_secs(10);
/// So many look-ups cost a minute's pause: they are a call each.
const LOOK_UPS_A_MINUTE: usize = 200;
/// How often a day is tried that the service does not answer for: it may be down for a moment. Then the
/// walk goes on, for one that is never answered must not keep it from the others.
const TRIES: u32 = 3;

/// Walks over the visits to come and keeps the gauge `clinic_reconcile_differences`, which must be 0.
#[derive(Debug, Default)]
pub struct ComparisonWalk {
    /// Where the next window begins, if the walk is under way.
    next: Option<Timestamp>,
    tries: u32,
    rounds: u64,
    /// What was found last on each day, by the day's end.
    found: BTreeMap<Timestamp, Vec<Finding>>,
    compared: usize,
    told_one_way: bool,
    was_old: bool,
    pause: Option<Duration>,
}

impl ComparisonWalk {
    /// Compares one day, and brings the gauge up to date; answers what is known to differ when that was
    /// the last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails: the day comes again.
    pub async fn step(&mut self, settling: &Settling) -> Result<Option<Report>, StoreError> {
        let now = settling.now();
        let from = self.next.map_or(now, |next| next.max(now));
        let to = end_of_day(from);
        let mut of_day = settling.compare_window(from, to).await?;
        self.tries += 1;
        if let Some(error) = of_day.unanswered() {
            count("failed");
            if self.tries < TRIES {
                tracing::warn!(%error, "The scheduling service can't be asked what it holds; trying again");
                return Ok(None);
            }
        } else {
            count("compared");
        }
        self.note(&of_day);
        let looks = u32::try_from(of_day.looked_up / LOOK_UPS_A_MINUTE).unwrap_or(u32::MAX);
        let usual = if self.rounds == 0 { AT_FIRST_EVERY } else { EVERY };
        self.pause = Some(usual.max(Duration::from_mins(1).saturating_mul(looks)));
        self.compared += of_day.compared;
        if of_day.not_listed.is_empty() {
            self.found.insert(to, std::mem::take(&mut of_day.findings));
        }
        self.found.retain(|day, _findings| *day > now);
        self.show();
        (self.next, self.tries) = (Some(to), 0);
        if to < settling.parts.roster.directory().await?.horizon_ends_at(now) {
            return Ok(None);
        }
        (self.next, self.rounds) = (None, self.rounds + 1);
        let mut report =
            Report { compared: std::mem::take(&mut self.compared), ..Report::default() };
        for findings in self.found.values() {
            report.add(Report { findings: findings.clone(), ..Report::default() });
        }
        Ok(Some(report))
    }

    /// How long to wait for the next day.
    fn pause(&self) -> Duration {
        self.pause.unwrap_or(AT_FIRST_EVERY)
    }

    /// Tells what was not known before.
    fn note(&mut self, of_day: &Report) {
        if of_day.one_way && !self.told_one_way {
            self.told_one_way = true;
            tracing::warn!(
                "The scheduling service has no list of what it holds in a window: visits that it \
                 holds and this database has forgotten can't be found"
            );
        }
        let known: BTreeSet<String> =
            self.found.values().flatten().map(ToString::to_string).collect();
        for finding in &of_day.findings {
            let line = finding.to_string();
            if !known.contains(&line) {
                tracing::error!(appointment.id = %finding.appointment_id, "The books differ: {line}");
            }
        }
    }

    fn show(&mut self) {
        let findings = || self.found.values().flatten();
        let differences: BTreeSet<_> = findings().map(|finding| finding.appointment_id).collect();
        let forgotten = findings().filter(|finding| finding.difference == Difference::Forgotten);
        let forgotten: BTreeSet<_> = forgotten.map(|finding| finding.appointment_id).collect();
        set("clinic_reconcile_differences", differences.len());
        set("clinic_reconcile_forgotten", forgotten.len());
        let is_old = !forgotten.is_empty();
        if is_old && !self.was_old {
            tracing::error!(
                "This database is older than the scheduling service's book, which holds visits that \
                 were booked here and are not known here any more: was an old backup restored? \
                 `clinic reconcile` tells which"
            );
        }
        self.was_old = is_old;
    }
}

fn set(gauge: &'static str, count: usize) {
    metrics::gauge!(gauge).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}

fn count(outcome: &'static str) {
    metrics::counter!("clinic_reconcile_days_total", "outcome" => outcome).increment(1);
}

/// Compares day after day until `stop` turns true, or nobody is left to turn it.
pub async fn compare(settling: Arc<Settling>, mut stop: watch::Receiver<bool>) {
    let mut walk = ComparisonWalk::default();
    let mut pause = FIRST_AFTER;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // It only reads, and may be cut off.
        let compared = tokio::select! {
            compared = walk.step(&settling) => compared,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        pause = walk.pause();
        if let Err(error) = compared {
            tracing::warn!(%error, "Could not compare the book with the scheduling service's");
            pause = EVERY;
        }
    }
}
