//! Series of visits: their visits are settled a few at a time, and stand or fall together.

use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::Settling;
use super::work::{Handover, Work};
use crate::changes::Changed;
use crate::db::outbox::{self, Lease, OutboxEntry};
use crate::db::{StoreError, Tx, appointments, series};
use crate::domain::{Appointment, AppointmentSeries, LateRefusal};
use crate::traces::spans;

/// How many visits of one series are settled at once: others want to be told as well.
const AT_ONCE: usize = 8;

/// Why those visits are cancelled that the scheduling service did not refuse.
fn undone_for(why: LateRefusal) -> &'static str {
    match why {
        LateRefusal::Unanswered => {
            "The scheduling service did not answer for another visit of the series"
        }
        LateRefusal::Refused | LateRefusal::Unfit => {
            "The scheduling service refused another visit of the series"
        }
    }
}

impl Settling {
    /// Settles what this request holds, and returns when that is done, or at `deadline`, when the caller has
    /// waited long enough: then the work goes on without it.
    pub async fn settle_all(self: &Arc<Self>, handovers: Vec<Handover>, deadline: Instant) {
        // Each call is noted just before it is made: by then somebody else may have taken it over.
        let work: Vec<_> = handovers.into_iter().filter_map(|one| Work::of(one, false)).collect();
        if work.is_empty() {
            return;
        }
        let settling = Arc::clone(self);
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let settle = async move {
            let each = futures_util::stream::iter(work).for_each_concurrent(AT_ONCE, |work| async {
                if let Err(error) = settling.settle(work).await {
                    tracing::warn!(%error, "Could not store the scheduling service's answer; the outbox will");
                }
            });
            each.await;
            drop(under_way);
        };
        let task = tokio::spawn(settle.in_current_span());
        drop(tokio::time::timeout_at(deadline, task).await);
    }

    /// The outbox row of a visit of which the service is yet to be told, by whoever has that lease.
    pub fn untold(&self, visit: &Appointment, lease: Option<Lease>) -> OutboxEntry {
        OutboxEntry {
            appointment_id: visit.id,
            attempts: 0,
            unanswered_key: None,
            lease,
            failures: 0,
            asked_for_by: spans::current(),
            ends_at: self.ends_at(visit, None),
            late_until: None,
        }
    }

    /// Where a new visit came to nothing that is of a series which stands or falls with it: begins to cancel
    /// the others, as far as they are still to be. What becomes of them, which is to be committed with what
    /// becomes of that visit.
    pub(super) async fn undo_others(
        &self,
        tx: &Tx,
        refused: &Appointment,
        why: LateRefusal,
    ) -> Result<Vec<Changed>, StoreError> {
        let Some(id) = series::of_visit(tx, refused.id).await? else { return Ok(Vec::new()) };
        // Before any row of its visits: of two that are refused at once one waits here.
        let found = series::find_to_change(tx, id).await?;
        let Some(found) = found.filter(AppointmentSeries::stands_or_falls) else {
            return Ok(Vec::new());
        };
        let now = self.now();
        series::replace(tx, &found.undone(refused.id, now)).await?;
        let mut undone = Vec::new();
        for before in series::visits(tx, id).await? {
            if before.id == refused.id || !before.may_be_cancelled(now) {
                continue;
            }
            let after = self.undo(tx, &before, undone_for(why)).await?;
            undone.push(Changed::from(&before, &after).with(id));
        }
        Ok(undone)
    }

    async fn undo(
        &self,
        tx: &Tx,
        before: &Appointment,
        why: &str,
    ) -> Result<Appointment, StoreError> {
        let (now, why) = (self.now(), Some(why.to_owned()));
        let after = before.cancelled_by_whom_it_concerns(before.kept_here, why, now);
        if !appointments::replace(tx, before, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()));
        }
        if !after.kept_here {
            outbox::put(tx, &self.untold(&after, None), now, now).await?;
        }
        Ok(after)
    }
}
