//! Comparing our book with the scheduling service's, appointment by appointment.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::error::rfc3339;
use super::{BookingError, BookingService};
use crate::db::appointments::{self, AppointmentFilter, Position};
use crate::db::{Page, StoreError};
use crate::domain::{Appointment, AppointmentId, AppointmentStatus};
use crate::scheduling::{ExternalAppointment, SchedulingError};

const PAGE: u64 = 200;
const AT_ONCE: usize = 8;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Confirmed here, not held there.
    MissingOutside,
    /// Held there at another time, or under another id.
    Elsewhere {
        /// How the service has it.
        outside: String,
    },
    /// Held there more than once.
    HeldTwice,
    /// Held there, and not confirmed here.
    Orphan,
}

/// One appointment that the two books disagree about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub appointment_id: AppointmentId,
    /// What differs.
    pub difference: Difference,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.appointment_id;
        match &self.difference {
            Difference::MissingOutside => write!(f, "{id}: confirmed here, not held outside"),
            Difference::Elsewhere { outside } => write!(f, "{id}: held outside as {outside}"),
            Difference::HeldTwice => write!(f, "{id}: held outside more than once"),
            Difference::Orphan => write!(f, "{id}: held outside, not confirmed here"),
        }
    }
}

/// The comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The scheduling service failed.
    #[error(transparent)]
    Scheduling(#[from] SchedulingError),
    /// A use case failed.
    #[error(transparent)]
    Booking(#[from] BookingError),
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
}

impl BookingService {
    /// Compares every appointment with what the scheduling service holds for it.
    ///
    /// # Errors
    ///
    /// [`ReconcileError`].
    pub async fn reconcile(&self) -> Result<Report, ReconcileError> {
        let everything = AppointmentFilter {
            window: None,
            provider_id: None,
            patient_id: None,
            state: None,
            statuses: Some(AppointmentStatus::ALL.to_vec()),
            updated_since: None,
        };
        let mut report = Report::default();
        let mut page = Page::first(PAGE);
        loop {
            let appointments = appointments::page(self.db.read(), &everything, page).await?;
            page.after = appointments.last().map(Position::of);
            if appointments.is_empty() {
                return Ok(report);
            }
            let compared = stream::iter(appointments)
                .map(|appointment| self.compare(appointment))
                .buffered(AT_ONCE)
                .try_collect::<Vec<_>>()
                .await?;
            for finding in compared {
                match finding {
                    Compared::UnderWay => report.under_way += 1,
                    Compared::Same => report.compared += 1,
                    Compared::Differs(finding) => {
                        report.compared += 1;
                        report.findings.push(finding);
                    }
                }
            }
        }
    }

    async fn compare(&self, appointment: Appointment) -> Result<Compared, ReconcileError> {
        let outside = self.scheduling.find(&appointment.id.to_string()).await?;
        // Read again after the service was asked: what changed meanwhile is under way.
        let now = appointments::find(self.db.read(), appointment.id).await?;
        let settled = appointment.status.is_final()
            || (appointment.is_scheduled() && appointment.moving_to.is_none());
        if !settled || now.is_none_or(|now| now.version != appointment.version) {
            return Ok(Compared::UnderWay);
        }
        let difference = difference(&appointment, &outside);
        let appointment_id = appointment.id;
        Ok(difference.map_or(Compared::Same, |difference| {
            Compared::Differs(Finding { appointment_id, difference })
        }))
    }
}

enum Compared {
    Same,
    UnderWay,
    Differs(Finding),
}

fn difference(appointment: &Appointment, outside: &[ExternalAppointment]) -> Option<Difference> {
    let mut live = outside.iter().filter(|held| !held.cancelled);
    match (appointment.is_scheduled(), live.next(), live.next()) {
        (_, Some(_), Some(_)) => Some(Difference::HeldTwice),
        (true, None, None) => Some(Difference::MissingOutside),
        (false, Some(_), None) => Some(Difference::Orphan),
        (true, Some(held), None) => {
            let same = held.time == appointment.slot.starts_at()
                && Some(&held.external_id) == appointment.external_id.as_ref();
            let outside = || format!("{} at {}", held.external_id, rfc3339(held.time));
            (!same).then(|| Difference::Elsewhere { outside: outside() })
        }
        (_, None, _) => None,
    }
}
