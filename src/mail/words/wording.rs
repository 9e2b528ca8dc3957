//! What templates are filled in with: times written out on the clocks that people live by. Nothing of why a patient
//! comes is among it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::spoken_time::{spoken_clock, spoken_day, spoken_zone};
use crate::domain::{Mail, MailSubject, Patient, PatientClock, Provider, zone_named};

/// A moment, written out.
#[derive(Debug, Clone, Serialize)]
pub struct When {
    /// Such as `Friday, January 15, 2027`.
    pub date: String,
    /// Such as `8:30 AM`.
    pub time: String,
    /// Such as `Pacific Time (America/Los_Angeles)`.
    pub zone: String,
}

/// To whom a mail goes.
#[derive(Debug, Clone, Serialize)]
pub struct PatientWording {
    /// Their name.
    pub name: String,
}

/// With whom the visit is.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderWording {
    /// Their name.
    pub name: String,
    /// Degrees and titles; may be empty.
    pub credentials: String,
}

/// The visit.
#[derive(Debug, Clone, Serialize)]
pub struct VisitWording {
    /// When it begins, for the patient.
    pub when: When,
    /// The same for the provider, where their clock shows something else.
    pub provider_when: Option<When>,
    /// How long it is.
    pub minutes: i64,
}

/// All that a template may say.
#[derive(Debug, Clone, Serialize)]
pub struct Wording {
    /// To whom it goes.
    pub patient: PatientWording,
    /// With whom the visit is.
    pub provider: ProviderWording,
    /// The visit.
    pub visit: VisitWording,
    /// When it was to begin before, for the patient.
    pub previous: Option<When>,
    /// Of an offer: until when it is kept.
    pub answer_by: Option<When>,
    /// Of a reminder: how long before the visit it is sent, in minutes.
    pub lead_minutes: Option<u32>,
    /// The patient's own link; none where the mail is looked at by others.
    pub link: Option<String>,
    /// Where the clinic is asked, if it says so.
    pub contact: Option<String>,
}

impl When {
    fn on(zone: &TimeZone, instant: Timestamp) -> Self {
        Self {
            date: spoken_day(zone, instant),
            time: spoken_clock(zone, instant),
            zone: spoken_zone(zone, instant),
        }
    }
}

impl Wording {
    /// What a mail says of its visit.
    pub fn of(
        mail: &Mail,
        (patient, clock): (&Patient, &PatientClock),
        provider: &Provider,
        (link, contact): (Option<&str>, Option<&str>),
    ) -> Self {
        let starts_at = mail.slot.starts_at();
        let when = When::on(clock.zone(), starts_at);
        let there = zone_named(&provider.time_zone)
            .map(|zone| When::on(&zone, starts_at))
            .filter(|there| (&there.date, &there.time) != (&when.date, &when.time));
        let (lead_minutes, answer_by) = match mail.subject {
            MailSubject::Event { .. } => (None, None),
            MailSubject::Upcoming { lead_minutes, .. } => (Some(lead_minutes), None),
            MailSubject::Offer { expires_at, .. } => {
                (None, Some(When::on(clock.zone(), expires_at)))
            }
        };
        Self {
            patient: PatientWording { name: patient.name.clone() },
            provider: ProviderWording {
                name: provider.name.clone(),
                credentials: provider.credentials.clone(),
            },
            visit: VisitWording {
                when,
                provider_when: there,
                minutes: mail.slot.ends_at().duration_since(starts_at).as_mins(),
            },
            previous: mail.previous_starts_at.map(|before| When::on(clock.zone(), before)),
            answer_by,
            lead_minutes,
            link: link.map(str::to_owned),
            contact: contact.map(str::to_owned),
        }
    }

    /// For somebody of that name: with all that there may be, and with no more than there is at the least; a reminder so
    /// long before.
    pub(super) fn samples(name: &str, lead_minutes: u32) -> [Self; 2] {
        let when = || When {
            date: "Friday, January 15, 2027".to_owned(),
            time: "8:30 AM".to_owned(),
            zone: "Pacific Time (America/Los_Angeles)".to_owned(),
        };
        let full = Self {
            patient: PatientWording { name: name.to_owned() },
            provider: ProviderWording { name: "Dr. Ada".to_owned(), credentials: "MD".to_owned() },
            visit: VisitWording { when: when(), provider_when: Some(when()), minutes: 30 },
            previous: Some(when()),
            answer_by: Some(when()),
            lead_minutes: Some(lead_minutes),
            link: Some("https://clinic.example/visit/0".to_owned()),
            contact: Some("555 0100".to_owned()),
        };
        let mut least = full.clone();
        least.provider.credentials = String::new();
        least.visit.provider_when = None;
        (least.previous, least.link, least.contact) = (None, None, None);
        [full, least]
    }
}
