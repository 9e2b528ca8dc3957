//! Which fields are at hand. What is not here the library makes.

use async_graphql::resolver_utils::enum_value;
use async_graphql::{ScalarType, Value};

use super::at_hand::{AtHand, Make};
use crate::domain::{Appointment, Patient, Provider, VisitType};
use crate::graphql::types::appointment::{AppointmentStatusEnum, ProvenanceEnum};
use crate::graphql::types::date::Date;
use crate::graphql::types::instant::DateTime;

impl AtHand for Appointment {
    const NAME: &'static str = "Appointment";

    fn make(field: &str) -> Option<Make<Self>> {
        let make: fn(&Self) -> Value = match field {
            "id" => |visit| text(visit.id.to_string()),
            "status" => |visit| enum_value(AppointmentStatusEnum::from(visit.status)),
            "scheduled" => |visit| truth(visit.is_scheduled()),
            "startsAt" => |visit| value(&DateTime(visit.slot.starts_at())),
            "endsAt" => |visit| value(&DateTime(visit.slot.ends_at())),
            "durationMinutes" => {
                |visit| number(i32::try_from(visit.slot.minutes()).unwrap_or(i32::MAX))
            }
            "localStartsAt" => {
                return Some(Make::OfRoster(|visit, roster| {
                    let provider = roster.provider_of_visit(visit.provider_id)?;
                    Some(text(provider.local(visit.slot.starts_at())))
                }));
            }
            "pendingStartsAt" => |visit| {
                let asked = DateTime(visit.asked_slot().starts_at());
                if visit.is_on_the_move() { value(&asked) } else { Value::Null }
            },
            "state" => |visit| text(visit.state.code()),
            "insurance" => {
                return Some(Make::OfRoster(|visit, roster| {
                    Some(text(roster.payer_name(visit.payer_id).unwrap_or_default()))
                }));
            }
            "provenance" => |visit| {
                let door = visit.provenance.map(ProvenanceEnum::from);
                door.map_or(Value::Null, enum_value)
            },
            "externalId" => |visit| maybe(visit.external_id.as_deref()),
            "unsettledOutside" => |visit| truth(visit.unsettled_outside),
            "version" => |visit| number(visit.version),
            "createdAt" => |visit| value(&DateTime(visit.created_at)),
            "updatedAt" => |visit| value(&DateTime(visit.updated_at)),
            _ => return None,
        };
        Some(Make::Own(make))
    }
}

impl AtHand for Provider {
    const NAME: &'static str = "Provider";

    fn make(field: &str) -> Option<Make<Self>> {
        let make: fn(&Self) -> Value = match field {
            "id" => |provider| text(provider.id.to_string()),
            "version" => |provider| number(provider.version),
            "name" => |provider| text(provider.name.as_str()),
            "credentials" => |provider| text(provider.credentials.as_str()),
            "timeZone" => |provider| text(provider.time_zone.as_str()),
            "active" => |provider| truth(provider.active),
            "reference" => |provider| text(provider.reference.as_str()),
            _ => return None,
        };
        Some(Make::Own(make))
    }
}

impl AtHand for Patient {
    const NAME: &'static str = "Patient";

    fn make(field: &str) -> Option<Make<Self>> {
        let make: fn(&Self) -> Value = match field {
            "id" => |patient| text(patient.id.to_string()),
            "name" => |patient| text(patient.name.as_str()),
            "email" => |patient| text(patient.email.as_str()),
            "phone" => |patient| maybe(patient.phone.as_deref()),
            "birthDate" => {
                |patient| patient.birth_date.map_or(Value::Null, |day| value(&Date(day)))
            }
            "reminders" => |patient| truth(patient.reminders),
            "timeZone" => |patient| text(patient.clock_in(patient.state).time_zone()),
            "version" => |patient| number(patient.version),
            "createdAt" => |patient| value(&DateTime(patient.created_at)),
            "state" => |patient| text(patient.state.code()),
            "insurance" => {
                return Some(Make::OfRoster(|patient, roster| {
                    Some(text(roster.payer_name(patient.payer_id).unwrap_or_default()))
                }));
            }
            _ => return None,
        };
        Some(Make::Own(make))
    }
}

impl AtHand for VisitType {
    const NAME: &'static str = "VisitType";

    fn make(field: &str) -> Option<Make<Self>> {
        let make: fn(&Self) -> Value = match field {
            "id" => |kind| text(kind.id.to_string()),
            "version" => |kind| number(kind.version),
            "name" => |kind| text(kind.name.as_str()),
            "durationMinutes" => |kind| number(i32::from(kind.length.minutes())),
            "bufferBeforeMinutes" => |kind| number(i32::from(kind.buffers.before_minutes())),
            "bufferAfterMinutes" => |kind| number(i32::from(kind.buffers.after_minutes())),
            "active" => |kind| truth(kind.active),
            _ => return None,
        };
        Some(Make::Own(make))
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

fn maybe(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}

fn number(number: i32) -> Value {
    Value::from(number)
}

fn truth(truth: bool) -> Value {
    Value::Boolean(truth)
}

fn value(scalar: &impl ScalarType) -> Value {
    scalar.to_value()
}
