//! Clients that book, move and cancel what is theirs, at random but from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::{DAY, midnight_in};
use crate::Trouble;
use crate::client::{Client, Via, Visit};
use crate::history::{Answer, Entry};

/// What a client draws from.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) providers: Arc<Vec<String>>,
    /// Over so many days its visits spread.
    pub(super) days: i64,
    pub(super) longest: i64,
    /// How many patients share the clients' keyless bookings.
    pub(super) patients: usize,
    /// One in so many bookings comes with a key and a patient of its own; 0 is none.
    pub(super) keyed_in: u32,
    /// Of ten operations, so many book, and so many move; the rest cancel.
    pub(super) book_in_ten: u32,
    pub(super) move_in_ten: u32,
    /// One in so many of those that book holds the time first, and books, releases or forgets it later; 0 is
    /// none.
    pub(super) held_in: u32,
    /// Of those that move, every other one goes to another provider, and of those that cancel every
    /// other one is checked in instead, or not any more: visits begin today then.
    pub(super) whole_life: bool,
}

/// One client: its own dice, its own appointments, so that what it asks of one is in order.
pub(super) struct Caller {
    name: String,
    client: Client,
    manner: Manner,
    rng: StdRng,
    mine: Vec<String>,
    sent: usize,
    /// What is held: visits to book by its token.
    held: Vec<Visit>,
    /// Keyed visits that were never answered.
    pub(super) open: Vec<Visit>,
}

impl Caller {
    pub(super) fn new(name: &str, client: &Client, manner: &Manner, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            client: client.clone(),
            manner: manner.clone(),
            rng: StdRng::seed_from_u64(seed),
            mine: Vec::new(),
            sent: 0,
            held: Vec::new(),
            open: Vec::new(),
        }
    }

    fn via(&mut self) -> Via {
        let server = self.rng.random_range(0..self.client.servers());
        Via { server, graphql: self.rng.random_bool(0.5) }
    }

    fn start(&mut self) -> i64 {
        let minute = self.rng.random_range(0..self.manner.days * DAY / 60);
        if self.manner.whole_life {
            // From today on: nobody is checked in before the day of the visit.
            let earliest = midnight_in(0) + self.rng.random_range(1..DAY / 60) * 60;
            return earliest + minute / 1440 * DAY;
        }
        midnight_in(2) + minute * 60
    }

    /// One operation.
    pub(super) async fn act(&mut self) -> Entry {
        self.sent += 1;
        let dice = self.rng.random_range(0..10);
        let via = self.via();
        if dice < self.manner.book_in_ten || self.mine.is_empty() {
            return self.book(via).await;
        }
        let place = self.rng.random_range(0..self.mine.len());
        let otherwise = self.manner.whole_life && self.rng.random_bool(0.5);
        if dice < self.manner.book_in_ten + self.manner.move_in_ten {
            if otherwise {
                let to = self.rng.random_range(0..self.manner.providers.len());
                let to = &self.manner.providers[to];
                return self.client.reassign(via.server, &self.mine[place], to).await;
            }
            let (start, minutes) = (self.start(), self.rng.random_range(5..=self.manner.longest));
            self.client.reschedule(via, &self.mine[place], start, minutes).await
        } else if otherwise {
            let status = if self.rng.random_bool(0.7) { "CHECKED_IN" } else { "CONFIRMED" };
            self.client.set_status(via, &self.mine[place], status).await
        } else {
            let id = self.mine.swap_remove(place);
            self.client.cancel(via, &id).await
        }
    }

    async fn book(&mut self, via: Via) -> Entry {
        if !self.held.is_empty() && self.rng.random_bool(0.5) {
            return self.end_a_hold(via).await;
        }
        let keyed = self.manner.keyed_in > 0 && self.rng.random_ratio(1, self.manner.keyed_in);
        let own = format!("key-{}-{}", self.name, self.sent);
        let shared = format!("patient{}", self.rng.random_range(0..self.manner.patients));
        let named = self.rng.random_bool(0.8);
        let provider = self.rng.random_range(0..self.manner.providers.len());
        let when = self.start();
        let at = self.rng.random_bool(0.7);
        let visit = Visit {
            who: if keyed { own.clone() } else { shared },
            provider: named.then(|| self.manner.providers[provider].clone()),
            start: at.then_some(when),
            after: (!at).then_some(when),
            minutes: self.rng.random_range(5..=self.manner.longest),
            key: keyed.then_some(own),
            token: None,
        };
        if self.manner.held_in > 0 && self.rng.random_ratio(1, self.manner.held_in) {
            return self.hold(via, visit).await;
        }
        self.book_it(via, visit).await
    }

    /// Holds the time of the visit first; it may lapse before it is booked.
    async fn hold(&mut self, via: Via, visit: Visit) -> Entry {
        let minutes = self.rng.random_range(1..=5);
        let entry = self.client.hold(via, &visit, minutes).await;
        let token = entry.done().and_then(|answer| answer.id.clone());
        self.held.extend(token.map(|token| {
            let (who, minutes, key) = (visit.who, visit.minutes, visit.key);
            Visit { who, minutes, key, token: Some(token), ..Visit::default() }
        }));
        entry
    }

    /// Books what is held, at whatever server, or gives it up.
    async fn end_a_hold(&mut self, via: Via) -> Entry {
        let place = self.rng.random_range(0..self.held.len());
        let visit = self.held.swap_remove(place);
        let token = visit.token.as_deref().unwrap_or_default();
        match self.rng.random_range(0..10) {
            0 | 1 => self.client.release(via, token).await,
            // Somebody has hung up, and nobody said so.
            2 => Box::pin(self.book(via)).await,
            _ => self.book_it(via, visit).await,
        }
    }

    async fn book_it(&mut self, via: Via, visit: Visit) -> Entry {
        let entry = self.client.book(via, &visit).await;
        if let Some(id) = entry.done().and_then(|answer| answer.id.clone()) {
            self.mine.push(id);
        } else if visit.key.is_some() && entry.answer.as_ref().is_none_or(Answer::is_server_error) {
            self.open.push(visit);
        }
        entry
    }

    /// Sends again what was never answered, under its key.
    pub(super) async fn ask_again(&mut self) {
        for visit in std::mem::take(&mut self.open) {
            let via = self.via();
            let entry = self.client.book(via, &visit).await;
            let id = entry.done().and_then(|answer| answer.id.clone());
            self.mine.extend(id);
        }
    }
}

/// A burst of load: when to stop it, and how far it is.
#[derive(Debug, Default)]
pub(super) struct Burst {
    stopped: AtomicBool,
    done: AtomicUsize,
}

impl Burst {
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Waits until the servers have done something, for two seconds at most.
    pub(super) async fn under_way(&self) {
        let until = Instant::now() + Duration::from_secs(2);
        while self.done.load(Ordering::Relaxed) == 0 && Instant::now() < until {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Lets all callers act until told to stop; gives them back with what the servers did wrong:
/// answers that are bugs whatever is broken, and server errors.
pub(super) async fn until_stopped(
    callers: Vec<Caller>,
    burst: &Arc<Burst>,
) -> Result<(Vec<Caller>, Wrong), Trouble> {
    let mut acting = JoinSet::new();
    for mut caller in callers {
        let burst = burst.clone();
        acting.spawn(async move {
            let mut wrong = Wrong::default();
            while !burst.stopped.load(Ordering::Relaxed) {
                let entry = caller.act().await;
                wrong.note(&entry);
                if entry.done().is_some() {
                    burst.done.fetch_add(1, Ordering::Relaxed);
                }
                if entry.answer.as_ref().is_none_or(Answer::is_server_error) {
                    // Nobody is there: no use in asking at full speed.
                    sleep(Duration::from_millis(20)).await;
                }
            }
            (caller, wrong)
        });
    }
    let (mut callers, mut wrong) = (Vec::new(), Wrong::default());
    while let Some(acted) = acting.join_next().await {
        let (caller, its) = acted?;
        callers.push(caller);
        wrong.add(its);
    }
    callers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((callers, wrong))
}

/// How the servers answered.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Wrong {
    pub(super) asked: usize,
    pub(super) done: usize,
    pub(super) unanswered: usize,
    pub(super) unavailable: usize,
    pub(super) bugs: usize,
}

impl Wrong {
    pub(super) fn note(&mut self, entry: &Entry) {
        self.asked += 1;
        match &entry.answer {
            None => self.unanswered += 1,
            Some(answer) if answer.done() => self.done += 1,
            Some(answer) if answer.is_bug() => self.bugs += 1,
            Some(answer) if answer.is_server_error() => self.unavailable += 1,
            Some(_) => {}
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.done += other.done;
        self.unanswered += other.unanswered;
        self.unavailable += other.unavailable;
        self.bugs += other.bugs;
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} asked, {} done, {} without an answer, {} UNAVAILABLE, {} INTERNAL",
            self.asked, self.done, self.unanswered, self.unavailable, self.bugs
        )
    }
}
