//! The worker that finds times for those who wait. Nobody has to tell it what became free: it looks at everybody's
//! time, and compares. What happened while no server ran is found when one starts, for then it looks for a time for
//! each who waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::memory::Waiters;
use crate::booking::Booking;
use crate::db::appointments;
use crate::domain::search_step::with_local_days;
use crate::domain::{AppointmentId, PatientId, WaitlistEntryId};
use crate::request::Refusal;
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
                tracing::warn!(?error, "Could not find times for those who wait; trying again");
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
    async fn find_times(&self) -> Result<bool, Refusal> {
        let waiters = Arc::clone(&self.who_waits().await?.waiters);
        metrics::gauge!("clinic_waitlist_waiting").set(waiting(&waiters));
        if waiters.is_empty() {
            self.who_waits().await?.glance = None;
            return Ok(false);
        }
        self.end_what_is_over(&waiters).await?;
        let (waiters, before) = {
            let mut memory = self.who_waits().await?;
            (Arc::clone(&memory.waiters), memory.glance.take())
        };
        let latest = waiters.values().filter(|waiter| waiter.is_waiting());
        let latest = latest.map(|waiter| waiter.entry.window.latest).max();
        let glance = match latest {
            // Nobody waits.
            None => None,
            Some(latest) => self.parts.search.glance(latest).await?,
        };
        let Some(glance) = glance else { return Ok(false) };
        if let Some(before) = before
            && let Err(error) = self.offer_what_is_free(&waiters, (&glance, &before)).await
        {
            // It is free yet, and is looked at again.
            self.who_waits().await?.glance = Some(before);
            return Err(error);
        }
        self.who_waits().await?.glance = Some(glance);
        self.look_for_newcomers().await
    }

    async fn offer_what_is_free(
        &self,
        waiters: &Waiters,
        (glance, before): (&Glance, &Glance),
    ) -> Result<(), Refusal> {
        let freed = glance.freed_since(before);
        for time in &freed {
            let span = with_local_days(time.span);
            let time = (time.provider_id, span);
            self.fill(glance.directory(), time, (waiters, None)).await?;
        }
        let visits: Vec<AppointmentId> = freed.iter().filter_map(|time| time.visit).collect();
        if !visits.is_empty() {
            let visits = appointments::find_many(self.db().read(), &visits).await?;
            let patients: HashSet<PatientId> =
                visits.into_iter().map(|visit| visit.patient_id).collect();
            self.who_waits().await?.look_anew_for(&patients);
        }
        Ok(())
    }

    /// Offers what is free to some of those for whom nobody has looked yet, in the order of joining.
    async fn look_for_newcomers(&self) -> Result<bool, Refusal> {
        let (waiters, some) = {
            let memory = self.who_waits().await?;
            let some: Vec<WaitlistEntryId> = memory.anew.iter().take(AT_ONCE).copied().collect();
            (Arc::clone(&memory.waiters), some)
        };
        let directory = self.parts.roster.directory().await?;
        for id in &some {
            if let (Some(waiter), Some(all)) = (waiters.get(id), self.all_to_come(&directory))
                && waiter.is_waiting()
            {
                self.offer_first(&directory, waiter, (None, all)).await?;
            }
            self.who_waits().await?.anew.remove(id);
        }
        Ok(some.len() == AT_ONCE)
    }
}

fn waiting(waiters: &Waiters) -> f64 {
    let count = waiters.values().filter(|waiter| waiter.is_waiting()).count();
    u32::try_from(count).unwrap_or(u32::MAX).into()
}
