//! One visit as an event.

use icalendar::{Component as _, Event, Parameter, Property};
use jiff::Timestamp;

use super::property::{instant, mailto, parameter, text};
use crate::domain::{Appointment, AppointmentStatus};

/// What comes after the id of a visit in its `UID`. No address that a server may be moved from: whoever has the visit
/// in their calendar has it by this name for good. The name is nobody's, and never will be (RFC 2606).
const UID_ENDS: &str = "@clinic.invalid";

/// Somebody with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party<'a> {
    /// What they are called.
    pub name: &'a str,
    /// Their e-mail address.
    pub email: &'a str,
}

/// What the entry is called: by whom it is with, seen by whoever reads it, or by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// A visit with somebody of that name.
    With(&'a str),
    /// A visit, and no more.
    Nobody,
}

/// A visit, and the names that its reader may know.
#[derive(Clone, Copy)]
pub struct VisitEvent<'a> {
    /// The visit.
    pub visit: &'a Appointment,
    /// What it is called.
    pub told: Told<'a>,
    /// Who has it take place: the provider, at the address of the clinic.
    pub organizer: Party<'a>,
    /// The patient, where the file is theirs.
    pub attendee: Option<Party<'a>>,
}

/// How sure it is that a visit takes place then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// The time is held, and may yet be refused; or another one is asked for, which may be had.
    Tentative,
    Confirmed,
    Cancelled,
}

impl Certainty {
    /// A visit that is being cancelled never takes place any more, whatever it ends as. Whether somebody came is
    /// nothing that a calendar is told.
    fn of(visit: &Appointment) -> Self {
        if visit.never_takes_place() {
            Self::Cancelled
        } else if visit.status == AppointmentStatus::Pending || visit.is_on_the_move() {
            Self::Tentative
        } else {
            Self::Confirmed
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl VisitEvent<'_> {
    /// Whether it does not take place any more.
    pub fn is_cancelled(&self) -> bool {
        self.visit.never_takes_place()
    }
}

/// The event of a visit, as it is told at `now`.
pub(super) fn event(told: &VisitEvent<'_>, now: Timestamp) -> Event {
    let VisitEvent { visit, organizer, attendee, .. } = *told;
    let certainty = Certainty::of(visit);
    // Whose time it is not any more is free.
    let busy = if certainty == Certainty::Cancelled { "TRANSPARENT" } else { "OPAQUE" };
    let summary = match told.told {
        Told::With(name) => format!("Visit with {}", text(name)),
        Told::Nobody => "Virtual visit".to_owned(),
    };
    let mut event = Event::new();
    for (name, value) in [
        ("UID", format!("{}{UID_ENDS}", visit.id)),
        ("SEQUENCE", visit.version.to_string()),
        ("DTSTAMP", instant(now)),
        ("CREATED", instant(visit.created_at)),
        ("LAST-MODIFIED", instant(visit.updated_at)),
        ("DTSTART", instant(visit.slot.starts_at())),
        ("DTEND", instant(visit.slot.ends_at())),
        ("STATUS", certainty.as_str().to_owned()),
        ("TRANSP", busy.to_owned()),
        ("CLASS", "PRIVATE".to_owned()),
        ("SUMMARY", summary),
    ] {
        event.append_property(Property::new(name, value));
    }
    event.append_property(party("ORGANIZER", organizer, &[]));
    if let Some(attendee) = attendee {
        // They have agreed when they booked it, and nobody waits for an answer.
        let agreed = [("PARTSTAT", "ACCEPTED"), ("ROLE", "REQ-PARTICIPANT"), ("RSVP", "FALSE")];
        event.append_property(party("ATTENDEE", attendee, &agreed));
    }
    event.done()
}

fn party(property: &str, Party { name, email }: Party<'_>, more: &[(&str, &str)]) -> Property {
    let mut party = Property::new(property, mailto(email));
    let name = parameter(name);
    if !name.is_empty() {
        party.append_parameter(Parameter::new("CN", &name));
    }
    for more in more {
        party.append_parameter(*more);
    }
    party
}
