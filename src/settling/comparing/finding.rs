//! What differs between the two books.

use std::fmt;

use jiff::Timestamp;

use crate::access::Forbidden;
use crate::db::StoreError;
use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, AppointmentId};
use crate::scheduling::{ExternalAppointment, SchedulingError};
use crate::settling::calls::visit_of;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Confirmed here, not held there.
    MissingOutside,
    /// Held there at another time, of another length, with another provider, or under another id.
    Elsewhere,
    /// Held there more than once.
    HeldTwice,
    /// Held there, and not confirmed here.
    Orphan,
    /// Held there, and changed here alone since, while no service was named.
    GivenUp,
    /// Held there under a reference of ours, and not known here: our book is older than theirs.
    Forgotten,
    /// The service does not say what it holds.
    NotLookedUp(SchedulingError),
}

/// A visit as we have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurVisit {
    /// The scheduling service's id of it.
    pub external_id: Option<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Whether it is confirmed.
    pub is_scheduled: bool,
}

/// One appointment that the two books disagree about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub appointment_id: AppointmentId,
    /// What differs.
    pub difference: Difference,
    /// How we have it, if we have it.
    pub ours: Option<OurVisit>,
    /// What the service holds of it, cancelled ones aside.
    pub outside: Vec<ExternalAppointment>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.appointment_id;
        let held: Vec<String> = self.outside.iter().map(in_words).collect();
        let held = held.join(" and ");
        match &self.difference {
            Difference::MissingOutside => write!(f, "{id}: confirmed here, not held outside"),
            Difference::Elsewhere => write!(f, "{id}: held outside as {held}"),
            Difference::HeldTwice => write!(f, "{id}: held outside more than once: {held}"),
            Difference::Orphan => write!(f, "{id}: held outside as {held}, not confirmed here"),
            Difference::GivenUp => {
                write!(f, "{id}: held outside as {held}, and ours alone since no service was named")
            }
            Difference::Forgotten => write!(f, "{id}: held outside as {held}, not known here"),
            Difference::NotLookedUp(error) => write!(f, "{id}: not looked up outside, {error}"),
        }
    }
}

fn in_words(held: &ExternalAppointment) -> String {
    let minutes = held.duration_minutes.map(|minutes| format!(" for {minutes} minutes"));
    let provider = held.provider_reference.as_ref().map(|provider| format!(" with {provider}"));
    let (minutes, provider) = (minutes.unwrap_or_default(), provider.unwrap_or_default());
    format!("{} at {}{minutes}{provider}", held.external_id, rfc3339(held.time))
}

/// The comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
    /// It is for whoever runs the server.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scheduling service answers nothing at all.
    #[error(transparent)]
    Scheduling(#[from] SchedulingError),
}

/// What was compared.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Appointments that were compared; those still on their way are not.
    pub compared: usize,
    /// Appointments on their way to the scheduling service.
    pub under_way: usize,
    /// Where the two books differ.
    pub findings: Vec<Finding>,
    /// How many windows the service has listed.
    pub listed: usize,
    /// Windows that the service did not list, by their beginnings.
    pub not_listed: Vec<(Timestamp, SchedulingError)>,
    /// The service has no list by window: what it holds and we do not know of can't be found.
    pub one_way: bool,
    /// How often the service was asked about one appointment.
    pub looked_up: usize,
}

impl Report {
    pub(super) fn note(&mut self, comparison: Comparison) {
        match comparison {
            Comparison::UnderWay => self.under_way += 1,
            Comparison::Same => self.compared += 1,
            Comparison::Differs(finding) => {
                self.compared += 1;
                let id = finding.appointment_id;
                if self.findings.iter().all(|known| known.appointment_id != id) {
                    self.findings.push(*finding);
                }
            }
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.under_way += other.under_way;
        self.looked_up += other.looked_up;
        self.one_way |= other.one_way;
        self.listed += other.listed;
        self.not_listed.extend(other.not_listed);
        for finding in other.findings {
            let id = finding.appointment_id;
            if self.findings.iter().all(|known| known.appointment_id != id) {
                self.findings.push(finding);
            }
        }
    }

    /// Whether the two books were compared as a whole, and agree.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.not_listed.is_empty()
    }

    /// Why something is not known of the service's book, where that is so.
    pub(super) fn unanswered(&self) -> Option<&SchedulingError> {
        let listed = self.not_listed.iter().map(|(_at, error)| error);
        listed.chain(self.never_looked_up()).next()
    }

    /// The same where it has answered nobody: then it is not one visit's trouble.
    pub(super) fn silence(&self) -> Option<&SchedulingError> {
        let never = self.never_looked_up().count();
        let nobody = self.listed == 0 && never == self.compared + self.under_way;
        self.unanswered().filter(|_error| nobody && never + self.not_listed.len() > 1)
    }

    fn never_looked_up(&self) -> impl Iterator<Item = &SchedulingError> {
        self.findings.iter().filter_map(|finding| match &finding.difference {
            Difference::NotLookedUp(error) => Some(error),
            _ => None,
        })
    }
}

/// What came of one appointment.
pub(super) enum Comparison {
    Same,
    UnderWay,
    Differs(Box<Finding>),
}

impl Comparison {
    /// Of an appointment that is not under way, or that we do not have, and of what the service holds
    /// under its reference.
    pub(super) fn of(
        appointment_id: AppointmentId,
        ours: Option<&Appointment>,
        outside: Vec<ExternalAppointment>,
    ) -> Self {
        let outside: Vec<ExternalAppointment> =
            outside.into_iter().filter(|one| !one.cancelled).collect();
        let scheduled = ours.filter(|ours| ours.is_scheduled());
        let difference = match (ours, scheduled, outside.as_slice()) {
            (_, None, []) => return Self::Same,
            (Some(_), _, [_, _, ..]) => Difference::HeldTwice,
            (Some(_), None, _) => Difference::Orphan,
            (None, ..) => Difference::Forgotten,
            (_, Some(_), []) => Difference::MissingOutside,
            (_, Some(ours), [held]) if is_same(ours, held) => return Self::Same,
            (_, Some(_), _) => Difference::Elsewhere,
        };
        Self::differs(appointment_id, difference, ours, outside)
    }

    /// Of an appointment that is ours alone, and was not always, and of what the service holds under its
    /// reference.
    pub(super) fn given_up(ours: &Appointment, outside: Vec<ExternalAppointment>) -> Self {
        let outside: Vec<ExternalAppointment> =
            outside.into_iter().filter(|one| !one.cancelled).collect();
        if outside.is_empty() {
            return Self::Same;
        }
        Self::differs(ours.id, Difference::GivenUp, Some(ours), outside)
    }

    pub(super) fn differs(
        appointment_id: AppointmentId,
        difference: Difference,
        ours: Option<&Appointment>,
        outside: Vec<ExternalAppointment>,
    ) -> Self {
        let ours = ours.map(|ours| OurVisit {
            external_id: ours.external_id.clone(),
            starts_at: ours.slot.starts_at(),
            is_scheduled: ours.is_scheduled(),
        });
        Self::Differs(Box::new(Finding { appointment_id, difference, ours, outside }))
    }
}

/// Whether the service has a confirmed visit as we have it.
pub(super) fn is_same(ours: &Appointment, held: &ExternalAppointment) -> bool {
    held.is_as(&visit_of(ours, ours.slot, String::new()))
        && Some(&held.external_id) == ours.external_id.as_ref()
}
