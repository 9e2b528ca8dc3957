//! `createVisitType`.

use std::sync::Arc;

use super::given_visit_type::{Given, RawVisitType, check_name, found};
use crate::db::idempotency::Made;
use crate::db::{Tx, directory, roster};
use crate::domain::{Buffers, RosterEventKind, VisitLength, VisitType, VisitTypeId};
use crate::request::{Field, FieldReader, Refusal, Violation};
use crate::roster::edit::RosterEdits;
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::field;
use crate::roster::edit::of_clinic::{ClinicEdit, Outcome};
use crate::roster::edit::terms::{RawTerms, Terms};

/// Let there be another kind of visit.
#[derive(Debug)]
pub struct CreateVisitType {
    terms: Terms,
    name: String,
    length: VisitLength,
    given: Given,
}

impl CreateVisitType {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`].
    pub fn parse(raw: RawVisitType, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let required =
            [("name", raw.name.is_none()), ("durationMinutes", raw.duration_minutes.is_none())];
        for (name, _missing) in required.into_iter().filter(|(_, missing)| *missing) {
            let name = if name == "name" { field(name) } else { Field::DurationMinutes };
            fields.wrong(Violation::new(name, "is required"));
        }
        let given = raw.read(&mut fields);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let name = given.name.clone().unwrap_or_default();
        Ok(Self { terms, name, length: given.length.unwrap_or(VisitLength::DEFAULT), given })
    }
}

impl ClinicEdit for CreateVisitType {
    const OPERATION: &'static str = "createVisitType";
    const EVENT: RosterEventKind = RosterEventKind::VisitTypeCreated;
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
        let one = self.given.of(&VisitType {
            id: VisitTypeId::generate(at.now),
            version: 1,
            name: self.name.clone(),
            length: self.length,
            buffers: Buffers::default(),
            active: true,
        });
        check_name(&directory::visit_types(tx).await?, &one)?;
        roster::insert_visit_type(tx, &one).await?;
        let fields =
            vec!["name", "durationMinutes", "bufferBeforeMinutes", "bufferAfterMinutes", "active"];
        let made = Made::VisitType(one.id);
        Ok(Outcome { value: Arc::new(one), made, fields, affected: Vec::new() })
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
