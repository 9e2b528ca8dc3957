//! What is given of a kind of visit.

use std::sync::Arc;

use crate::db::idempotency::Made;
use crate::domain::visit_type::visit_type_key;
use crate::domain::{Buffers, VisitLength, VisitType};
use crate::request::{FieldReader, Refusal, Resource};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::{field, shown_text};

const SAME_NAME: Refusal = Refusal::AlreadyExists("A kind of visit is called so already");

/// A kind of visit as a door received it; for a change what is left out stays.
#[derive(Debug, Default)]
pub struct RawVisitType {
    /// What it is called.
    pub name: Option<String>,
    /// How long it is.
    pub duration_minutes: Option<i32>,
    /// What it keeps free before it.
    pub buffer_before_minutes: Option<i32>,
    /// What it keeps free after it.
    pub buffer_after_minutes: Option<i32>,
    /// Whether it is offered.
    pub active: Option<bool>,
}

/// What is given of a kind of visit.
#[derive(Debug, Clone)]
pub struct Given {
    pub(super) name: Option<String>,
    pub(super) length: Option<VisitLength>,
    before: Option<u16>,
    after: Option<u16>,
    active: Option<bool>,
}

impl RawVisitType {
    pub(super) fn read(self, fields: &mut FieldReader) -> Given {
        let name = fields.optional(field("name"), self.name, |text| called(&text));
        let length = fields.length(self.duration_minutes.map(i64::from));
        let before = minutes(fields, "bufferBeforeMinutes", self.buffer_before_minutes);
        let after = minutes(fields, "bufferAfterMinutes", self.buffer_after_minutes);
        Given { name, length, before, after, active: self.active }
    }
}

fn called(text: &str) -> Result<String, &'static str> {
    let name = shown_text(text)?;
    if visit_type_key(&name).is_empty() { Err("must have letters or digits") } else { Ok(name) }
}

fn minutes(fields: &mut FieldReader, name: &str, given: Option<i32>) -> Option<u16> {
    fields.optional(field(name), given, |minutes| {
        let minutes = u16::try_from(minutes).ok();
        minutes.filter(|minutes| *minutes <= Buffers::MAX_MINUTES).ok_or("must be from 0 to 480")
    })
}

impl Given {
    pub(super) fn of(&self, before: &VisitType) -> VisitType {
        let buffers = Buffers::from_minutes(
            self.before.unwrap_or(before.buffers.before_minutes()),
            self.after.unwrap_or(before.buffers.after_minutes()),
        );
        VisitType {
            id: before.id,
            version: before.version,
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            length: self.length.unwrap_or(before.length),
            buffers: buffers.unwrap_or(before.buffers),
            active: self.active.unwrap_or(before.active),
        }
    }
}

/// Whether no other kind of visit is called so.
pub(super) fn check_name(all: &[Arc<VisitType>], one: &VisitType) -> Result<(), Refusal> {
    let key = visit_type_key(&one.name);
    let same = |other: &Arc<VisitType>| other.id != one.id && visit_type_key(&other.name) == key;
    if all.iter().any(same) { Err(SAME_NAME) } else { Ok(()) }
}

/// The kind of visit that an earlier request made or changed.
pub(super) fn found(at: &Circumstances, made: Made) -> Result<Arc<VisitType>, Refusal> {
    let Made::VisitType(id) = made else { return Err(Refusal::KeyReused) };
    at.directory.visit_type(id).map(Arc::clone).ok_or(Refusal::NotFound(Resource::VisitType))
}
