//! What a roster file says, beside what is stored.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::db::roster::{RosterEntries, RosterPayer, RosterProvider};
use crate::domain::insurance::payer_key;

/// Something that is stored otherwise than the file says, and is left so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterDifference {
    /// The payer's name, or the provider's reference.
    pub of: String,
    /// The fields that differ, as the file calls them.
    pub fields: Vec<&'static str>,
}

/// How many entries of one kind were added, were there, and are there otherwise.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RosterTally {
    /// Were not there, and are now.
    pub added: usize,
    /// Are there just as the file has them.
    pub unchanged: usize,
    /// Are there otherwise.
    pub different: Vec<RosterDifference>,
}

impl RosterTally {
    fn count(&mut self, of: &str, fields: Option<Vec<&'static str>>) {
        match fields {
            None => self.added += 1,
            Some(fields) if fields.is_empty() => self.unchanged += 1,
            Some(fields) => self.different.push(RosterDifference { of: of.to_owned(), fields }),
        }
    }
}

/// A file beside what is stored.
pub(super) struct Comparison {
    /// What of the file is not stored.
    pub(super) missing: RosterEntries,
    pub(super) payers: RosterTally,
    pub(super) providers: RosterTally,
}

/// Compares a file with what is stored.
pub(super) fn compare(file: RosterEntries, stored: &RosterEntries) -> Comparison {
    let (mut payers, mut providers) = (RosterTally::default(), RosterTally::default());
    let known: HashMap<_, _> = stored.payers.iter().map(|one| (one.name.as_str(), one)).collect();
    let missing_payers = file.payers.into_iter().filter(|payer| {
        let known = known.get(payer.name.as_str());
        payers.count(&payer.name, known.map(|known| payer_differences(payer, known)));
        known.is_none()
    });
    let missing_payers = missing_payers.collect();
    let known: HashMap<_, _> =
        stored.providers.iter().map(|one| (one.reference.as_str(), one)).collect();
    let missing_providers = file.providers.into_iter().filter(|provider| {
        let known = known.get(provider.reference.as_str());
        let fields = known.map(|known| provider_differences(provider, known));
        providers.count(&provider.reference, fields);
        known.is_none()
    });
    let missing = RosterEntries { payers: missing_payers, providers: missing_providers.collect() };
    Comparison { missing, payers, providers }
}

fn payer_differences(file: &RosterPayer, stored: &RosterPayer) -> Vec<&'static str> {
    let names = |payer: &RosterPayer| -> BTreeSet<String> {
        std::iter::once(&payer.name).chain(&payer.aliases).map(|name| payer_key(name)).collect()
    };
    let same =
        [("aliases", names(file) == names(stored)), ("self_pay", file.self_pay == stored.self_pay)];
    differing(&same)
}

fn provider_differences(file: &RosterProvider, stored: &RosterProvider) -> Vec<&'static str> {
    let licences = |provider: &RosterProvider| {
        let fields = provider.licences.iter().cloned();
        let fields = fields.map(|one| (one.state, one.number, one.valid_from, one.valid_until));
        counted(fields)
    };
    let same = [
        ("name", file.name == stored.name),
        ("credentials", file.credentials == stored.credentials),
        ("time_zone", file.time_zone == stored.time_zone),
        ("licences", licences(file) == licences(stored)),
        ("insurances", counted(&file.insurances) == counted(&stored.insurances)),
        ("working_hours", counted(&file.working_hours) == counted(&stored.working_hours)),
    ];
    differing(&same)
}

fn differing(same: &[(&'static str, bool)]) -> Vec<&'static str> {
    same.iter().filter(|(_, same)| !same).map(|(field, _)| *field).collect()
}

/// The items, in whatever order, and how often each is there.
fn counted<T: Hash + Eq>(items: impl IntoIterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}
