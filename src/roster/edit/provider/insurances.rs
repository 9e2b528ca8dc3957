//! `setInsurances`.

use crate::access::Permission;
use crate::domain::{PayerId, ProviderId, ProviderRecord};
use crate::request::{FieldReader, Refusal, Violation, not_blank, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_length, did_you_mean, item};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

const LIST: &str = "insurances";

/// Let a provider take these insurances and no others.
#[derive(Debug)]
pub struct SetInsurances {
    terms: Terms,
    insurances: Vec<String>,
}

impl SetInsurances {
    /// Reads what a door received: ids or names.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        insurances: Vec<String>,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        let insurances = read(&mut fields, insurances);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, insurances }))
    }
}

impl ProviderEdit for SetInsurances {
    const OPERATION: &'static str = "setInsurances";
    const PERMISSION: Permission = Permission::ManageRoster;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader) {
        apply(&self.insurances, record, at, fields);
    }
}

/// Reads ids or names of insurances.
pub(super) fn read(fields: &mut FieldReader, raw: Vec<String>) -> Vec<String> {
    check_length(fields, LIST, &raw);
    let texts = raw.into_iter().enumerate();
    texts
        .filter_map(|(n, text)| fields.required(item(LIST, n), Some(text), |text| not_blank(&text)))
        .collect()
}

/// Lets a provider take these insurances.
pub(super) fn apply(
    wanted: &[String],
    record: &mut ProviderRecord,
    at: &Circumstances,
    fields: &mut FieldReader,
) {
    let directory = &at.directory;
    let payers = wanted.iter().enumerate().filter_map(|(n, text)| {
        let by_id = text.parse::<PayerId>().ok().filter(|id| directory.payer(*id).is_some());
        let payer = by_id.or_else(|| directory.payer_named(text));
        if payer.is_none() {
            let near = did_you_mean(&directory.suggest_payers(text));
            let why = format!("must be the id or a name of an insurance of the clinic{near}");
            fields.wrong(Violation::new(item(LIST, n), why));
        }
        payer
    });
    record.payers = payers.collect();
}
