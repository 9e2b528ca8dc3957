//! Changing the roster: who works here, when, and by which rules.
//!
//! Every edit of a provider is one pure change of what is written down of them ([`ProviderEdit`]), and
//! goes one way: it is read under the provider's lock, which bookings with them take too, so that the
//! two are in order; what differs is written down, told to who follows the roster, and noted in the audit
//! trail; and it is said which visits to come fit no more. They stay booked.

mod apply;
mod circumstances;
mod fields;
mod of_clinic;
mod of_provider;
mod outcome;
mod provider;
mod repeat;
mod stranded;
mod terms;
mod whole_clinic;

pub use apply::{AppliedRoster, ApplyOptions};
pub use of_clinic::ClinicEdit;
pub use of_provider::ProviderEdit;
pub use outcome::{Edited, EditedProvider};
pub use provider::{
    AddTimeOff, CreateProvider, RawHours, RawLicence, RawProfile, RawProvider, RawRules, RawSpan,
    RemoveTimeOff, SetDateOverride, SetInsurances, SetLicences, SetProviderVisitTypes, SetRules,
    SetWorkingHours, UpdateProvider,
};
pub use terms::{RawTerms, Terms};
pub use whole_clinic::{
    CreateInsurance, CreateVisitType, RawClinicRules, RawInsurance, RawVisitType, RemoveClosedDay,
    SetClinicRules, SetClosedDay, UpdateInsurance, UpdateVisitType,
};

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::Roster;
use crate::audit::Trail;
use crate::db::Db;
use crate::domain::Clock;

/// Changing the roster.
pub struct RosterEdits {
    db: Db,
    clock: Arc<dyn Clock>,
    roster: Arc<Roster>,
    trail: Arc<Trail>,
    /// Stirs who tells what happened to the roster.
    news: Arc<Notify>,
}

impl RosterEdits {
    /// Changing the roster of a database; every attempt is written down in the trail.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        roster: Arc<Roster>,
        trail: Arc<Trail>,
        news: Arc<Notify>,
    ) -> Self {
        Self { db, clock, roster, trail, news }
    }

    /// The present moment in whole seconds, as it is stored.
    fn now(&self) -> Timestamp {
        let now = self.clock.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}
