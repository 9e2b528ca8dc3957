//! `updateVisitType`.

use std::sync::Arc;

use super::given_visit_type::{Given, RawVisitType, check_name, found};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, directory, roster};
use crate::domain::{RosterEventKind, VisitType, VisitTypeId};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::stranded::visits_to_come;
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let a kind of visit be another.
#[derive(Debug)]
pub struct UpdateVisitType {
    terms: Terms,
    id: VisitTypeId,
    given: Given,
}

impl UpdateVisitType {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, raw: RawVisitType, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let given = raw.read(&mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::VisitType))?;
        Ok(Self { terms, id, given })
    }
}

impl ClinicEdit for UpdateVisitType {
    const OPERATION: &'static str = "updateVisitType";
    const EVENT: RosterEventKind = RosterEventKind::VisitTypeUpdated;
    type Value = Arc<VisitType>;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    async fn write(
        &self,
        _edits: &RosterEdits,
        tx: &Tx,
        at: &Circumstances,
    ) -> Result<Outcome<Arc<VisitType>>, Refusal> {
        let all = directory::visit_types(tx).await?;
        let before = all.iter().find(|one| one.id == self.id);
        let before = before.ok_or(Refusal::NotFound(Resource::VisitType))?;
        self.terms.expected.check(before.version)?;
        let after = self.given.of(before);
        let (fields, made) = (differences(before, &after), Made::VisitType(self.id));
        if fields.is_empty() {
            let value = Arc::clone(before);
            return Ok(Outcome { value, made, fields, affected: Vec::new() });
        }
        check_name(tx, &after).await?;
        let after = VisitType { version: before.version + 1, ..after };
        if !roster::replace_visit_type(tx, before.version, &after).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        let affected = if before.active && !after.active {
            visits_to_come(tx, at.now, |visit| visit.visit_type_id == Some(self.id)).await?
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
    ) -> Result<Arc<VisitType>, Refusal> {
        found(at, made)
    }
}

fn differences(before: &VisitType, after: &VisitType) -> Vec<&'static str> {
    let buffers = (before.buffers, after.buffers);
    let differs = [
        ("name", before.name != after.name),
        ("durationMinutes", before.length != after.length),
        ("bufferBeforeMinutes", buffers.0.before_minutes() != buffers.1.before_minutes()),
        ("bufferAfterMinutes", buffers.0.after_minutes() != buffers.1.after_minutes()),
        ("active", before.active != after.active),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}
