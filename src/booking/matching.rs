//! Who may treat this patient: licensed in the state, and taking the insurance.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::Resource;
use super::{BookingError, BookingService};
use crate::db::providers::{self, Candidate, LicensedToday};
use crate::db::{StoreError, busy, payers};
use crate::domain::eligibility::{Ineligible, check_licence, local_day};
use crate::domain::insurance::suggest_payers;
use crate::domain::time_slot::merge;
use crate::domain::{Licence, PayerId, ProviderId, TimeSlot, UsState, WeeklySchedule};

/// The providers that a search goes over, and whose time it has to read.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    /// Who, by id.
    pub(super) providers: Vec<Candidate>,
    /// The same, as a database query.
    pub(super) selector: busy::Providers,
    /// The state they have to be licensed in at the visit, if that matters.
    pub(super) state: Option<UsState>,
}

impl BookingService {
    /// The payer that `name` means.
    ///
    /// # Errors
    ///
    /// [`BookingError::UnknownInsurance`], with the nearest names.
    pub async fn payer_named(&self, name: &str) -> Result<PayerId, BookingError> {
        if let Some(payer) = payers::find_by_name(self.db.read(), name).await? {
            return Ok(payer);
        }
        let known = payers::list(self.db.read()).await?;
        Err(BookingError::UnknownInsurance { suggestions: suggest_payers(name, &known) })
    }

    /// What "licensed in `state` today" means, where each provider is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database fails.
    pub async fn licensed_today(&self, state: UsState) -> Result<LicensedToday, StoreError> {
        let mut today: BTreeMap<Date, Vec<String>> = BTreeMap::new();
        for name in providers::time_zones(self.db.read()).await? {
            let zone = TimeZone::get(&name).unwrap_or(TimeZone::UTC);
            today.entry(local_day(self.now(), &zone)).or_default().push(name);
        }
        Ok(LicensedToday { state, today })
    }

    /// Everybody who may treat a patient in `state` with `payer` at some moment of `period`.
    pub(super) async fn who_may_treat(
        &self,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Candidates, BookingError> {
        let mut providers = providers::matching(self.db.read(), state, payer).await?;
        providers.retain(|candidate| licensed_within(candidate, state, period).is_ok());
        if providers.is_empty() {
            return Err(BookingError::NoMatchingProvider);
        }
        let selector = busy::Providers::Matching(state, payer);
        Ok(Candidates { providers, selector, state: Some(state) })
    }

    /// The provider asked for, who must be allowed to treat the patient at some moment of `period`.
    pub(super) async fn asked_provider(
        &self,
        id: ProviderId,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Candidates, BookingError> {
        let candidates = self.one_provider(id, Some(state)).await?;
        let licensed = candidates
            .providers
            .iter()
            .try_for_each(|candidate| licensed_within(candidate, state, period));
        let reason = match licensed {
            Err(reason) => Some(reason),
            Ok(()) if providers::accepts(self.db.read(), id, payer).await? => None,
            Ok(()) => Some(Ineligible::InsuranceNotAccepted),
        };
        match reason {
            None => Ok(candidates),
            Some(reason) => {
                // Where nobody else could treat the patient either, that is what to say first.
                self.who_may_treat(state, payer, period).await?;
                Err(BookingError::NotEligible(reason))
            }
        }
    }

    /// One provider, licensed in `state` if one is given.
    pub(super) async fn one_provider(
        &self,
        id: ProviderId,
        state: Option<UsState>,
    ) -> Result<Candidates, BookingError> {
        let providers = providers::candidates(self.db.read(), &[id]).await?;
        if providers.is_empty() {
            return Err(BookingError::NotFound(Resource::Provider));
        }
        Ok(Candidates { providers, selector: busy::Providers::These(vec![id]), state })
    }
}

fn licensed_within(
    candidate: &Candidate,
    state: UsState,
    (first, last): (Timestamp, Timestamp),
) -> Result<(), Ineligible> {
    let zone = candidate.schedule.zone();
    check_licence(&candidate.licences, state, local_day(first, zone), local_day(last, zone))
}

/// The parts of `window` in which a visit may start by the provider's licences for `state`.
pub(super) fn licensed_parts(
    candidate: &Candidate,
    state: Option<UsState>,
    window: TimeSlot,
) -> Vec<TimeSlot> {
    let Some(state) = state else {
        return vec![window];
    };
    let parts = candidate
        .licences
        .iter()
        .filter(|licence| licence.state == state)
        .filter_map(|licence| valid_time(licence, &candidate.schedule)?.intersection(window));
    merge(parts.collect())
}

/// From the start of the first valid day to the end of the last, at the provider's.
fn valid_time(licence: &Licence, schedule: &WeeklySchedule) -> Option<TimeSlot> {
    let start_of = |day: Date| Some(day.to_zoned(schedule.zone().clone()).ok()?.timestamp());
    let from = licence.valid_from.map_or(Some(Timestamp::MIN), start_of)?;
    let until = licence
        .valid_until
        .and_then(|last| last.tomorrow().ok())
        .map_or(Some(Timestamp::MAX), start_of)?;
    TimeSlot::new(from, until).ok()
}
