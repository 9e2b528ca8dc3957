//! The worker that tells patients: it writes down what is to be told, and has what is due sent by lanes of their own, so
//! that a slow mail server keeps nothing from being written down.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::Mailing;
use super::sending::SENT_AT_ONCE;
use crate::db::{Ending, StoreError, Tx, mail, unwatched, visit_links};

/// How often it is looked for what happened, and for what is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often it is looked for visits that come.
const REMIND_EVERY: Duration = Duration::from_secs(2);
/// How often it is told how much waits.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// How often what is old is forgotten.
const TIDY_EVERY: Duration = Duration::from_mins(10);
/// How many connections to the mail server there are at the most.
const LANES: u16 = 4;
/// How many that wait are worth one more connection: what is sent at once, bookings wait for.
const WORTH_A_LANE: u16 = 8 * SENT_AT_ONCE;
/// How long mail is kept after it was settled, and the links in it: 90 days.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How much is forgotten in one transaction.
const AT_ONCE: u16 = 500;

/// When things were done last.
#[derive(Default)]
struct Done {
    reminded: Option<Instant>,
    told: Option<Instant>,
    tidied: Option<Instant>,
}

/// Tells patients what happens, until `stop` turns true or nobody is left to turn it; then ends what it has begun.
pub async fn keep_mail(mailing: Arc<Mailing>, stop: watch::Receiver<bool>) {
    unwatched(keep(mailing, stop)).await;
}

async fn keep(mailing: Arc<Mailing>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lanes: JoinSet<Result<(), StoreError>> = JoinSet::new();
    let mut done = Done::default();
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            Some(ended) = lanes.join_next() => {
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "Mail could not be sent; trying again"),
                    Err(_panicked) => tracing::error!("Sending mail panicked; its lease will lapse"),
                }
                continue;
            }
            _ = stop.wait_for(|stop| *stop) => break,
        }
        if let Err(error) = mailing.look(&mut done, &mut lanes, &stop).await {
            tracing::warn!(%error, "Mail could not be looked after; trying again");
        }
    }
    while lanes.join_next().await.is_some() {}
}

/// Whether something is to be done again, which is noted.
fn is_time(last: &mut Option<Instant>, every: Duration) -> bool {
    let is_time = last.is_none_or(|at| at.elapsed() >= every);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

impl Mailing {
    /// One look.
    async fn look(
        self: &Arc<Self>,
        done: &mut Done,
        lanes: &mut JoinSet<Result<(), StoreError>>,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        self.take_down().await?;
        self.take_offers().await?;
        if is_time(&mut done.reminded, REMIND_EVERY) {
            self.take_reminders().await?;
        }
        match &self.settings().server {
            None => self.keep_what_is_due().await?,
            Some(server) => {
                let due =
                    mail::count_due(self.db().read(), WORTH_A_LANE * LANES, self.now()).await?;
                // Those at work may hang at a slow server: they are not counted on.
                let free = usize::from(LANES).saturating_sub(lanes.len());
                for _ in 0..free.min(due.div_ceil(WORTH_A_LANE.into())) {
                    let (mailing, server) = (Arc::clone(self), server.clone());
                    let sending = mailing.send_what_is_due(server, stop.clone());
                    lanes.spawn(unwatched(sending));
                }
            }
        }
        if is_time(&mut done.told, TELL_EVERY) {
            self.tell_what_waits().await?;
        }
        if is_time(&mut done.tidied, TIDY_EVERY) {
            self.forget_what_is_old().await?;
        }
        Ok(())
    }

    /// Tells the operator how much waits, and how long it has.
    async fn tell_what_waits(&self) -> Result<(), StoreError> {
        let standing = mail::standing(self.db().read()).await?;
        let waited = standing
            .oldest
            .map_or(0.0, |oldest| self.now().duration_since(oldest).as_secs_f64().max(0.0));
        let pending = f64::from(u32::try_from(standing.pending).unwrap_or(u32::MAX));
        metrics::gauge!("clinic_mail_pending").set(pending);
        metrics::gauge!("clinic_mail_oldest_pending_seconds").set(waited);
        Ok(())
    }

    async fn forget_what_is_old(&self) -> Result<(), StoreError> {
        let before = self.now().saturating_sub(KEPT_FOR).unwrap_or(jiff::Timestamp::MIN);
        loop {
            let old = mail::old(self.db().read(), before, AT_ONCE).await?;
            if old.is_empty() {
                break;
            }
            let old = &old;
            let forget =
                |tx: Tx| async move { mail::remove_old(&tx, old).await.map(Ending::Commit) };
            self.db().transaction("mail_forget", forget).await?;
        }
        let forget =
            |tx: Tx| async move { visit_links::remove_old(&tx, before).await.map(Ending::Commit) };
        self.db().transaction("visit_link_forget", forget).await
    }
}
