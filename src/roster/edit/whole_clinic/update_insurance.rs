//! `updateInsurance`.

use std::sync::Arc;

use super::given_insurance::{Given, RawInsurance, check, found};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, directory, roster};
use crate::domain::{Payer, PayerId, RosterEventKind};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::stranded::visits_to_come;
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let an insurance be called otherwise, or be accepted no more.
#[derive(Debug)]
pub struct UpdateInsurance {
    terms: Terms,
    id: PayerId,
    given: Given,
}

impl UpdateInsurance {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, raw: RawInsurance, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let given = raw.read(&mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::Insurance))?;
        Ok(Self { terms, id, given })
    }
}

impl ClinicEdit for UpdateInsurance {
    const OPERATION: &'static str = "updateInsurance";
    const EVENT: RosterEventKind = RosterEventKind::InsuranceUpdated;
    type Value = Arc<Payer>;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> Result<Outcome<Arc<Payer>>, Refusal> {
        let (all, _) = directory::payers(tx).await?;
        let before = all.iter().find(|one| one.id == self.id);
        let before = before.ok_or(Refusal::NotFound(Resource::Insurance))?;
        self.terms.expected.check(before.version)?;
        let after = self.given.of(before);
        let (fields, made) = (differences(before, &after), Made::Insurance(self.id));
        if fields.is_empty() {
            let value = Arc::clone(before);
            return Ok(Outcome { value, made, fields, affected: Vec::new() });
        }
        check(&all, &after)?;
        let after = Payer { version: before.version + 1, ..after };
        if !roster::replace_payer(tx, before.version, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        roster::insert_payer_names(tx, &after).await?;
        let affected = if before.active && !after.active {
            visits_to_come(tx, at.now, |visit| visit.payer_id == self.id).await?
        } else {
            Vec::new()
        };
        Ok(Outcome { value: Arc::new(after), made, fields, affected })
    }

    async fn again(
        &self,
        _edits: &RosterEdits,
        made: Made,
        at: &Circumstances,
    ) -> Result<Arc<Payer>, Refusal> {
        found(at, made)
    }
}

fn differences(before: &Payer, after: &Payer) -> Vec<&'static str> {
    let differs = [
        ("name", before.name != after.name),
        ("aliases", before.aliases != after.aliases),
        ("selfPay", before.self_pay != after.self_pay),
        ("active", before.active != after.active),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
