//! `setProviderVisitTypes`.

use crate::access::Permission;
use crate::domain::{ProviderId, ProviderRecord, VisitTypeId};
use crate::request::{FieldReader, Refusal, Violation, parse_provider_id};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{check_length, item};
use crate::roster::edit::of_provider::ProviderEdit;
use crate::roster::edit::terms::{RawTerms, Terms};

const LIST: &str = "visitTypeIds";

/// Let a provider offer these kinds of visits and no others; all that are active where there are none.
#[derive(Debug)]
pub struct SetProviderVisitTypes {
    terms: Terms,
    visit_types: Vec<Option<VisitTypeId>>,
}

impl SetProviderVisitTypes {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        visit_types: &[String],
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        check_length(&mut fields, LIST, visit_types);
        let visit_types = visit_types.iter().map(|id| id.parse().ok()).collect();
        let terms = terms.read(&mut fields);
        fields.finish()?;
        Ok((parse_provider_id(provider_id)?, Self { terms, visit_types }))
    }
}

impl ProviderEdit for SetProviderVisitTypes {
    const OPERATION: &'static str = "setProviderVisitTypes";
    const PERMISSION: Permission = Permission::ManageRoster;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader) {
        let known = |id: &VisitTypeId| at.directory.visit_type(*id).is_some();
        for (n, id) in self.visit_types.iter().enumerate() {
            if !id.as_ref().is_some_and(known) {
                let why = "must be the id of a kind of visit of the clinic";
                fields.wrong(Violation::new(item(LIST, n), why));
            }
        }
        record.visit_types = self.visit_types.iter().copied().flatten().collect();
    }
}
