//! What is against a provider, how far off they are by it, and what is said of it.

use std::cmp::Reverse;
use std::sync::Arc;

use jiff::Timestamp;

use super::found::{ExcludedProvider, MatchCode, MatchReason};
use crate::access::{Actor, Grant, Permission};
use crate::domain::judge::Reason;
use crate::domain::misfit::{Misfit, ToFit};
use crate::domain::{Directory, Provider, TimeSlot};
use crate::search::reasons::telling::Unfit;
use crate::search::reasons::words::Words;

/// All that is against one provider.
pub(super) struct Against<'a> {
    pub(super) provider: &'a Arc<Provider>,
    pub(super) misfits: Vec<Misfit<'a>>,
    /// Of the time, where one is asked for.
    pub(super) reasons: Vec<Reason>,
}

impl Against<'_> {
    /// How far off they are: first by what no other time would mend, then by the time.
    pub(super) fn distance(&self, on: Timestamp) -> impl Ord + use<> {
        let worst = self.misfits.iter().map(Misfit::rank).max();
        let day = self.provider.day_of(on);
        let days: u32 = self.misfits.iter().map(|misfit| misfit.days_off(day)).sum();
        let furthest = self.reasons.iter().map(|reason| reason.obstacle.rank()).min();
        let of_time = (self.reasons.len(), furthest.map(Reverse));
        (self.misfits.len(), worst, days, of_time, self.provider.id)
    }
}

/// What is said of who does not fit.
pub(super) struct Telling<'a> {
    pub(super) actor: &'a Actor,
    pub(super) directory: &'a Directory,
    pub(super) fits: ToFit,
    pub(super) slot: Option<TimeSlot>,
    pub(super) now: Timestamp,
}

impl Telling<'_> {
    pub(super) fn excluded(&self, against: &Against<'_>) -> ExcludedProvider {
        let provider = against.provider;
        let ToFit { state, payer, kind } = self.fits;
        let unfit = Unfit {
            provider,
            state,
            payer: payer.and_then(|id| self.directory.payer_name(id)),
            kind: kind.and_then(|id| self.directory.visit_type(id)).map(|kind| kind.name.as_str()),
            on: self.slot.map(|slot| provider.day_of(slot.starts_at())),
        };
        let of_misfits = against.misfits.iter().map(|misfit| MatchReason {
            code: MatchCode::from(misfit),
            message: unfit.message(*misfit),
        });
        let grant = self.actor.grant(Permission::ReadAppointments);
        let sees_visits = grant != Grant::No && grant.reaches(provider.id);
        let of_time = self.slot.into_iter().flat_map(|slot| {
            let (directory, now) = (self.directory, self.now);
            let words = Words { provider, directory, slot, now };
            against.reasons.iter().map(move |reason| {
                let code = MatchCode::from(reason.obstacle);
                let is_told = code != MatchCode::Busy || sees_visits;
                MatchReason { code, message: words.told(*reason, is_told).0 }
            })
        });
        let reasons = of_misfits.chain(of_time).collect();
        ExcludedProvider { provider: Arc::clone(provider), reasons }
    }
}
