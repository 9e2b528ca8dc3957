//! What is asked of each visit of a page, and how it is told of one.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::{ContextSelectionSet, Error, Positioned, Value};

use super::Unusual;
use super::at_hand::{Fields, Make, make_of, plain, put};
use crate::access::{Actor, Grant, Permission};
use crate::domain::{
    Appointment, AppointmentId, Directory, Patient, PatientClock, PatientId, Provider, VisitType,
};
use crate::graphql::error::ApiError;
use crate::graphql::types::appointment::AppointmentObject;
use crate::graphql::{actor, loaders};
use crate::records::{Sight, sight_of};
use crate::request::Refusal;

/// What is asked of each visit, in the order of the answer.
pub(super) struct Plan<'a> {
    asked: Vec<(&'a Positioned<Field>, How)>,
    asks_roster: bool,
    asks_patient: bool,
    asks_texts: bool,
}

/// How a field of a visit is made.
enum How {
    AtHand(Make<Appointment>),
    Provider(Fields<Provider>),
    VisitType(Fields<VisitType>),
    Patient(Fields<Patient>),
    /// What somebody has written about it.
    Text(fn(&Appointment) -> Option<&str>),
    OnPatientsClock(fn(&Appointment, &PatientClock) -> String),
}

/// What was read for a page, and who asks.
pub(super) struct Known<'a> {
    actor: &'a Actor,
    directory: Option<Arc<Directory>>,
    patients: HashMap<PatientId, Arc<Patient>>,
}

/// Whose data a page holds.
#[derive(Default)]
struct Seen {
    patients: Vec<PatientId>,
    visits: Vec<AppointmentId>,
}

/// A field that is not for the caller to see.
struct Closed;

impl<'a> Plan<'a> {
    /// The plan for a selection; none where it is not of the plainest.
    pub(super) fn of(set: &'a Positioned<SelectionSet>) -> Option<Self> {
        let (asks_roster, asks_patient, asks_texts) = (false, false, false);
        let mut plan = Self { asked: Vec::new(), asks_roster, asks_patient, asks_texts };
        for selection in &set.node.items {
            let field = plain(&selection.node)?;
            let name = field.node.name.node.as_str();
            let how = How::of(name, &field.node.selection_set)?;
            match &how {
                How::AtHand(make) => plan.asks_roster |= make.asks_roster(),
                How::Provider(_) | How::VisitType(_) => plan.asks_roster = true,
                How::Patient(fields) => {
                    plan.asks_roster |= fields.asks_roster;
                    plan.asks_patient = true;
                }
                How::OnPatientsClock(_) => plan.asks_patient = true,
                How::Text(_) => plan.asks_texts = true,
            }
            plan.asked.push((field, how));
        }
        Some(plan)
    }

    /// Reads what the page needs, the patients together with those of all other pages.
    pub(super) async fn known_of(
        &self,
        visits: &[AppointmentObject],
        context: &ContextSelectionSet<'a>,
    ) -> Result<Known<'a>, Unusual> {
        let (actor, loaders) = (actor(context), loaders(context));
        let needed = |visit: &Appointment| match sight_of(actor, visit) {
            Sight::Open => self.asks_patient,
            Sight::WithTheirPatient => self.asks_patient || self.asks_texts,
            Sight::Closed => false,
        };
        let needed = visits.iter().map(|visit| &visit.0).filter(|visit| needed(visit));
        let ids: Vec<PatientId> = needed.map(|visit| visit.patient_id).collect();
        let directory =
            async { if self.asks_roster { loaders.directory().await.map(Some) } else { Ok(None) } };
        // At the same time, so that the patients of all pages are asked for in one turn.
        let (directory, patients) = tokio::join!(directory, loaders.patients(ids));
        // Whatever went wrong, the library says it.
        let unusual = |_error: ApiError| Unusual;
        let (directory, patients) = (directory.map_err(unusual)?, patients.map_err(unusual)?);
        Ok(Known { actor, directory, patients })
    }

    /// The page, with what it shows noted and what it must not show told.
    pub(super) fn page(
        &self,
        visits: &[AppointmentObject],
        known: &Known<'_>,
        context: &ContextSelectionSet<'_>,
    ) -> Result<Value, Unusual> {
        let (mut seen, mut closed) = (Seen::default(), Vec::new());
        let mut page = Vec::with_capacity(visits.len());
        for (index, AppointmentObject(visit)) in visits.iter().enumerate() {
            let mut object = IndexMap::with_capacity(self.asked.len());
            for (field, how) in &self.asked {
                let value = match known.value(how, visit, &mut seen)? {
                    Ok(value) => value,
                    Err(Closed) => {
                        closed.push((index, *field));
                        Value::Null
                    }
                };
                put(&mut object, &field.node.response_key().node, value)?;
            }
            page.push(Value::Object(object));
        }
        known.actor.saw_patients(seen.patients);
        known.actor.saw_appointments(seen.visits);
        for (index, field) in closed {
            let error = Error::from(ApiError::from(Refusal::Forbidden));
            let error = error.into_server_error(field.pos);
            context.add_error(context.with_index(index).with_field(field).set_error_path(error));
        }
        Ok(Value::List(page))
    }
}

impl How {
    fn of(field: &str, selected: &Positioned<SelectionSet>) -> Option<Self> {
        Some(match field {
            "provider" => Self::Provider(Fields::of(selected)?),
            "visitType" => Self::VisitType(Fields::of(selected)?),
            "patient" => Self::Patient(Fields::of(selected)?),
            "reason" => Self::Text(|visit| visit.reason.as_deref()),
            "cancelReason" => Self::Text(|visit| visit.cancel_reason.as_deref()),
            "patientLocalStartsAt" => {
                Self::OnPatientsClock(|visit, clock| clock.local(visit.slot.starts_at()))
            }
            "patientTimeZone" => Self::OnPatientsClock(|_, clock| clock.time_zone().to_owned()),
            _ => Self::AtHand(make_of(field)?),
        })
    }
}

impl Known<'_> {
    fn value(
        &self,
        how: &How,
        visit: &Appointment,
        seen: &mut Seen,
    ) -> Result<Result<Value, Closed>, Unusual> {
        let directory = self.directory.as_deref();
        let value = match how {
            How::AtHand(make) => make.value(visit, directory)?,
            How::Provider(fields) => {
                let provider =
                    directory.and_then(|known| known.provider_of_visit(visit.provider_id));
                fields.object(provider.ok_or(Unusual)?, directory)?
            }
            How::VisitType(fields) => match visit.visit_type_id {
                None => Value::Null,
                Some(id) => {
                    let kind = directory.and_then(|known| known.visit_type(id)).ok_or(Unusual)?;
                    fields.object(kind, directory)?
                }
            },
            How::Patient(fields) => {
                let Some(patient) = self.patient(visit)? else { return Ok(Err(Closed)) };
                seen.visits.push(visit.id);
                seen.patients.push(patient.id);
                fields.object(patient, directory)?
            }
            How::Text(text) => {
                if !self.may_read_texts(visit)? {
                    return Ok(Err(Closed));
                }
                let Some(text) = text(visit) else { return Ok(Ok(Value::Null)) };
                seen.patients.push(visit.patient_id);
                seen.visits.push(visit.id);
                Value::from(text)
            }
            How::OnPatientsClock(tell) => {
                let clock = match self.patient(visit)? {
                    Some(patient) => {
                        seen.patients.push(patient.id);
                        patient.clock_in(visit.state)
                    }
                    None => PatientClock::of(visit.state, None),
                };
                Value::String(tell(visit, &clock))
            }
        };
        Ok(Ok(value))
    }

    /// The patient of a visit; none where they are not for the caller to see.
    fn patient(&self, visit: &Appointment) -> Result<Option<&Patient>, Unusual> {
        if sight_of(self.actor, visit) == Sight::Closed {
            return Ok(None);
        }
        let found = self.patients.get(&visit.patient_id);
        if found.is_none() && self.actor.grant(Permission::ReadPatients) == Grant::All {
            return Err(Unusual);
        }
        Ok(found.map(Arc::as_ref))
    }

    /// Whether the caller may read what is told of the visit in somebody's own words.
    fn may_read_texts(&self, visit: &Appointment) -> Result<bool, Unusual> {
        match sight_of(self.actor, visit) {
            Sight::Open => Ok(true),
            Sight::Closed => Ok(false),
            Sight::WithTheirPatient => Ok(self.patient(visit)?.is_some()),
        }
    }
}
