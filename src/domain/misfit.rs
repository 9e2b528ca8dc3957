//! Everything that is against a provider treating a patient: each reason with what it rests on, to be told.
//!
//! It finds a reason exactly where `eligibility` and the offer of a visit type refuse, and the first it finds
//! is the one that they give.

use jiff::Timestamp;
use jiff::civil::Date;

use super::ids::{PayerId, VisitTypeId};
use super::licence::Licence;
use super::provider::Provider;
use super::us_state::UsState;

/// Why a provider may not treat a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit<'a> {
    /// Does not work here any more.
    Inactive,
    /// Never held a licence for the state.
    NotLicensed,
    /// This licence, the last there was for the state, has ended before.
    LicenceExpired(&'a Licence),
    /// This licence, the first there will be for the state, begins later.
    LicenceNotYetValid(&'a Licence),
    /// Does not take the insurance.
    InsuranceNotAccepted,
    /// Does not offer the kind of visit.
    VisitTypeNotOffered,
}

/// A visit that a provider has to fit, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToFit {
    /// The state the patient is in.
    pub state: Option<UsState>,
    /// The payer of the visit.
    pub payer: Option<PayerId>,
    /// What kind of visit.
    pub kind: Option<VisitTypeId>,
}

impl ToFit {
    /// All that is against that provider having it at some moment of `period`.
    pub fn misfits(self, provider: &Provider, period: (Timestamp, Timestamp)) -> Vec<Misfit<'_>> {
        let mut found = Vec::new();
        if !provider.active {
            found.push(Misfit::Inactive);
        }
        if let Some(state) = self.state {
            found.extend(against_licences(provider, state, period));
        }
        if self.payer.is_some_and(|payer| !provider.accepts(payer)) {
            found.push(Misfit::InsuranceNotAccepted);
        }
        if !provider.offers(self.kind) {
            found.push(Misfit::VisitTypeNotOffered);
        }
        found
    }
}

fn against_licences(
    provider: &Provider,
    state: UsState,
    (first, last): (Timestamp, Timestamp),
) -> Vec<Misfit<'_>> {
    let of_state = || provider.licences.iter().filter(move |licence| licence.state == state);
    if of_state().next().is_none() {
        return vec![Misfit::NotLicensed];
    }
    // The days are worked out for those of the state alone: most providers have no licence for it.
    let (first, last) = (provider.day_of(first), provider.day_of(last));
    if of_state().any(|licence| licence.is_valid_within(first, last)) {
        return Vec::new();
    }
    let ended = |licence: &Licence| licence.valid_until.filter(|until| *until < first);
    let begins = |licence: &Licence| licence.valid_from.filter(|from| *from > last);
    let before = of_state().filter(|one| ended(one).is_some()).max_by_key(|one| ended(one));
    let later = of_state()
        .filter(|one| ended(one).is_none() && begins(one).is_some())
        .min_by_key(|one| begins(one));
    let before = before.map(Misfit::LicenceExpired);
    let later = later.map(Misfit::LicenceNotYetValid);
    before.into_iter().chain(later).collect()
}

impl Misfit<'_> {
    /// How far off it is, the least first: from what is of another day to what will not be.
    pub fn rank(&self) -> u8 {
        match self {
            Self::VisitTypeNotOffered => 0,
            Self::LicenceNotYetValid(_) => 1,
            Self::LicenceExpired(_) => 2,
            Self::InsuranceNotAccepted => 3,
            Self::NotLicensed => 4,
            Self::Inactive => 5,
        }
    }

    /// How many days there are between it and a visit on `day`, where it is a matter of days.
    pub fn days_off(&self, day: Date) -> u32 {
        let other = match self {
            Self::LicenceExpired(licence) => licence.valid_until,
            Self::LicenceNotYetValid(licence) => licence.valid_from,
            _ => None,
        };
        let days = other.and_then(|other| other.until(day).ok()).map(|span| span.get_days());
        days.unwrap_or_default().unsigned_abs()
    }
}
