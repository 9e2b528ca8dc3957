//! `addTimeOff` and `removeTimeOff`.

use jiff::Timestamp;

use crate::access::{Actor, Permission};
use crate::audit::Act;
use crate::db::roster;
use crate::domain::{ProviderId, ProviderRecord, TimeOff, TimeOffId, TimeSlot};
use crate::request::{FieldReader, Refusal, Resource, Violation, parse_provider_id, whole_minute};
use crate::roster::edit::circumstances::Circumstances;
use crate::roster::edit::fields::field;
use crate::roster::edit::of_provider::{ProviderEdit, told};
use crate::roster::edit::terms::{RawTerms, Terms};
use crate::roster::edit::{EditedProvider, RosterEdits};

/// Let a provider take time off.
#[derive(Debug)]
pub struct AddTimeOff {
    terms: Terms,
    slot: TimeSlot,
    reason: Option<String>,
}

impl AddTimeOff {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(
        provider_id: &str,
        (starts_at, ends_at): (Timestamp, Timestamp),
        reason: Option<&str>,
        terms: RawTerms,
    ) -> Result<(ProviderId, Self), Refusal> {
        let mut fields = FieldReader::default();
        for (name, at) in [("startsAt", starts_at), ("endsAt", ends_at)] {
            fields.required(field(name), Some(at), whole_minute);
        }
        let slot = TimeSlot::new(starts_at, ends_at);
        if slot.is_err() {
            fields.wrong(Violation::new(field("endsAt"), "must be after startsAt"));
        }
        let reason = fields.reason(reason);
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let slot = slot.unwrap_or(TimeSlot::EVER);
        Ok((parse_provider_id(provider_id)?, Self { terms, slot, reason }))
    }
}

impl ProviderEdit for AddTimeOff {
    const OPERATION: &'static str = "addTimeOff";
    const PERMISSION: Permission = Permission::ManageHours;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, at: &Circumstances, fields: &mut FieldReader) {
        if self.slot.ends_at() <= at.now {
            fields.wrong(Violation::new(field("endsAt"), "must be in the future"));
        }
        let (id, reason) = (TimeOffId::generate(at.now), self.reason.clone());
        record.time_off.push(TimeOff { id, slot: self.slot, reason });
    }
}

/// Let some time off be none any more.
#[derive(Debug)]
pub struct RemoveTimeOff {
    terms: Terms,
    id: TimeOffId,
}

impl RemoveTimeOff {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(id: &str, terms: RawTerms) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let terms = terms.read(&mut fields);
        fields.finish()?;
        let id = id.parse().map_err(|_malformed| Refusal::NotFound(Resource::TimeOff))?;
        Ok(Self { terms, id })
    }
}

impl ProviderEdit for RemoveTimeOff {
    const OPERATION: &'static str = "removeTimeOff";
    const PERMISSION: Permission = Permission::ManageHours;

    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn apply(&self, record: &mut ProviderRecord, _at: &Circumstances, _fields: &mut FieldReader) {
        record.time_off.retain(|off| off.id != self.id);
    }
}

impl RosterEdits {
    /// Lets some time off be none any more, for `actor`.
    ///
    /// # Errors
    ///
    /// Those of [`provider`](Self::provider).
    pub async fn remove_time_off(
        &self,
        actor: &Actor,
        edit: &RemoveTimeOff,
    ) -> Result<EditedProvider, Refusal> {
        let whose = async {
            let id = roster::who_takes_off(self.db.read(), edit.id).await?;
            id.ok_or(Refusal::NotFound(Resource::TimeOff))
        };
        let act = &Act::on_object(actor, RemoveTimeOff::OPERATION, &edit.id);
        self.edit((actor, act), whose, (edit, &told(edit, ""))).await
    }
}
