//! Who may treat this patient: licensed in the state, taking the insurance, and offering the kind of
//! visit.

use std::sync::Arc;

use jiff::Timestamp;

use super::locked_book::LockedBook;
use super::query::AvailabilityQuery;
use crate::domain::eligibility::{Ineligible, check_licence_within};
use crate::domain::{
    Appointment, AppointmentId, Directory, Offer, PatientClock, PatientHours, PayerId, Provider,
    ProviderId, TimeSlot, UsState, VisitTypeId,
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
    /// At which times of their own day patients are offered visits.
    pub(super) patient_hours: PatientHours,
    /// The visit whose own time is not in the way, and with whom it is.
    pub(super) instead_of: Option<(AppointmentId, ProviderId)>,
}

/// Where it is looked up when they are busy.
#[derive(Debug, Clone)]
pub(super) enum Lookup {
    /// In the database: they are few.
    Database,
    /// In memory: they may be everybody.
    Memory,
    /// In what is known of the one whose lock is held.
    Locked(LockedBook),
}

/// The patient that providers have to fit.
#[derive(Debug, Clone, Copy)]
pub struct ToTreat {
    /// The state the patient is in.
    pub state: UsState,
    /// The payer of the visit.
    pub payer: PayerId,
    /// What kind of visit.
    pub kind: Option<VisitTypeId>,
}

impl Candidates {
    /// Those whom a search is for, for a visit of that kind at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownInsurance`]; the errors of the functions below.
    pub fn asked(
        directory: &Directory,
        query: &AvailabilityQuery,
        (kind, instead): (Option<VisitTypeId>, Option<&Appointment>),
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        let candidates = match (&query.patient, query.provider_id, instead) {
            (Some((state, insurance)), provider_id, _) => {
                let payer = payer_named(directory, insurance)?;
                let patient = ToTreat { state: *state, payer, kind };
                match provider_id {
                    Some(id) => Self::asked_provider(directory, id, patient, period),
                    None => Self::who_may_treat(directory, patient, period),
                }
            }
            (None, Some(id), Some(visit)) if id != visit.provider_id => {
                let patient = ToTreat { state: visit.state, payer: visit.payer_id, kind };
                Self::asked_provider(directory, id, patient, period)
            }
            (None, Some(id), instead) => {
                // As a move has it, which takes the visit for what it is.
                let kind = kind.filter(|_| instead.is_none() || query.visit_type.is_some());
                let candidates = Self::one(directory, id, instead.map(|visit| visit.state))?;
                if candidates.providers.iter().all(|provider| provider.offers(kind)) {
                    Ok(candidates)
                } else {
                    Err(Refusal::VisitTypeNotOffered)
                }
            }
            (None, None, _) => Err(Refusal::NoMatchingProvider),
        }?;
        Ok(match instead {
            Some(visit) => candidates.instead_of(visit),
            None => candidates,
        })
    }

    /// Everybody who may treat the patient at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoMatchingProvider`]; [`Refusal::VisitTypeNotOffered`] where none of them offers it.
    pub fn who_may_treat(
        directory: &Directory,
        patient: ToTreat,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        let ToTreat { state, payer, kind } = patient;
        let mut providers: Vec<Arc<Provider>> = directory
            .matching(state, payer)
            .filter(|provider| check_licence_within(provider, state, period).is_ok())
            .map(Arc::clone)
            .collect();
        if providers.is_empty() {
            return Err(Refusal::NoMatchingProvider);
        }
        providers.retain(|provider| provider.offers(kind));
        if providers.is_empty() {
            return Err(Refusal::VisitTypeNotOffered);
        }
        Ok(Self::of_directory(directory, providers, Lookup::Memory, Some(state)))
    }

    /// The provider asked for, who must be allowed to treat the patient at some moment of `period`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::NoMatchingProvider`] where nobody else may either;
    /// [`Refusal::NotEligible`]; [`Refusal::VisitTypeNotOffered`].
    pub fn asked_provider(
        directory: &Directory,
        id: ProviderId,
        patient: ToTreat,
        period: (Timestamp, Timestamp),
    ) -> Result<Self, Refusal> {
        let provider = directory.provider(id).ok_or(Refusal::NotFound(Resource::Provider))?;
        let ToTreat { state, payer, kind } = patient;
        if let Err(reason) = may_treat(provider, state, payer, period) {
            // Where nobody else could treat the patient either, that is what to say first.
            Self::who_may_treat(directory, ToTreat { kind: None, ..patient }, period)?;
            return Err(Refusal::NotEligible(reason));
        }
        if !provider.offers(kind) {
            return Err(Refusal::VisitTypeNotOffered);
        }
        let only = vec![Arc::clone(provider)];
        Ok(Self::of_directory(directory, only, Lookup::Database, Some(state)))
    }

    /// One provider, whoever that may treat; where a `state` is given, in the days of their licences for
    /// it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`]; [`Refusal::NotEligible`] where they do not work here any more.
    pub fn one(
        directory: &Directory,
        id: ProviderId,
        state: Option<UsState>,
    ) -> Result<Self, Refusal> {
        let provider = directory.provider(id).ok_or(Refusal::NotFound(Resource::Provider))?;
        if !provider.active {
            return Err(Refusal::NotEligible(Ineligible::Inactive));
        }
        Ok(Self::of_directory(directory, vec![Arc::clone(provider)], Lookup::Database, state))
    }

    /// Everybody, whoever they may treat.
    pub(super) fn everybody(directory: &Directory, providers: Vec<Arc<Provider>>) -> Self {
        Self::of_directory(directory, providers, Lookup::Memory, None)
    }

    fn of_directory(
        directory: &Directory,
        providers: Vec<Arc<Provider>>,
        lookup: Lookup,
        state: Option<UsState>,
    ) -> Self {
        let patient_hours = directory.rules().patient_hours;
        Self { providers, lookup, state, patient_hours, instead_of: None }
    }

    /// The same for a visit that is to be in place of `visit`: its own time is not in the way.
    #[must_use]
    pub fn instead_of(self, visit: &Appointment) -> Self {
        Self { instead_of: Some((visit.id, visit.provider_id)), ..self }
    }

    /// The same for the patient of a visit that stays until another time is held for it: to its provider its own time
    /// is taken, and the patient will not be there.
    #[must_use]
    pub fn but_for_the_patient(self, visit: &Appointment) -> Self {
        Self { instead_of: Some((visit.id, ProviderId::NOBODY)), ..self }
    }

    /// The candidate of that id.
    pub fn of(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// The last moment at which a visit may start with any of them.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        let ends = self.providers.iter().map(|provider| provider.rules.horizon_ends_at(now));
        ends.max().unwrap_or(now)
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

    /// A provider alone, as they are now.
    pub(super) fn only(&self, provider: &Arc<Provider>, lookup: Lookup) -> Self {
        let providers = vec![Arc::clone(provider)];
        Self { providers, lookup, ..*self }
    }

    /// The same, looked up in memory, few as they may be: for whoever asks the same again and again.
    #[must_use]
    pub fn in_memory(&self) -> Self {
        Self { providers: self.providers.clone(), lookup: Lookup::Memory, ..*self }
    }
}

/// Whether a provider may treat a patient in `state` with `payer` at some moment of `period`.
///
/// # Errors
///
/// The first reason why not.
pub fn may_treat(
    provider: &Provider,
    state: UsState,
    payer: PayerId,
    period: (Timestamp, Timestamp),
) -> Result<(), Ineligible> {
    if !provider.active {
        return Err(Ineligible::Inactive);
    }
    check_licence_within(provider, state, period)?;
    if provider.accepts(payer) { Ok(()) } else { Err(Ineligible::InsuranceNotAccepted) }
}
