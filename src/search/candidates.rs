//! Who may treat this patient: licensed in the state, and taking the insurance.

use std::sync::Arc;

use jiff::Timestamp;

use super::query::AvailabilityQuery;
use crate::domain::eligibility::{Ineligible, check_licence_within};
use crate::domain::{
    Directory, Offer, PatientClock, PayerId, Provider, ProviderId, TimeSlot, UsState,
};
use crate::request::{Refusal, Resource, payer_named};

/// The providers that a search goes over.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// Who, by id.
    pub providers: Vec<Arc<Provider>>,
    /// Where it is looked up when they are busy.
    pub(super) lookup: Lookup,
    /// The state they have to be licensed in at the visit, if that matters.
    pub(super) state: Option<UsState>,
}

/// Where it is looked up when they are busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lookup {
    /// In the database: they are few.
    Database,
    /// In memory: they may be everybody.
    Memory,
}

impl Candidates {
    /// Those whom a search is for, at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInsurance`]; the errors of the functions below.
    pub(super) fn asked(
        directory: &Directory,
        query: &AvailabilityQuery,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        match (&query.patient, query.provider_id) {
            (Some((state, insurance)), provider_id) => {
                let payer = payer_named(directory, insurance)?;
                match provider_id {
                    Some(id) => Self::asked_provider(directory, id, *state, payer, period),
                    None => Self::who_may_treat(directory, *state, payer, period),
                }
            }
            (None, Some(id)) => Self::one(directory, id, None),
            (None, None) => Err(Refusal::NoMatchingProvider),
        }
    }

    /// Everybody who may treat a patient in `state` with `payer` at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMatchingProvider`].
    pub fn who_may_treat(
        directory: &Directory,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        let providers: Vec<Arc<Provider>> = directory
            .matching(state, payer)
            .filter(|provider| check_licence_within(provider, state, period).is_ok())
            .map(Arc::clone)
            .collect();
        if providers.is_empty() {
            return Err(Refusal::NoMatchingProvider);
        }
        Ok(Self { providers, lookup: Lookup::Memory, state: Some(state) })
    }

    /// The provider asked for, who must be allowed to treat the patient at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::NoMatchingProvider`] where nobody else may either;
    /// [`Refusal::NotEligible`].
    pub fn asked_provider(
        directory: &Directory,
        id: ProviderId,
        state: UsState,
        payer: PayerId,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        let candidates = Self::one(directory, id, Some(state))?;
        let provider = candidates.of(id).ok_or(Refusal::NotFound(Resource::Provider))?;
        let reason = match check_licence_within(provider, state, period) {
            Err(reason) => Some(reason),
            Ok(()) if provider.accepts(payer) => None,
            Ok(()) => Some(Ineligible::InsuranceNotAccepted),
        };
        match reason {
            None => Ok(candidates),
            Some(reason) => {
                // Where nobody else could treat the patient either, that is what to say first.
                Self::who_may_treat(directory, state, payer, period)?;
                Err(Refusal::NotEligible(reason))
            }
        }
    }

    /// One provider, whoever that may treat; where a `state` is given, in the days of their licences for
    /// it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`].
    pub fn one(
        directory: &Directory,
        id: ProviderId,
        state: Option<UsState>,
    ) -> Result<Self, Refusal> {
        let provider = directory.provider(id).ok_or(Refusal::NotFound(Resource::Provider))?;
        Ok(Self { providers: vec![Arc::clone(provider)], lookup: Lookup::Database, state })
    }

    /// The candidate of that id.
    pub fn of(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// A time of one of them, for a patient who lives by that clock.
    pub(super) fn offer(
        &self,
        id: ProviderId,
        slot: TimeSlot,
        patient_clock: Option<&PatientClock>,
    ) -> Option<Offer> {
        let provider = Arc::clone(self.of(id)?);
        Some(Offer { provider, slot, patient_clock: patient_clock.cloned() })
    }

    /// One of them alone, to be looked up in the database.
    pub(super) fn only(&self, id: ProviderId) -> Self {
        let providers = self.of(id).map(Arc::clone).into_iter().collect();
        Self { providers, lookup: Lookup::Database, state: self.state }
    }
}
