//! Who may treat this patient: licensed in the state, and taking the insurance.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::BookingError;
use super::error::Resource;
use crate::domain::eligibility::{Ineligible, check_licence};
use crate::domain::time_slot::merge;
use crate::domain::{
    Directory, Licence, PayerId, Provider, ProviderId, TimeSlot, UsState, WeeklySchedule,
};

/// The providers that a search goes over, and whose time it has to read.
#[derive(Debug, Clone)]
pub(super) struct Candidates {
    /// Who, by id.
    pub(super) providers: Vec<Arc<Provider>>,
    /// Where it is looked up what they hold.
    pub(super) lookup: Lookup,
    /// The state they have to be licensed in at the visit, if that matters.
    pub(super) state: Option<UsState>,
}

/// Where it is looked up what somebody holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lookup {
    /// In the database: they are few.
    Database,
    /// In memory: they may be everybody.
    Memory {
        /// Of the directory they are from.
        directory_version: i64,
    },
}

/// The payer that `name` means.
///
/// # Errors
///
/// [`BookingError::UnknownInsurance`], with the nearest names.
pub fn payer_named(directory: &Directory, name: &str) -> Result<PayerId, BookingError> {
    directory.payer_named(name).ok_or_else(|| BookingError::UnknownInsurance {
        suggestions: directory.suggest_payers(name),
    })
}

impl Candidates {
    /// Everybody who may treat a patient in `state` with `payer` at some moment of `period`.
    pub(super) fn who_may_treat(
        directory: &Directory,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, BookingError> {
        let providers: Vec<Arc<Provider>> = directory
            .matching(state, payer)
            .filter(|provider| licensed_within(provider, state, period).is_ok())
            .map(Arc::clone)
            .collect();
        if providers.is_empty() {
            return Err(BookingError::NoMatchingProvider);
        }
        let lookup = Lookup::Memory { directory_version: directory.version };
        Ok(Self { providers, lookup, state: Some(state) })
    }

    /// The provider asked for, who must be allowed to treat the patient at some moment of `period`.
    pub(super) fn asked_provider(
        directory: &Directory,
        id: ProviderId,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, BookingError> {
        let candidates = Self::one(directory, id, Some(state))?;
        let provider = candidates.of(id).ok_or(BookingError::NotFound(Resource::Provider))?;
        let reason = match licensed_within(provider, state, period) {
            Err(reason) => Some(reason),
            Ok(()) if provider.accepts(payer) => None,
            Ok(()) => Some(Ineligible::InsuranceNotAccepted),
        };
        match reason {
            None => Ok(candidates),
            Some(reason) => {
                // Where nobody else could treat the patient either, that is what to say first.
                Self::who_may_treat(directory, state, payer, period)?;
                Err(BookingError::NotEligible(reason))
            }
        }
    }

    /// One provider, licensed in `state` if one is given.
    pub(super) fn one(
        directory: &Directory,
        id: ProviderId,
        state: Option<UsState>,
    ) -> Result<Self, BookingError> {
        let provider = directory.provider(id).ok_or(BookingError::NotFound(Resource::Provider))?;
        Ok(Self { providers: vec![Arc::clone(provider)], lookup: Lookup::Database, state })
    }

    pub(super) fn of(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id)
    }
}

fn licensed_within(
    provider: &Provider,
    state: UsState,
    (first, last): (Timestamp, Timestamp),
) -> Result<(), Ineligible> {
    check_licence(&provider.licences, state, provider.day_of(first), provider.day_of(last))
}

/// The parts of `window` in which a visit may start by the provider's licences for `state`.
pub(super) fn licensed_parts(
    provider: &Provider,
    state: Option<UsState>,
    window: TimeSlot,
) -> Vec<TimeSlot> {
    let Some(state) = state else {
        return vec![window];
    };
    let parts = provider
        .licences
        .iter()
        .filter(|licence| licence.state == state)
        .filter_map(|licence| valid_time(licence, &provider.schedule)?.intersection(window));
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
