//! What works in the background.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::trail::audit_key;
use crate::audit::{self, KeyError, Trail};
use crate::booking::keep_waitlist;
use crate::changes;
use crate::config::Config;
use crate::db::Db;
use crate::domain::Clock;
use crate::health::{self, Health};
use crate::lifecycle::Workers;
use crate::mail::keep_mail;
use crate::people::{self, People};
use crate::services::Services;
use crate::settling::{self, Settling};
use crate::tail::look_for_news;
use crate::webhooks::keep_webhooks;

/// How often it is looked whether the database still keeps the book right, and takes writes.
const LOOK_AT_DATABASE_EVERY: Duration = Duration::from_mins(1);

/// What works in the background of every server.
pub(super) fn start(
    workers: &mut Workers,
    services: &Services,
    settling: &Arc<Settling>,
    breaker_closed: &watch::Receiver<u64>,
) {
    let (outbox, breaker_closed) = (Arc::clone(settling), breaker_closed.clone());
    workers.start("outbox", move |stop| {
        settling::settle_what_is_due(Arc::clone(&outbox), breaker_closed.clone(), stop)
    });
    let publisher = Arc::clone(&services.changes);
    workers.start("publisher", move |stop| changes::publish(Arc::clone(&publisher), stop));
    let listener = Arc::clone(&services.changes);
    let others = [services.roster_news.wake(), services.waitlist_news.wake()];
    workers.start("listener", move |stop| {
        changes::listen(Arc::clone(&listener), others.clone(), stop)
    });
    let news = Arc::clone(&services.roster_news);
    workers.start("roster", move |stop| look_for_news(Arc::clone(&news), stop));
    let news = Arc::clone(&services.waitlist_news);
    workers.start("waitlist_news", move |stop| look_for_news(Arc::clone(&news), stop));
    let booking = Arc::clone(&services.booking);
    workers.start("waitlist", move |stop| keep_waitlist(Arc::clone(&booking), stop));
    let webhooks = Arc::clone(&services.webhooks);
    workers.start("webhooks", move |stop| keep_webhooks(Arc::clone(&webhooks), stop));
    let mail = Arc::clone(&services.mail);
    workers.start("mail", move |stop| keep_mail(Arc::clone(&mail), stop));
}

/// The audit trail of the database.
pub(super) async fn trail(
    config: &Config,
    db: &Db,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<Trail>, KeyError> {
    let key = audit_key(config, db).await?;
    Ok(Arc::new(Trail::new(db.clone(), Arc::clone(clock), key, config.audit_reads)))
}

/// What keeps the audit trail.
pub(super) fn keep(workers: &mut Workers, trail: &Arc<Trail>) {
    let keeper = Arc::clone(trail);
    workers.start("audit", move |stop| audit::keep(Arc::clone(&keeper), stop));
}

/// The comparison with the scheduling service's book, where there is one.
pub(super) fn compare(workers: &mut Workers, settling: &Arc<Settling>) {
    let comparison = Arc::clone(settling);
    workers.start("comparison", move |stop| settling::compare(Arc::clone(&comparison), stop));
}

/// What closes the connections of those who may be here no more.
pub(super) fn watch_access(workers: &mut Workers, people: &Arc<People>) {
    let people = Arc::clone(people);
    workers.start("access", move |stop| people::watch_access(Arc::clone(&people), stop));
}

/// What looks after the database.
pub(super) fn watch_database(
    workers: &mut Workers,
    health: &Arc<Health>,
    machine: &Arc<dyn Clock>,
) {
    let (health, machine) = (Arc::clone(health), Arc::clone(machine));
    workers.start("database", move |stop| {
        health::watch(Arc::clone(&health), Arc::clone(&machine), LOOK_AT_DATABASE_EVERY, stop)
    });
}
