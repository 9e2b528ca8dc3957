//! The providers of a roster file.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::days::{overrides, time_off};
use super::document::{Remarks, Spot};
use super::hours::working_hours;
use super::licences::LicenceHolders;
use super::payers::PayerNames;
use super::rules::own_rules;
use super::text::plain_text;
use super::visit_types::VisitTypeNames;
use crate::domain::text::letters_and_digits;
use crate::domain::zone_named;
use crate::roster::entries::{RosterPayer, RosterProvider, StoredRoster};

/// Reads providers, one after the other.
pub(super) struct ProviderReader<'n> {
    payers: &'n PayerNames,
    visit_types: &'n VisitTypeNames,
    licences: LicenceHolders,
    /// Where each reference stands, and each name.
    references: HashMap<String, String>,
    names: HashMap<String, String>,
    /// The payers that somebody takes.
    taken: BTreeSet<String>,
}

impl<'n> ProviderReader<'n> {
    pub(super) fn new(
        (payers, visit_types): (&'n PayerNames, &'n VisitTypeNames),
        stored: Option<&StoredRoster>,
        now: Timestamp,
    ) -> Self {
        let providers = stored.map(|stored| stored.providers.as_slice()).unwrap_or_default();
        let taken = providers.iter().flat_map(|one| one.payers.iter());
        let name = |id| stored.and_then(|stored| stored.payer_name(id));
        Self {
            payers,
            visit_types,
            licences: LicenceHolders::of(stored, now),
            references: HashMap::new(),
            names: HashMap::new(),
            taken: taken.filter_map(|id| name(*id)).collect(),
        }
    }

    pub(super) fn read<'a>(
        &mut self,
        entries: &[Spot<'a>],
        remarks: &mut Remarks<'a>,
    ) -> Vec<RosterProvider> {
        entries.iter().filter_map(|entry| self.provider(entry, remarks)).collect()
    }

    fn provider<'a>(
        &mut self,
        entry: &Spot<'a>,
        remarks: &mut Remarks<'a>,
    ) -> Option<RosterProvider> {
        let mut fields = entry.fields(remarks)?;
        let reference = fields.required("reference", remarks);
        let name = fields.required("name", remarks);
        let credentials = fields.take("credentials");
        let zone = fields.required("time_zone", remarks);
        let licences = fields.required("licences", remarks);
        let insurances = fields.required("insurances", remarks);
        let hours = fields.required("working_hours", remarks);
        let active = fields.take("active");
        let rules = fields.take("rules");
        let visit_types = fields.take("visit_types");
        let (days, off) = (fields.take("overrides"), fields.take("time_off"));
        fields.end(remarks);
        // Each on its own, so that all that is wrong is told.
        let reference = reference.and_then(|spot| self.reference(&spot, remarks));
        let name = name.and_then(|spot| self.name(&spot, remarks));
        let credentials = match credentials {
            Some(spot) => spot.text(remarks),
            None => Some(String::new()),
        };
        let zone = zone.and_then(|spot| zone_at(&spot, remarks));
        let licences = licences.and_then(|spot| {
            let zone = zone.as_ref().map(|(_, zone)| zone);
            self.licences.read(&spot, reference.as_deref(), zone, remarks)
        });
        let insurances = insurances.and_then(|spot| self.insurances(&spot, remarks));
        let working_hours = hours.and_then(|spot| working_hours(&spot, remarks));
        let active = active.and_then(|spot| spot.truth(remarks));
        let rules = rules.and_then(|spot| own_rules(&spot, remarks));
        let visit_types = visit_types.and_then(|spot| self.visit_types.meant(&spot, remarks));
        let overrides = days.and_then(|spot| overrides(&spot, remarks));
        let time_off = off.and_then(|spot| time_off(&spot, remarks));
        Some(RosterProvider {
            reference: reference?,
            name: name?,
            credentials: credentials?,
            time_zone: zone?.0,
            licences: licences?,
            insurances: insurances?,
            working_hours: working_hours?,
            active,
            rules,
            visit_types,
            overrides,
            time_off,
        })
    }

    fn reference<'a>(&mut self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<String> {
        let reference = plain_text(spot, remarks)?;
        match self.references.get(&reference) {
            Some(place) => {
                remarks.wrong(spot, format!("{reference:?} stands at {place} already"));
            }
            None => {
                self.references.insert(reference.clone(), spot.place.clone());
            }
        }
        Some(reference)
    }

    fn name<'a>(&mut self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<String> {
        let name = plain_text(spot, remarks)?;
        let key = letters_and_digits(&name);
        match self.names.get(&key) {
            Some(place) => {
                remarks.odd(spot, format!("{name:?} stands at {place} too: are they two people?"));
            }
            None => {
                self.names.insert(key, spot.place.clone());
            }
        }
        Some(name)
    }

    fn insurances<'a>(
        &mut self,
        list: &Spot<'a>,
        remarks: &mut Remarks<'a>,
    ) -> Option<Vec<String>> {
        let items = list.items(remarks)?;
        if items.is_empty() {
            remarks.odd(list, "no insurances: nobody can book");
        }
        let mut accepted: HashMap<String, &str> = HashMap::new();
        for spot in &items {
            let Some(payer) = self.payers.payer(spot, remarks) else { continue };
            match accepted.get(&payer) {
                Some(place) => {
                    remarks.odd(spot, format!("{payer:?} stands at {place} already"));
                }
                None => {
                    accepted.insert(payer, &spot.place);
                }
            }
        }
        let accepted: BTreeSet<String> = accepted.into_keys().collect();
        self.taken.extend(accepted.iter().cloned());
        Some(accepted.into_iter().collect())
    }

    /// Tells each payer that no provider takes.
    pub(super) fn note_payers_of_nobody<'a>(
        &self,
        payers: &[(Spot<'a>, RosterPayer)],
        remarks: &mut Remarks<'a>,
    ) {
        for (spot, payer) in payers {
            if !self.taken.contains(&payer.name) {
                remarks.odd(spot, format!("no provider takes {:?}", payer.name));
            }
        }
    }
}

/// A zone, and its name as the IANA writes it.
fn zone_at<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<(String, TimeZone)> {
    let name = spot.text(remarks)?;
    match zone_named(&name) {
        Some(zone) => Some((zone.iana_name().unwrap_or(&name).to_owned(), zone)),
        None => {
            remarks.wrong(spot, "must be an IANA time zone such as America/New_York");
            None
        }
    }
}
