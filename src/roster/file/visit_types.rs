//! The kinds of visits of a roster file.

use std::collections::{BTreeMap, HashMap};

use super::document::{Remarks, Spot};
use crate::domain::visit_type::visit_type_key;
use crate::domain::{Buffers, VisitLength};
use crate::roster::entries::{RosterVisitType, StoredRoster};

/// The names of kinds of visits, by what they are compared by.
pub(super) struct VisitTypeNames {
    /// Each name as it is shown, and where the file says so; the database does where no place is given.
    by_key: HashMap<String, (String, Option<String>)>,
    /// Whether there can be no kinds of which we know nothing.
    knows_all: bool,
}

impl VisitTypeNames {
    /// Those of the database, if there is one.
    pub(super) fn of(stored: Option<&StoredRoster>) -> Self {
        let types = stored.map(|stored| stored.visit_types.as_slice()).unwrap_or_default();
        let names = types.iter().map(|one| (visit_type_key(&one.name), (one.name.clone(), None)));
        Self { by_key: names.collect(), knows_all: stored.is_some() }
    }

    /// Reads the kinds of visits of a file and learns their names.
    pub(super) fn read<'a>(
        &mut self,
        entries: &[Spot<'a>],
        remarks: &mut Remarks<'a>,
    ) -> Vec<RosterVisitType> {
        self.knows_all |= !entries.is_empty();
        entries.iter().filter_map(|spot| self.one(spot, remarks)).collect()
    }

    fn one<'a>(&mut self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<RosterVisitType> {
        let mut fields = spot.fields(remarks)?;
        let name = fields.required("name", remarks);
        let length = fields.required("duration_minutes", remarks);
        let mut buffer = |name: &str| {
            let minutes = fields.take(name).and_then(|spot| spot.number(0, 480, remarks));
            minutes.and_then(|minutes| u16::try_from(minutes).ok()).unwrap_or_default()
        };
        let (before, after) = (buffer("buffer_before_minutes"), buffer("buffer_after_minutes"));
        let active = fields.take("active").map(|spot| spot.truth(remarks).unwrap_or(true));
        fields.end(remarks);
        let name = name.and_then(|spot| self.name(&spot, remarks));
        let length = length.and_then(|spot| spot.number(5, 480, remarks));
        Some(RosterVisitType {
            name: name?,
            length: VisitLength::from_minutes(length?)?,
            buffers: Buffers::from_minutes(before, after)?,
            active: active.unwrap_or(true),
        })
    }

    fn name<'a>(&mut self, spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<String> {
        let name = super::text::plain_text(spot, remarks)?;
        let key = visit_type_key(&name);
        if key.is_empty() {
            remarks.wrong(spot, "the name of a kind of visit must have letters or digits");
            return None;
        }
        if let Some((_, Some(place))) = self.by_key.get(&key) {
            remarks.wrong(spot, format!("{name:?} is the same name as at {place}"));
            return None;
        }
        self.by_key.insert(key, (name.clone(), Some(spot.place.clone())));
        Some(name)
    }

    /// The kinds of visits that a provider's list means.
    pub(super) fn meant<'a>(
        &self,
        list: &Spot<'a>,
        remarks: &mut Remarks<'a>,
    ) -> Option<Vec<String>> {
        let mut meant: BTreeMap<String, String> = BTreeMap::new();
        for spot in &list.items(remarks)? {
            let Some(name) = spot.text(remarks) else { continue };
            let known = self.by_key.get(&visit_type_key(&name));
            match known {
                Some((shown, _)) => {
                    meant.insert(shown.clone(), spot.place.clone());
                }
                None if self.knows_all => {
                    remarks.wrong(spot, format!("{name:?} is none of the kinds of visits"));
                }
                None => {
                    let why = "the file has no visit_types, so the database has to know it";
                    remarks.odd(spot, format!("{name:?}: {why}"));
                }
            }
        }
        Some(meant.into_keys().collect())
    }
}
