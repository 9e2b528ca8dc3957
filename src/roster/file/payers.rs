//! The payers of a roster file, and whose each name is.

use std::collections::HashMap;

use super::document::{Remarks, Spot};
use crate::domain::insurance::payer_key;
use crate::roster::entries::{RosterPayer, StoredRoster};

/// Whose name it is, and where the file says so; the database does where no place is given.
struct Named {
    payer: String,
    place: Option<String>,
}

/// The names of payers, by what they are compared by.
pub(super) struct PayerNames {
    by_key: HashMap<String, Named>,
    /// Who stands for patients who pay themselves.
    self_pay: Option<String>,
    /// Whether there can be no payers of which we know nothing.
    knows_all: bool,
}

impl PayerNames {
    /// Those of the database, if there is one.
    pub(super) fn of(stored: Option<&StoredRoster>) -> Self {
        let payers = stored.map(|stored| stored.payers.as_slice()).unwrap_or_default();
        let names = payers.iter().flat_map(|payer| {
            let named = || Named { payer: payer.name.clone(), place: None };
            payer.spellings().map(move |name| (payer_key(name), named()))
        });
        let marked = payers.iter().find(|payer| payer.self_pay);
        Self {
            by_key: names.collect(),
            self_pay: marked.map(|payer| payer.name.clone()),
            knows_all: stored.is_some(),
        }
    }

    /// Reads the payers of a file and learns their names.
    pub(super) fn read<'a>(
        &mut self,
        entries: Vec<Spot<'a>>,
        remarks: &mut Remarks<'a>,
    ) -> Vec<(Spot<'a>, RosterPayer)> {
        self.knows_all |= !entries.is_empty();
        let payers = entries.into_iter().filter_map(|spot| {
            let mut fields = spot.fields(remarks)?;
            let name_spot = fields.required("name", remarks);
            let aliases = fields.take("aliases").and_then(|spot| spot.items(remarks));
            let marked = fields.take("self_pay");
            let active = fields.take("active").and_then(|spot| spot.truth(remarks));
            fields.end(remarks);
            let name_spot = name_spot?;
            let name = name_spot.text(remarks)?;
            self.add(&spot, &name_spot, &name, &name, remarks);
            let self_pay = marked.is_some_and(|spot| self.marks(&spot, &name, remarks));
            let mut payer = RosterPayer { name, aliases: Vec::new(), self_pay, active };
            for alias_spot in aliases.unwrap_or_default() {
                if let Some(alias) = alias_spot.text(remarks) {
                    self.add(&spot, &alias_spot, &alias, &payer.name, remarks);
                    payer.aliases.push(alias);
                }
            }
            Some((spot, payer))
        });
        payers.collect()
    }

    /// Whether `payer` stands for patients who pay themselves. At most one does: it is what `cash`
    /// means.
    fn marks<'a>(&mut self, spot: &Spot<'a>, payer: &str, remarks: &mut Remarks<'a>) -> bool {
        let marked = spot.truth(remarks).unwrap_or_default();
        match &self.self_pay {
            Some(other) if marked && other != payer => {
                remarks.wrong(spot, format!("{payer:?} can't be self_pay: {other:?} is already"));
            }
            None if marked => self.self_pay = Some(payer.to_owned()),
            _ => {}
        }
        marked
    }

    /// Learns that `spelling`, which stands at `spot` in `entry`, is a name of `payer`.
    fn add(
        &mut self,
        entry: &Spot<'_>,
        spot: &Spot<'_>,
        spelling: &str,
        payer: &str,
        remarks: &mut Remarks<'_>,
    ) {
        let key = payer_key(spelling);
        if key.is_empty() {
            remarks.wrong(spot, "a payer's name must have letters or digits");
            return;
        }
        let inside = format!("{}.", entry.place);
        match self.by_key.get(&key) {
            Some(Named { payer: other, place: None }) if other != payer => {
                let why = format!("{spelling:?} is a name of {other:?} in the database already");
                remarks.wrong(spot, why);
                return;
            }
            Some(Named { place: Some(place), .. }) if place.starts_with(&inside) => {
                remarks.odd(spot, format!("{spelling:?} is the same name as at {place}"));
                return;
            }
            Some(Named { payer: other, place: Some(place) }) => {
                remarks.wrong(
                    spot,
                    format!("{spelling:?} is a name of {other:?} already, at {place}"),
                );
                return;
            }
            Some(Named { place: None, .. }) | None => {}
        }
        let named = Named { payer: payer.to_owned(), place: Some(spot.place.clone()) };
        self.by_key.insert(key, named);
    }

    /// The payer that an insurance of a provider means.
    pub(super) fn payer<'a>(&self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<String> {
        let insurance = spot.text(remarks)?;
        let named = self.by_key.get(&payer_key(&insurance));
        if named.is_none() && self.knows_all {
            remarks.wrong(spot, format!("{insurance:?} is none of the payers"));
        } else if named.is_none() {
            let why = "the file has no payers, so the database has to know it";
            remarks.odd(spot, format!("{insurance:?}: {why}"));
        }
        named.map(|named| named.payer.clone())
    }
}
