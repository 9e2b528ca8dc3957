//! Waiting for a time, and answering what is offered.

mod which_entry;

pub use which_entry::WhichEntry;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use super::raw::RawBooking;
use super::who::{WhoIsSeen, described_patient, known_patient};
use super::{BookAppointment, Overrule};
use crate::domain::time_slot::ceil_to_minute;
use crate::domain::waitlist::{Weekdays, WindowField};
use crate::domain::{
    AppointmentId, LocalTime, Provenance, ProviderId, UsState, VisitLength, WaitlistWindow,
};
use crate::request::{
    AskedVisitType, Field, FieldReader, IdempotencyKey, Refusal, Resource, Violation, When,
    asked_provider_id, fingerprint, parse_appointment_id, parse_state,
};

const A_MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Somebody who is to wait, as a door received it.
#[derive(Default)]
pub struct RawWaiting {
    /// Who waits, for whom, how long and what kind of visit: its times are not read.
    pub booking: RawBooking,
    /// The earliest start.
    pub earliest: Option<Timestamp>,
    /// The latest start.
    pub latest: Option<Timestamp>,
    /// On which days of the week.
    pub weekdays: Option<Vec<Weekday>>,
    /// The earliest start of a day.
    pub local_from: Option<String>,
    /// Before when a visit starts on a day.
    pub local_until: Option<String>,
    /// The visit that is to move.
    pub instead_of: Option<String>,
}

/// Wait for a time.
#[derive(Clone)]
pub struct JoinWaitlist {
    /// Who waits; the patient of the visit that is to move unless given.
    pub patient: Option<WhoIsSeen>,
    /// The state the patient is in; where they were last unless given.
    pub state: Option<UsState>,
    /// The patient's insurance, in the patient's words; the last one unless given.
    pub insurance: Option<String>,
    /// The provider asked for, or any.
    pub provider_id: Option<ProviderId>,
    /// How long; as its kind says unless given.
    pub length: Option<VisitLength>,
    /// What kind of visit.
    pub visit_type: Option<AskedVisitType>,
    /// The earliest start; now unless given.
    pub earliest: Option<Timestamp>,
    /// The latest start; as far ahead as can be booked unless given.
    pub latest: Option<Timestamp>,
    /// On which days of the week.
    pub weekdays: Weekdays,
    /// The earliest start of a day.
    pub local_from: LocalTime,
    /// Before when a visit starts on a day.
    pub local_until: LocalTime,
    /// The visit that is to move.
    pub instead_of: Option<AppointmentId>,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl JoinWaitlist {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with every field that is not acceptable, else [`Refusal::UnknownState`], else
    /// [`Refusal::NotFound`].
    pub fn parse(mut raw: RawWaiting) -> Result<Self, Refusal> {
        let booking = &mut raw.booking;
        let mut fields = FieldReader::after(std::mem::take(&mut booking.violations));
        let is_of_visit = raw.instead_of.is_some() && !booking.describes_patient;
        let patient = match &booking.patient_id {
            None if !is_of_visit => described_patient(&mut fields, booking),
            _ => Some(known_patient(&mut fields, booking)),
        };
        let as_the_visit = [
            (Field::Patient, booking.describes_patient),
            (Field::VisitState, booking.visit_state.is_some()),
            (Field::VisitInsurance, booking.visit_insurance.is_some()),
            (Field::VisitType, booking.visit_type.is_some()),
        ];
        for (field, _) in
            as_the_visit.into_iter().filter(|(_, given)| *given && raw.instead_of.is_some())
        {
            fields.wrong(Violation::new(field, "is that of the visit where insteadOf is given"));
        }
        let length = fields.length(booking.duration_minutes);
        let local = |text: &str| text.parse::<LocalTime>();
        let from = fields.optional(other("localFrom"), raw.local_from.as_deref(), local);
        let until = fields.optional(other("localUntil"), raw.local_until.as_deref(), local);
        let days = |days: &[Weekday]| Weekdays::of(days).ok_or("must be one day at least");
        let weekdays = fields.optional(other("weekdays"), raw.weekdays.as_deref(), days);
        let idempotency_key = fields.key(booking.idempotency_key.as_deref());
        fields.finish()?;
        let Some((details, state, insurance)) = patient else {
            return Err(Refusal::bug("a field is missing and was not named"));
        };
        let known = booking.patient_id.as_deref();
        let known = known.map(|id| WhoIsSeen::asked_for(Some(id)));
        Ok(Self {
            patient: details.map(WhoIsSeen::Described).or(known),
            state: state.as_deref().map(parse_state).transpose()?,
            insurance,
            provider_id: booking.provider_id.as_deref().map(asked_provider_id),
            length,
            visit_type: booking.visit_type.take(),
            earliest: raw.earliest.map(ceil_to_minute),
            latest: raw.latest,
            weekdays: weekdays.unwrap_or(Weekdays::ALL),
            local_from: from.unwrap_or(LocalTime::MIDNIGHT),
            local_until: until.unwrap_or(LocalTime::END_OF_DAY),
            instead_of: raw.instead_of.as_deref().map(visit_to_move).transpose()?,
            idempotency_key,
        })
    }

    /// A visit as it is waited for, for that patient.
    pub(in crate::booking) fn visit(&self, patient: WhoIsSeen) -> BookAppointment {
        BookAppointment {
            patient,
            state: self.state,
            insurance: self.insurance.clone(),
            provider_id: self.provider_id,
            when: When::From(None),
            length: self.length,
            visit_type: self.visit_type.clone(),
            reason: None,
            hold: None,
            overrule: Overrule::default(),
            provenance: Some(Provenance::Waitlist),
            idempotency_key: self.idempotency_key.clone(),
        }
    }

    /// Which starts will do, where visits can be booked up to `horizon`, and one that starts then is to move.
    ///
    /// # Errors
    ///
    /// What must be said.
    pub(in crate::booking) fn window(
        &self,
        now: Timestamp,
        (horizon, moves_from): (Timestamp, Option<Timestamp>),
    ) -> Result<WaitlistWindow, Violation> {
        let earliest = self.earliest.unwrap_or_else(|| ceil_to_minute(now));
        // Whoever waits for another time wants an earlier one.
        let sooner = moves_from.map(|start| start.saturating_sub(A_MINUTE).unwrap_or(start));
        let usual = [sooner, Some(horizon)].into_iter().flatten().find(|end| earliest <= *end);
        let latest = self.latest.or(usual).ok_or_else(|| {
            Violation::new(
                other("latest"),
                "must be given where earliest is past the booking horizon",
            )
        })?;
        Ok(WaitlistWindow {
            earliest,
            latest,
            weekdays: self.weekdays,
            local_from: self.local_from,
            local_until: self.local_until,
        })
    }

    /// Tells this request from others under one key; defaults taken from the clock are not in it.
    pub(in crate::booking) fn fingerprint(&self) -> String {
        let nobody = || WhoIsSeen::asked_for(None);
        let visit = self.visit(self.patient.clone().unwrap_or_else(nobody)).fingerprint();
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        fingerprint(&[
            "join waitlist".to_owned(),
            visit,
            time(self.earliest),
            time(self.latest),
            self.weekdays.bits().to_string(),
            self.local_from.to_string(),
            self.local_until.to_string(),
            self.instead_of.map(|id| id.to_string()).unwrap_or_default(),
        ])
    }
}

/// What is wrong with a window, as a request's field.
pub(in crate::booking) fn window_violation((field, why): (WindowField, &'static str)) -> Violation {
    let name = match field {
        WindowField::Latest => "latest",
        WindowField::Weekdays => "weekdays",
        WindowField::LocalFrom => "localFrom",
        WindowField::LocalUntil => "localUntil",
    };
    Violation::new(other(name), why)
}

fn other(name: &str) -> Field {
    Field::Other(name.to_owned())
}

fn visit_to_move(id: &str) -> Result<AppointmentId, Refusal> {
    parse_appointment_id(id).map_err(|_malformed| Refusal::NotFound(Resource::InsteadOf))
}
