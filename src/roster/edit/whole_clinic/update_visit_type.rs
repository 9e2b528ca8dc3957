//! `updateVisitType`.

use std::sync::Arc;

use super::given_visit_type::{Given, RawVisitType, check_name, found};
use super::update::{Updatable, Update};
use crate::db::idempotency::Made;
use crate::db::{StoreError, Tx, directory, roster};
use crate::domain::{Appointment, RosterEventKind, VisitType, VisitTypeId};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::circumstances::Circumstances;

/// Let a kind of visit be another.
pub type UpdateVisitType = Update<VisitType>;

impl Updatable for VisitType {
    const OPERATION: &'static str = "updateVisitType";
    const EVENT: RosterEventKind = RosterEventKind::VisitTypeUpdated;
    const RESOURCE: Resource = Resource::VisitType;
    type Id = VisitTypeId;
    type Raw = RawVisitType;
    type Given = Given;

    fn read(raw: RawVisitType, fields: &mut FieldReader) -> Given {
        raw.read(fields)
    }

    fn id(&self) -> VisitTypeId {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn is_active(&self) -> bool {
        self.active
    }

    fn has(&self, visit: &Appointment) -> bool {
        visit.visit_type_id == Some(self.id)
    }

    fn updated(&self, given: &Given) -> Self {
        Self { version: self.version + 1, ..given.of(self) }
    }

    fn differences(&self, after: &Self) -> Vec<&'static str> {
        let buffers = (self.buffers, after.buffers);
        let differs = [
            ("name", self.name != after.name),
            ("durationMinutes", self.length != after.length),
            ("bufferBeforeMinutes", buffers.0.before_minutes() != buffers.1.before_minutes()),
            ("bufferAfterMinutes", buffers.0.after_minutes() != buffers.1.after_minutes()),
            ("active", self.active != after.active),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }

    fn made(id: VisitTypeId) -> Made {
        Made::VisitType(id)
    }

    async fn all(tx: &Tx) -> Result<Vec<Arc<Self>>, StoreError> {
        directory::visit_types(tx).await
    }

    fn check(&self, all: &[Arc<Self>]) -> Result<(), Refusal> {
        check_name(all, self)
    }

    async fn replace(&self, tx: &Tx, version: i32) -> Result<bool, StoreError> {
        roster::replace_visit_type(tx, version, self).await
    }

    fn found(at: &Circumstances, made: Made) -> Result<Arc<Self>, Refusal> {
        found(at, made)
    }
}
