//! The worker that finds times for those who wait. Nobody has to tell it what became free: it looks at everybody's
//! time, and compares. What happened while no server ran is found when one starts, for then it looks for a time for
//! each who waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::matching::{Lookout, around};
use super::memory::{Waiter, Waiters};
use crate::booking::Booking;
use crate::db::{StoreError, appointments};
use crate::domain::PatientId;
use crate::search::Glance;

/// How often everybody's time is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks, so that under load one serves many changes.
const GATHER_FOR: Duration = Duration::from_millis(50);
/// For how many a time is looked for in all of their window before what became free is looked at again.
const AT_ONCE: usize = 50;

/// Finds times for those who wait, until `stop` turns true or nobody is left to turn it.
pub async fn keep_waitlist(booking: Arc<Booking>, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_behind = false;
    // One that ended in the middle of a look has seen what nobody was offered.
    booking.waiting.forget_looks().await;
    loop {
        if !is_behind {
            tokio::select! {
                () = booking.waiting.wake.notified() => {}
                _ = looks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
        match booking.find_times().await {
            Ok(more) => is_behind = more,
            Err(error) => {
                is_behind = false;
                tracing::warn!(%error, "Could not find times for those who wait; trying again");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(GATHER_FOR) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl Booking {
    /// One look: ends what is over, offers what has become free, and what is free to those who came or wait again.
    /// Whether there are more of these.
    async fn find_times(&self) -> Result<bool, StoreError> {
        let waiters = {
            let mut memory = self.who_waits().await?;
            let waiters = Arc::clone(&memory.waiters);
            metrics::gauge!("clinic_waitlist_waiting").set(waiting(&waiters));
            if waiters.is_empty() {
                memory.glance = None;
                return Ok(false);
            }
            waiters
        };
        self.end_what_is_over(&waiters).await?;
        let waiters = Arc::clone(&self.who_waits().await?.waiters);
        let latest = waiters.values().filter(|waiter| waiter.is_waiting());
        let latest = latest.map(|waiter| waiter.entry.window.latest).max();
        let glance = match latest {
            // Nobody waits.
            None => None,
            Some(latest) => self.parts.search.glance(latest).await?,
        };
        let before = self.waiting.take_last_look().await;
        let Some(glance) = glance else { return Ok(false) };
        if let Some(before) = before
            && let Err(error) = self.offer_what_is_free(&waiters, (&glance, &before)).await
        {
            // It is free yet, and is looked at again.
            self.waiting.look_back_to(before).await;
            return Err(error);
        }
        self.waiting.look_back_to(glance).await;
        self.pass_on(&waiters).await?;
        self.look_for_newcomers().await
    }

    /// Offers what others would not have.
    async fn pass_on(&self, waiters: &Waiters) -> Result<(), StoreError> {
        let passed_on = self.waiting.take_passed_on().await;
        if passed_on.is_empty() {
            return Ok(());
        }
        let mut lookout = self.lookout().await?;
        for (at, (provider_id, slot)) in passed_on.iter().enumerate() {
            let time = (*provider_id, around(*slot));
            if let Err(error) = self.fill(&mut lookout, time, (waiters, None)).await {
                self.waiting.pass_on_again(&passed_on[at..]).await;
                return Err(error);
            }
        }
        Ok(())
    }

    async fn offer_what_is_free(
        &self,
        waiters: &Waiters,
        (glance, before): (&Glance, &Glance),
    ) -> Result<(), StoreError> {
        let freed = glance.freed_since(before);
        let (directory, moment) = (Arc::clone(glance.directory()), glance.moment());
        let mut lookout = Lookout { directory, moment };
        for time in freed.starts {
            self.fill(&mut lookout, time, (waiters, None)).await?;
        }
        if !freed.changed.is_empty() {
            let with_one_of_them = |waiter: &Waiter| {
                waiter.entry.provider_id.is_none_or(|asked| freed.changed.contains(&asked))
            };
            self.who_waits().await?.look_anew_for(with_one_of_them);
        }
        if !freed.visits.is_empty() {
            let visits = appointments::find_many(self.db().read(), &freed.visits).await?;
            let patients: HashSet<PatientId> =
                visits.into_iter().map(|visit| visit.patient_id).collect();
            let theirs = |waiter: &Waiter| patients.contains(&waiter.entry.patient_id);
            self.who_waits().await?.look_anew_for(theirs);
        }
        Ok(())
    }

    /// Offers what is free to some of those for whom nobody has looked yet, in the order of joining.
    async fn look_for_newcomers(&self) -> Result<bool, StoreError> {
        let some = self.who_waits().await?.take_some(AT_ONCE);
        for (at, place) in some.iter().enumerate() {
            if let Err(error) = self.offer_at_once(*place).await {
                self.waiting.look_again_for(&some[at..]).await;
                return Err(error);
            }
        }
        Ok(some.len() == AT_ONCE)
    }
}

fn waiting(waiters: &Waiters) -> f64 {
    let count = waiters.values().filter(|waiter| waiter.is_waiting()).count();
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
