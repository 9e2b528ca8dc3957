//! `setLicences`.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::access::Permission;
use crate::domain::text::letters_and_digits;
use crate::domain::{Licence, LicenceId, ProviderId, ProviderRecord, UsState};
use crate::request::{FieldReader, Refusal, Violation, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_days, check_length, of_item, shown_text, state};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

const LIST: &str = "licences";

/// A licence as a door received it.
#[derive(Debug)]
pub struct RawLicence {
    /// The state.
    pub state: String,
    /// The number.
    pub number: String,
    /// The first day.
    pub valid_from: Option<Date>,
    /// The last day.
    pub valid_until: Option<Date>,
}

/// A licence that somebody is to hold.
#[derive(Debug, Clone)]
pub(super) struct WantedLicence {
    state: UsState,
    number: String,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
}

/// Let a provider hold these licences and no others.
#[derive(Debug)]
pub struct SetLicences {
    terms: Terms,
    licences: Vec<WantedLicence>,
}

impl SetLicences {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        licences: Vec<RawLicence>,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let licences = read(&mut fields, licences);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, licences }))
    }
}

impl ProviderEdit for SetLicences {
    const OPERATION: &'static str = "setLicences";
    const PERMISSION: Permission = Permission::ManageRoster;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader) {
        apply(&self.licences, record, at, fields);
    }
}

/// Reads licences.
pub(super) fn read(fields: &mut FieldReader, raw: Vec<RawLicence>) -> Vec<WantedLicence> {
    check_length(fields, LIST, &raw);
    let mut known = HashSet::new();
    let licences = raw.into_iter().enumerate().filter_map(|(n, raw)| {
        let state =
            fields.required(of_item(LIST, n, "state"), Some(raw.state), |text| state(&text));
        let number =
            fields.required(of_item(LIST, n, "number"), Some(raw.number), |text| number(&text));
        let days = (raw.valid_from, raw.valid_until);
        check_days(fields, days, of_item(LIST, n, "validUntil"));
        let (state, number) = (state?, number?);
        if !known.insert((state, letters_and_digits(&number))) {
            let twice = "stands twice for this state";
            fields.wrong(Violation::new(of_item(LIST, n, "number"), twice));
        }
        let (valid_from, valid_until) = days;
        Some(WantedLicence { state, number, valid_from, valid_until })
    });
    licences.collect()
}

fn number(text: &str) -> Result<String, &'static str> {
    let number = shown_text(text)?;
    if letters_and_digits(&number).is_empty() {
        return Err("must have letters or digits");
    }
    Ok(number)
}

/// Gives a provider these licences; one that they hold already stays the same one.
pub(super) fn apply(
    wanted: &[WantedLicence],
    record: &mut ProviderRecord,
    at: &Circumstances,
    fields: &mut FieldReader,
) {
    let others = at.directory.providers().filter(|other| other.id != record.id);
    let of_others: HashSet<(UsState, String)> = others
        .flat_map(|other| other.licences.iter())
        .map(|licence| (licence.state, letters_and_digits(&licence.number)))
        .collect();
    for (n, one) in wanted.iter().enumerate() {
        if of_others.contains(&(one.state, letters_and_digits(&one.number))) {
            let elses = "is the licence of another provider";
            fields.wrong(Violation::new(of_item(LIST, n, "number"), elses));
        }
    }
    let held = std::mem::take(&mut record.licences);
    let same = |one: &WantedLicence, held: &Licence| {
        one.state == held.state
            && letters_and_digits(&one.number) == letters_and_digits(&held.number)
    };
    let licences = wanted.iter().map(|one| {
        let known = held.iter().find(|held| same(one, held)).map(|held| held.id);
        Licence {
            id: known.unwrap_or_else(|| LicenceId::generate(at.now)),
            state: one.state,
            number: one.number.clone(),
            valid_from: one.valid_from,
            valid_until: one.valid_until,
        }
    });
    record.licences = licences.collect();
}
