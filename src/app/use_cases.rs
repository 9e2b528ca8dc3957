//! The use cases, each with what it may use.

use std::sync::Arc;

use crate::audit::Trail;
use crate::booking::{Booking, BookingParts};
use crate::changes::Changes;
use crate::config::{Config, Scheduler};
use crate::db::Db;
use crate::domain::Clock;
use crate::holding::{Holding, HoldingParts};
use crate::patients::Patients;
use crate::people::People;
use crate::records::{Records, WaitlistNews};
use crate::roster::edit::RosterEdits;
use crate::roster::{Roster, RosterNews};
use crate::scheduling::SchedulingClient;
use crate::search::Search;
use crate::services::Services;
use crate::settling::{Settling, SettlingParts};

/// The use cases over one database and one scheduling service, each with what it may use.
pub fn use_cases(
    config: &Config,
    db: &Db,
    clock: &Arc<dyn Clock>,
    scheduling: Arc<dyn SchedulingClient>,
    trail: Arc<Trail>,
) -> (Services, Arc<Settling>) {
    let (db, clock, rules) = (|| db.clone(), || Arc::clone(clock), config.clinic_rules);
    let roster = Arc::new(Roster::new(db(), config.clinic_time_zone.clone(), rules));
    let changes = Arc::new(Changes::new(db(), Arc::clone(&trail)));
    let search = Arc::new(Search::new(db(), clock(), Arc::clone(&roster)));
    let settling = Arc::new(Settling::new(SettlingParts {
        db: db(),
        scheduling,
        clock: clock(),
        changes: Arc::clone(&changes),
        roster: Arc::clone(&roster),
        rules: config.settling_rules.clone(),
    }));
    let booking = Arc::new(Booking::new(BookingParts {
        db: db(),
        clock: clock(),
        rules,
        roster: Arc::clone(&roster),
        search: Arc::clone(&search),
        settling: Arc::clone(&settling),
        changes: Arc::clone(&changes),
        trail: Arc::clone(&trail),
        offer_length: config.offer_length,
        nobody_outside: config.scheduler == Some(Scheduler::Nobody),
    }));
    let holding = Arc::new(Holding::new(HoldingParts {
        db: db(),
        clock: clock(),
        limits: config.hold_limits,
        roster: Arc::clone(&roster),
        search: Arc::clone(&search),
        trail: Arc::clone(&trail),
    }));
    let patients = Patients::new(db(), clock(), Arc::clone(&roster), Arc::clone(&trail));
    let patients = Arc::new(patients);
    let (sessions, of_people) = (config.session_rules, Arc::clone(&trail));
    let people = People::new(db(), clock(), Arc::clone(&roster), sessions, of_people);
    let people = Arc::new(people);
    let records = Arc::new(Records::new(db(), Arc::clone(&roster)));
    let roster_news = Arc::new(RosterNews::new(db()));
    let waitlist_news = Arc::new(WaitlistNews::new(db()));
    let edits = RosterEdits::new(db(), clock(), roster, Arc::clone(&trail), roster_news.wake());
    let (roster, clock) = (Arc::new(edits), clock());
    let services = Services {
        booking,
        holding,
        search,
        patients,
        people,
        records,
        roster,
        waitlist_news,
        roster_news,
        changes,
        trail,
        clock,
    };
    (services, settling)
}
