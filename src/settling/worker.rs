//! The worker that finishes what a crash, an outage or an impatient caller left unfinished.
//!
//! Any replica may take over an appointment whose lease has lapsed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::Settling;
use crate::db::outbox::{self, Lane, Taking};
use crate::db::{Ending, StoreError, book_check, idempotency, refused_times};
use crate::scheduling::Readiness;

const LOOK_EVERY: Duration = Duration::from_millis(500);
const END_EVERY: Duration = Duration::from_secs(1);
const NOTE_EVERY: Duration = Duration::from_secs(2);
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How many are settled at once; of those that fail again and again fewer, for they may be slow.
const AT_ONCE: usize = 20;
const FAILING_AT_ONCE: usize = 5;
/// An answer for one that failed again and again has so many more of them tried.
const INVITED: usize = 10;

impl Settling {
    /// One round: ends what has waited for too long, and settles what is due and nobody works on; says
    /// how many appointments were looked at.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails; an appointment that could not be settled is not an
    /// error but due again later.
    pub async fn settle_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let ended = self.end_due().await?;
        Ok(ended + self.settle_fresh().await? + self.settle_failing().await?)
    }

    /// Ends what has waited for too long, whether or not the service can be called.
    async fn end_due(self: &Arc<Self>) -> Result<usize, StoreError> {
        let taking = Taking { lane: Lane::Ending, limit: AT_ONCE, newest: false };
        Ok(self.work_on(taking).await?.len())
    }

    /// Settles what is due and not known to fail. Whether the service is back is tried with what came last:
    /// the oldest may be what fails whatever the service does.
    async fn settle_fresh(self: &Arc<Self>) -> Result<usize, StoreError> {
        let fresh = Taking { lane: Lane::Fresh, limit: AT_ONCE, newest: false };
        match self.parts.scheduling.readiness() {
            Readiness::Shut => Ok(0),
            Readiness::Ready => Ok(self.work_on(fresh).await?.len()),
            Readiness::OneCall => {
                let one = Taking { limit: 1, newest: true, ..fresh };
                let tried = self.work_on(one).await?.len();
                if tried > 0 {
                    return Ok(tried);
                }
                Ok(self.work_on(Taking { lane: Lane::Failing, ..one }).await?.len())
            }
        }
    }

    /// Tries what failed again and again and is due. When one is answered, others may be as well.
    async fn settle_failing(self: &Arc<Self>) -> Result<usize, StoreError> {
        if self.parts.scheduling.readiness() != Readiness::Ready {
            return Ok(0);
        }
        let taking = Taking { lane: Lane::Failing, limit: FAILING_AT_ONCE, newest: false };
        let tried = self.work_on(taking).await?;
        let settled = tried.iter().filter(|settled| **settled).count();
        if settled > 0 {
            self.invite_failing(settled * INVITED).await?;
        }
        Ok(tried.len())
    }

    /// Leases what is due and works on all of it at once; says of each that did not fail whether it is
    /// settled.
    async fn work_on(self: &Arc<Self>, taking: Taking) -> Result<Vec<bool>, StoreError> {
        let now = self.now();
        if !outbox::any_due(self.db().read(), taking.lane, now).await? {
            return Ok(Vec::new());
        }
        let lease = self.new_lease(now);
        let lease_due = |tx| async move {
            outbox::lease_due(&tx, taking, now, lease).await.map(Ending::Commit)
        };
        let ids = self.db().transaction("outbox_lease", lease_due).await?;
        let mut tasks = JoinSet::new();
        for id in ids {
            let settling = Arc::clone(self);
            tasks.spawn(async move {
                let worked = match taking.lane {
                    Lane::Ending => settling.end_leased(id, lease).await,
                    Lane::Fresh | Lane::Failing => settling.settle_leased(id, lease).await,
                };
                worked.inspect_err(|error| {
                    tracing::warn!(appointment.id = %id, %error, "Could not settle {id}; its lease will lapse");
                })
            });
        }
        let mut done = Vec::new();
        while let Some(ended) = tasks.join_next().await {
            match ended {
                Ok(worked) => done.extend(worked),
                Err(_panicked) => {
                    tracing::error!("Settling an appointment panicked; its lease will lapse");
                }
            }
        }
        Ok(done)
    }

    /// Makes everything that waits for the scheduling service due at once; of what failed again and
    /// again a few, which bring the others if they are answered.
    async fn service_is_back(&self) -> Result<(), StoreError> {
        let now = self.now();
        let make_due =
            |tx| async move { outbox::make_fresh_due(&tx, now).await.map(Ending::Commit) };
        let count = self.db().transaction("outbox_all_due", make_due).await?;
        tracing::info!(count, "The scheduling service answers again: {count} appointments are due");
        self.invite_failing(INVITED).await
    }

    async fn invite_failing(&self, limit: usize) -> Result<(), StoreError> {
        let now = self.now();
        let invite =
            |tx| async move { outbox::invite_failing(&tx, now, limit).await.map(Ending::Commit) };
        self.db().transaction("outbox_invite", invite).await.map(|_count| ())
    }

    /// Remembers whose visits fail again and again: whoever asks for nobody is not given to them first.
    /// While nothing is tried nothing is news.
    async fn note_who_fails(&self) -> Result<(), StoreError> {
        if self.parts.scheduling.readiness() == Readiness::Ready {
            let failing = outbox::failing_providers(self.db().read()).await?;
            self.parts.roster.note_failing_outside(failing);
        }
        Ok(())
    }

    async fn forget_what_is_old(&self) -> Result<(), StoreError> {
        let now = self.now();
        let forget =
            |tx| async move { idempotency::forget_old(&tx, now).await.map(Ending::Commit) };
        self.db().transaction("idempotency_forget", forget).await?;
        let forget =
            |tx| async move { refused_times::forget_old(&tx, now).await.map(Ending::Commit) };
        self.db().transaction("refused_times_forget", forget).await?;
        // They are in nobody's way, and would be gone over by every search.
        book_check::remove_lapsed_holds(self.db(), now).await.map(|_count| ())
    }
}

/// Settles what is due until `stop` turns true, or nobody is left to turn it; then finishes the
/// rounds it is in. `breaker_closed` changes when the service answers again.
pub async fn settle_what_is_due(
    settling: Arc<Settling>,
    breaker_closed: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
) {
    // Each at its own pace: what fails, or is slow, keeps nobody else waiting.
    tokio::join!(
        every(END_EVERY, Round::End, &settling, stop.clone()),
        every(LOOK_EVERY, Round::SettleFresh, &settling, stop.clone()),
        every(LOOK_EVERY, Round::SettleFailing, &settling, stop.clone()),
        every(NOTE_EVERY, Round::NoteWhoFails, &settling, stop.clone()),
        every(TIDY_EVERY, Round::Tidy, &settling, stop.clone()),
        welcome_back(&settling, breaker_closed, stop),
    );
}

/// What is done every so often.
#[derive(Clone, Copy)]
enum Round {
    End,
    SettleFresh,
    SettleFailing,
    NoteWhoFails,
    Tidy,
}

async fn every(
    pause: Duration,
    round: Round,
    settling: &Arc<Settling>,
    mut stop: watch::Receiver<bool>,
) {
    let mut looks = tokio::time::interval_at(Instant::now() + pause, pause);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stop.borrow() && stop.has_changed().is_ok() {
        let done = tokio::select! {
            _ = looks.tick() => match round {
                Round::End => settling.end_due().await.map(|count| count == AT_ONCE),
                Round::SettleFresh => settling.settle_fresh().await.map(|count| count == AT_ONCE),
                Round::SettleFailing => {
                    settling.settle_failing().await.map(|count| count == FAILING_AT_ONCE)
                }
                Round::NoteWhoFails => settling.note_who_fails().await.map(|()| false),
                Round::Tidy => settling.forget_what_is_old().await.map(|()| false),
            },
            _ = stop.changed() => Ok(false),
        };
        match done {
            // There may be more: after an outage they are not to wait for one another.
            Ok(true) => looks.reset_immediately(),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "The outbox worker could not reach the database; trying again");
            }
        }
    }
}

async fn welcome_back(
    settling: &Settling,
    mut breaker_closed: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            closed = breaker_closed.changed() => if closed.is_err() { return },
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = settling.service_is_back().await {
            tracing::warn!(%error, "What waits for the scheduling service could not be made due");
        }
    }
}
