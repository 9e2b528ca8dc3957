//! Comparing our book with the scheduling service's, appointment by appointment.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::BookingService;
use crate::db::appointments::{self, AppointmentFilter, Position};
use crate::db::{Page, StoreError};
use crate::domain::time_slot::rfc3339;
use crate::domain::{Appointment, AppointmentId, AppointmentStatus, TimeSlot};
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

/// Walks over the visits to come, a page at a time and round and round, and keeps the gauge
/// `clinic_reconcile_differences`, which must be 0.
#[derive(Debug, Default)]
pub(super) struct Walk {
    after: Option<Position>,
    report: Report,
}

impl Walk {
    pub(super) async fn step(&mut self, service: &BookingService) -> Result<(), ReconcileError> {
        let now = service.now();
        let to_come = TimeSlot::new(now, service.horizon_ends_at(now)).ok();
        let page = Page { after: self.after, ..Page::first(PAGE) };
        let (compared, last) = service.compare_page(&of_any_status(to_come), page).await?;
        self.report.add(compared);
        self.after = last;
        if last.is_none() {
            let Report { findings, .. } = std::mem::take(&mut self.report);
            let count = u32::try_from(findings.len()).unwrap_or(u32::MAX);
            metrics::gauge!("clinic_reconcile_differences").set(f64::from(count));
            for finding in findings {
                tracing::error!(appointment.id = %finding.appointment_id, "The books differ: {finding}");
            }
        }
        Ok(())
    }
}

fn of_any_status(window: Option<TimeSlot>) -> AppointmentFilter {
    AppointmentFilter {
        window,
        provider_id: None,
        patient_id: None,
        state: None,
        statuses: Some(AppointmentStatus::ALL.to_vec()),
        updated_since: None,
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

impl Report {
    fn add(&mut self, compared: Vec<Compared>) {
        for compared in compared {
            match compared {
                Compared::UnderWay => self.under_way += 1,
                Compared::Same => self.compared += 1,
                Compared::Differs(finding) => {
                    self.compared += 1;
                    self.findings.push(finding);
                }
            }
        }
    }
}

impl BookingService {
    /// Compares every appointment with what the scheduling service holds for it.
    ///
    /// # Errors
    ///
    /// [`ReconcileError`].
    pub async fn reconcile(&self) -> Result<Report, ReconcileError> {
        let mut report = Report::default();
        let mut page = Page::first(PAGE);
        loop {
            let (compared, last) = self.compare_page(&of_any_status(None), page).await?;
            report.add(compared);
            page.after = last;
            if last.is_none() {
                return Ok(report);
            }
        }
    }

    async fn compare_page(
        &self,
        filter: &AppointmentFilter,
        page: Page<Position>,
    ) -> Result<(Vec<Compared>, Option<Position>), ReconcileError> {
        let appointments = appointments::page(self.db.read(), filter, page).await?;
        let last = appointments.last().map(Position::of);
        let compared = stream::iter(appointments)
            .map(|appointment| self.compare(appointment))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok((compared, last))
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
