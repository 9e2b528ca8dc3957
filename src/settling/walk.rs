//! The worker that compares the visits to come with the scheduling service's, a page a minute and
//! round and round.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Settling;
use super::comparison::{PAGE, Report, of_any_status};
use crate::db::StoreError;
use crate::domain::{AppointmentPosition, Page, TimeSlot};

/// How often a page of the book is compared with the scheduling service's.
const COMPARE_EVERY: Duration = Duration::from_mins(1);
/// How often a page is tried of which the service does not answer all: it may be down for a moment.
/// Then the walk goes on, for one that is never answered must not keep it from the others.
const TRIES: u32 = 3;

/// Walks over the visits to come and keeps the gauge `clinic_reconcile_differences`, which must be 0.
#[derive(Debug, Default)]
pub struct ComparisonWalk {
    after: Option<AppointmentPosition>,
    tries: u32,
    report: Report,
}

impl ComparisonWalk {
    /// Compares one page; answers what was found when that was the last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails: the page comes again.
    pub async fn step(&mut self, settling: &Settling) -> Result<Option<Report>, StoreError> {
        let now = settling.now();
        let horizon = settling.parts.clinic_rules.horizon_ends_at(now);
        let to_come = TimeSlot::new(now, horizon).ok();
        let page = Page { after: self.after, ..Page::first(PAGE) };
        let (compared, last) = settling.compare_page(&of_any_status(to_come), page).await?;
        self.tries += 1;
        let of_page = Report::of(compared);
        if let Some(error) = of_page.unanswered()
            && self.tries < TRIES
        {
            tracing::warn!(%error, "The scheduling service can't be asked what it holds; trying again");
            return Ok(None);
        }
        self.report.add(of_page);
        (self.after, self.tries) = (last, 0);
        if last.is_some() {
            return Ok(None);
        }
        let report = std::mem::take(&mut self.report);
        let count = u32::try_from(report.findings.len()).unwrap_or(u32::MAX);
        metrics::gauge!("clinic_reconcile_differences").set(f64::from(count));
        for finding in &report.findings {
            tracing::error!(appointment.id = %finding.appointment_id, "The books differ: {finding}");
        }
        Ok(Some(report))
    }
}

/// Compares a page every minute until `stop` turns true, or nobody is left to turn it.
pub async fn compare(settling: Arc<Settling>, mut stop: watch::Receiver<bool>) {
    let mut walk = ComparisonWalk::default();
    loop {
        tokio::select! {
            () = tokio::time::sleep(COMPARE_EVERY) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // It only reads, and may be cut off.
        let compared = tokio::select! {
            compared = walk.step(&settling) => compared,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        if let Err(error) = compared {
            tracing::warn!(%error, "Could not compare the book with the scheduling service's");
        }
    }
}
