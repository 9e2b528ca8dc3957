//! The licences of the providers of a roster file. A number of one state is one person's.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::document::{Remarks, Spot};
use crate::domain::licence::local_day;
use crate::domain::text::letters_and_digits;
use crate::domain::{Licence, LicenceId, UsState};
use crate::roster::entries::StoredRoster;

/// Who holds a licence: where the file says so, or the database.
enum Holder {
    InFile { place: String },
    Stored { reference: String },
}

/// The licences that are known to belong to somebody.
pub(super) struct LicenceHolders {
    holders: HashMap<(UsState, String), Holder>,
    now: Timestamp,
}

impl LicenceHolders {
    /// Those of the database, if there is one.
    pub(super) fn of(stored: Option<&StoredRoster>, now: Timestamp) -> Self {
        let providers = stored.map(|stored| stored.providers.as_slice()).unwrap_or_default();
        let licences = providers.iter().flat_map(|provider| {
            provider.licences.iter().map(|licence| {
                let reference = provider.reference.clone();
                ((licence.state, key(&licence.number)), Holder::Stored { reference })
            })
        });
        Self { holders: licences.collect(), now }
    }

    /// Reads the licences of the provider of that reference and zone.
    pub(super) fn read<'a>(
        &mut self,
        list: &Spot<'a>,
        reference: Option<&str>,
        zone: Option<&TimeZone>,
        remarks: &mut Remarks<'a>,
    ) -> Option<Vec<Licence>> {
        let items = list.items(remarks)?;
        if items.is_empty() {
            remarks.odd(list, "no licences: nobody can book");
        }
        let today = local_day(self.now, zone.unwrap_or(&TimeZone::UTC));
        let licences =
            items.iter().filter_map(|spot| self.licence(spot, reference, today, remarks));
        Some(licences.collect())
    }

    fn licence<'a>(
        &mut self,
        spot: &Spot<'a>,
        reference: Option<&str>,
        today: Date,
        remarks: &mut Remarks<'a>,
    ) -> Option<Licence> {
        let mut fields = spot.fields(remarks)?;
        let state = fields.required("state", remarks);
        let number_spot = fields.required("number", remarks);
        let (from, until) = (fields.take("valid_from"), fields.take("valid_until"));
        fields.end(remarks);
        let state = state.and_then(|spot| state_at(&spot, remarks));
        let number = number_spot.as_ref().and_then(|spot| spot.text(remarks));
        let a_date = "must be a date such as 2027-01-31";
        let valid_from = from.and_then(|spot| spot.parsed::<Date>(a_date, remarks));
        let valid_until = until.as_ref().and_then(|spot| spot.parsed::<Date>(a_date, remarks));
        if let (Some(last), Some(spot)) = (valid_until, &until) {
            if let Some(first) = valid_from.filter(|first| last < *first) {
                remarks.wrong(spot, format!("the licence ends before it begins, on {first}"));
            } else if last < today {
                remarks.odd(spot, format!("the licence has ended, on {last}"));
            }
        }
        let (state, number, number_spot) = (state?, number?, number_spot?);
        self.claim(state, &number, &number_spot, reference, remarks);
        let id = LicenceId::generate(self.now);
        Some(Licence { id, state, number, valid_from, valid_until })
    }

    /// Notes that a licence belongs to the provider of that reference, unless it is another's.
    fn claim(
        &mut self,
        state: UsState,
        number: &str,
        spot: &Spot<'_>,
        reference: Option<&str>,
        remarks: &mut Remarks<'_>,
    ) {
        let key = key(number);
        if key.is_empty() {
            remarks.wrong(spot, "a licence's number must have letters or digits");
            return;
        }
        let licence = format!("licence {number:?} of {}", state.code());
        match self.holders.get(&(state, key.clone())) {
            Some(Holder::InFile { place }) => {
                remarks.wrong(spot, format!("{licence} stands at {place} already"));
                return;
            }
            Some(Holder::Stored { reference: holder }) if Some(holder.as_str()) != reference => {
                remarks.wrong(spot, format!("{licence} belongs to {holder:?} in the database"));
                return;
            }
            Some(Holder::Stored { .. }) | None => {}
        }
        self.holders.insert((state, key), Holder::InFile { place: spot.place.clone() });
    }
}

/// What numbers are compared by: boards and people differ in dashes, spaces and case.
fn key(number: &str) -> String {
    letters_and_digits(number)
}

fn state_at<'a>(spot: &Spot<'a>, remarks: &mut Remarks<'a>) -> Option<UsState> {
    let state = UsState::parse(&spot.text(remarks)?);
    if let Err(error) = &state {
        remarks.wrong(spot, error.to_string());
    }
    state.ok()
}
