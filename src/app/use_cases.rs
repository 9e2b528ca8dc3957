//! The use cases, each with what it may use.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::audit::Trail;
use crate::booking::{Booking, BookingParts};
use crate::changes::Changes;
use crate::config::{Config, Scheduler};
use crate::db::Db;
use crate::domain::Clock;
use crate::feeds::{FeedKeepers, FeedParts, Feeds};
use crate::holding::{Holding, HoldingParts};
use crate::links::{LinkParts, Links};
use crate::mail::{MailParts, Mailing};
use crate::patients::Patients;
use crate::people::People;
use crate::records::{Records, WaitlistNews};
use crate::roster::edit::RosterEdits;
use crate::roster::{Roster, RosterNews};
use crate::scheduling::SchedulingClient;
use crate::search::Search;
use crate::services::Services;
use crate::settling::{Settling, SettlingParts};
use crate::webhooks::{WebhookParts, Webhooks};

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
    let patients = Arc::new(Patients::new(db(), clock(), Arc::clone(&roster), Arc::clone(&trail)));
    let (sessions, of_people) = (config.session_rules, Arc::clone(&trail));
    let people = Arc::new(People::new(db(), clock(), Arc::clone(&roster), sessions, of_people));
    let records = Arc::new(Records::new(db(), Arc::clone(&roster)));
    let webhooks = Arc::new(Webhooks::new(WebhookParts {
        db: db(),
        clock: clock(),
        trail: Arc::clone(&trail),
        changes: Arc::clone(&changes),
        allow_private: config.webhook_allow_private,
    }));
    let feeds = Arc::new(Feeds::new(FeedParts {
        db: db(),
        clock: clock(),
        roster: Arc::clone(&roster),
        records: Arc::clone(&records),
        trail: Arc::clone(&trail),
        keepers: FeedKeepers {
            everybody: config.access.is_open(),
            api_token: config.api_token.is_some(),
        },
        public_url: config.public_url.as_ref().map(|url| url.as_str().to_owned()),
        organizer: config.mail.address(),
    }));
    let links = Arc::new(Links::new(LinkParts {
        db: db(),
        clock: clock(),
        booking: Arc::clone(&booking),
        patients: Arc::clone(&patients),
        search: Arc::clone(&search),
        feeds: Arc::clone(&feeds),
        roster: Arc::clone(&roster),
        trail: Arc::clone(&trail),
        rules: config.link_rules.clone(),
        public_url: config.public_url.as_ref().map(|url| url.as_str().to_owned()),
        address: SocketAddr::new(config.bind, config.port),
    }));
    let mail = Arc::new(Mailing::new(MailParts {
        db: db(),
        clock: clock(),
        roster: Arc::clone(&roster),
        trail: Arc::clone(&trail),
        links: Arc::clone(&links),
        settings: Arc::clone(&config.mail),
    }));
    let roster_news = Arc::new(RosterNews::new(db()));
    let waitlist_news = Arc::new(WaitlistNews::new(db()));
    let edits = RosterEdits::new(db(), clock(), roster, Arc::clone(&trail), roster_news.wake());
    let (roster, clock) = (Arc::new(edits), clock());
    let services = Services {
        booking,
        holding,
        feeds,
        links,
        search,
        patients,
        people,
        records,
        roster,
        webhooks,
        mail,
        waitlist_news,
        roster_news,
        changes,
        trail,
        clock,
    };
    (services, settling)
}
