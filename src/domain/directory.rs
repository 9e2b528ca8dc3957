//! The provider directory: everybody who works at the clinic, and the payers it knows.
//!
//! Small, read by every request and seldom changed, so servers keep it whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::days::ClosedDay;
use super::ids::{PayerId, ProviderId, VisitTypeId};
use super::insurance::{Payer, payer_key, suggest_payers};
use super::provider::{ClinicSide, Provider};
use super::rules::ClinicRules;
use super::self_pay::means_self_pay;
use super::text::has_every_word;
use super::us_state::UsState;
use super::visit_type::{VisitType, visit_type_key};

/// Which providers a list holds; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct ProviderFilter {
    /// Holds a licence for this state that is valid today, where they are.
    pub state: Option<UsState>,
    /// Takes the insurance of this payer.
    pub payer: Option<PayerId>,
    /// Has every word of this in the name, in any order.
    pub name: Option<String>,
}

/// The directory, as it was at one version.
#[derive(Debug)]
pub struct Directory {
    /// The database's number for this state of it; another number, another state.
    pub version: i64,
    providers: BTreeMap<ProviderId, Arc<Provider>>,
    /// Those who can't be scheduled, as where their time zone is not known: in no list and no search,
    /// but visits that they have are theirs.
    unschedulable: HashMap<ProviderId, Arc<Provider>>,
    payers: HashMap<PayerId, Arc<Payer>>,
    payer_by_key: HashMap<String, PayerId>,
    /// The payer that stands for patients who pay themselves.
    self_pay: Option<PayerId>,
    rules: ClinicRules,
    clinic: ClinicSide,
    /// The longest of everybody's booking horizons, and of the clinic's.
    longest_horizon: SignedDuration,
}

/// What a directory is made of.
#[derive(Debug)]
pub struct DirectoryParts {
    /// The database's number for this state of it.
    pub version: i64,
    /// The providers who can be scheduled.
    pub providers: Vec<Provider>,
    /// Those who can't be.
    pub unschedulable: Vec<Provider>,
    /// The payers.
    pub payers: Vec<Arc<Payer>>,
    /// What each spelling of a payer's name means.
    pub payer_by_key: HashMap<String, PayerId>,
    /// The clinic's rules.
    pub rules: ClinicRules,
    /// What the clinic has that visits are judged by.
    pub clinic: ClinicSide,
}

impl Directory {
    /// The directory of those parts.
    pub fn new(parts: DirectoryParts) -> Self {
        let by_id = |one: Provider| (one.id, Arc::new(one));
        let providers: BTreeMap<_, _> = parts.providers.into_iter().map(by_id).collect();
        let (payers, self_pay) = (parts.payers, |payer: &&Arc<Payer>| payer.self_pay);
        Self {
            self_pay: payers.iter().find(self_pay).map(|payer| payer.id),
            version: parts.version,
            longest_horizon: longest_horizon(providers.values(), &parts.rules),
            providers,
            unschedulable: parts.unschedulable.into_iter().map(by_id).collect(),
            payers: payers.into_iter().map(|payer| (payer.id, payer)).collect(),
            payer_by_key: parts.payer_by_key,
            rules: parts.rules,
            clinic: parts.clinic,
        }
    }

    /// The directory at another version, in which these providers are otherwise, or are no more.
    #[must_use]
    pub fn with(
        &self,
        version: i64,
        changed: Vec<(ProviderId, Option<Provider>)>,
        is_schedulable: impl Fn(&Provider) -> bool,
    ) -> Self {
        let mut next = Self {
            version,
            providers: self.providers.clone(),
            unschedulable: self.unschedulable.clone(),
            payers: self.payers.clone(),
            payer_by_key: self.payer_by_key.clone(),
            self_pay: self.self_pay,
            rules: self.rules,
            clinic: self.clinic.clone(),
            longest_horizon: self.longest_horizon,
        };
        for (id, provider) in changed {
            let before = next.providers.remove(&id).or_else(|| next.unschedulable.remove(&id));
            let Some(provider) = provider else { continue };
            let provider = Arc::new(match before {
                Some(before) => provider.sharing(&before),
                None => provider,
            });
            if is_schedulable(&provider) {
                next.providers.insert(id, provider);
            } else {
                next.unschedulable.insert(id, provider);
            }
        }
        next.longest_horizon = longest_horizon(next.providers.values(), &next.rules);
        next
    }

    /// The last moment at which a visit may start with anybody.
    pub fn horizon_ends_at(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.longest_horizon).unwrap_or(Timestamp::MAX)
    }

    /// The clinic's rules.
    pub fn rules(&self) -> &ClinicRules {
        &self.rules
    }

    /// Every kind of visit, also those that are offered no more, by name.
    pub fn visit_types(&self) -> &[Arc<VisitType>] {
        &self.clinic.visit_types
    }

    /// The kind of visit of that id.
    pub fn visit_type(&self, id: VisitTypeId) -> Option<&Arc<VisitType>> {
        self.clinic.visit_types.iter().find(|one| one.id == id)
    }

    /// The kind of visit of that name, by its letters and digits.
    pub fn visit_type_named(&self, name: &str) -> Option<&Arc<VisitType>> {
        let key = visit_type_key(name);
        self.clinic.visit_types.iter().find(|one| visit_type_key(&one.name) == key)
    }

    /// The days on which the clinic is closed, in order.
    pub fn closed_days(&self) -> &[ClosedDay] {
        &self.clinic.closed_days
    }

    /// What the clinic has that visits with its providers are judged by.
    pub fn clinic_side(&self) -> &ClinicSide {
        &self.clinic
    }

    /// The provider of that id.
    pub fn provider(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.providers.get(&id)
    }

    /// Who a visit is with: the provider of that id, also one who can't be scheduled just now.
    pub fn provider_of_visit(&self, id: ProviderId) -> Option<&Arc<Provider>> {
        self.provider(id).or_else(|| self.unschedulable.get(&id))
    }

    /// Everybody, by id, which is by when they joined.
    pub fn providers(&self) -> impl DoubleEndedIterator<Item = &Arc<Provider>> {
        self.providers.values()
    }

    /// Those whom a list holds now, by id; who does not work here any more is in none.
    pub fn listed(&self, filter: &ProviderFilter, now: Timestamp) -> Vec<&Arc<Provider>> {
        let ProviderFilter { state, payer, name } = filter;
        let named = |provider: &Provider| {
            name.as_ref().is_none_or(|name| has_every_word(&provider.name, name))
        };
        self.providers()
            .filter(|provider| provider.active)
            .filter(|provider| payer.is_none_or(|payer| provider.accepts(payer)))
            .filter(|provider| state.is_none_or(|state| provider.is_licensed(state, now)))
            .filter(|provider| named(provider))
            .collect()
    }

    /// Everybody who works here, was ever licensed in the state and takes the payer, by id.
    pub fn matching(&self, state: UsState, payer: PayerId) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers().filter(move |provider| {
            provider.active
                && provider.accepts(payer)
                && provider.licences.iter().any(|one| one.state == state)
        })
    }

    /// The payer that `name` means, by any of its names, if the clinic takes it; self-pay, where the clinic
    /// has it, by whatever means that.
    pub fn payer_named(&self, name: &str) -> Option<PayerId> {
        let payer = self.payer_ever_named(name);
        payer.filter(|id| self.payers.get(id).is_some_and(|payer| payer.active))
    }

    /// The same, whether the clinic takes it or not.
    pub fn payer_ever_named(&self, name: &str) -> Option<PayerId> {
        let by_name = self.payer_by_key.get(&payer_key(name)).copied();
        by_name.or_else(|| self.self_pay.filter(|_| means_self_pay(name)))
    }

    /// The name of a payer.
    pub fn payer_name(&self, id: PayerId) -> Option<&str> {
        self.payers.get(&id).map(|payer| payer.name.as_str())
    }

    /// The payer of that id.
    pub fn payer(&self, id: PayerId) -> Option<&Arc<Payer>> {
        self.payers.get(&id)
    }

    /// Every payer, by name.
    pub fn payers(&self) -> Vec<&Arc<Payer>> {
        let mut payers: Vec<&Arc<Payer>> = self.payers.values().collect();
        payers.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        payers
    }

    /// Names of payers that come near to `asked`.
    pub fn suggest_payers(&self, asked: &str) -> Vec<String> {
        let taken = self.payers().into_iter().filter(|payer| payer.active);
        suggest_payers(asked, taken.map(Arc::as_ref))
    }
}

fn longest_horizon<'a>(
    providers: impl Iterator<Item = &'a Arc<Provider>>,
    rules: &ClinicRules,
) -> SignedDuration {
    let active = providers.filter(|provider| provider.active);
    let own = active.map(|provider| provider.rules.horizon);
    own.fold(rules.booking.horizon, SignedDuration::max)
}
