//! Comparing our book with the scheduling service's, appointment by appointment.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::Settling;
use crate::access::Actor;
use crate::db::{StoreError, appointments};
use crate::domain::time_slot::rfc3339;
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentPosition, AppointmentStatus, Page,
    TimeSlot,
};
use crate::scheduling::{ExternalAppointment, SchedulingError};

pub(super) const PAGE: u64 = 200;
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
    /// The service does not say what it holds.
    NotLookedUp(SchedulingError),
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
            Difference::NotLookedUp(error) => write!(f, "{id}: not looked up outside, {error}"),
        }
    }
}

/// The comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ComparisonError {
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
}

impl Report {
    pub(super) fn of(comparisons: Vec<Comparison>) -> Self {
        let mut report = Self::default();
        for comparison in comparisons {
            match comparison {
                Comparison::UnderWay => report.under_way += 1,
                Comparison::Same => report.compared += 1,
                Comparison::Differs(finding) => {
                    report.compared += 1;
                    report.findings.push(finding);
                }
            }
        }
        report
    }

    pub(super) fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.under_way += other.under_way;
        self.findings.extend(other.findings);
    }

    /// Why something could not be looked up, where that is so.
    pub(super) fn unanswered(&self) -> Option<&SchedulingError> {
        self.findings.iter().find_map(|finding| match &finding.difference {
            Difference::NotLookedUp(error) => Some(error),
            _ => None,
        })
    }

    /// Whether the service has answered nobody: then it is not one visit's trouble.
    fn is_silence(&self) -> bool {
        let never = |finding: &&Finding| matches!(finding.difference, Difference::NotLookedUp(_));
        let count = self.findings.iter().filter(never).count();
        count > 1 && count == self.compared + self.under_way
    }
}

impl Settling {
    /// Compares every appointment with what the scheduling service holds for it, for `actor`. An
    /// appointment that can't be looked up there is a finding like others.
    ///
    /// # Errors
    ///
    /// [`ComparisonError`]; of the service only when it has answered nothing at all.
    pub async fn reconcile(&self, _actor: &Actor) -> Result<Report, ComparisonError> {
        let mut report = Report::default();
        let mut page = Page::first(PAGE);
        loop {
            let (compared, last) = self.compare_page(&of_any_status(None), page).await?;
            report.add(Report::of(compared));
            page.after = last;
            // One that is never answered is a finding; a service that answers nobody is none.
            if let Some(error) = report.unanswered()
                && report.is_silence()
            {
                return Err(error.clone().into());
            }
            if last.is_none() {
                return Ok(report);
            }
        }
    }

    pub(super) async fn compare_page(
        &self,
        filter: &AppointmentFilter,
        page: Page<AppointmentPosition>,
    ) -> Result<(Vec<Comparison>, Option<AppointmentPosition>), StoreError> {
        let appointments = appointments::page(self.db().read(), filter, page).await?;
        let last = appointments.last().map(AppointmentPosition::of);
        // What is kept here alone is nobody else's to hold.
        let told = appointments.into_iter().filter(|appointment| !appointment.kept_here);
        let compared = stream::iter(told)
            .map(|appointment| self.compare_one(appointment))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok((compared, last))
    }

    async fn compare_one(&self, appointment: Appointment) -> Result<Comparison, StoreError> {
        let outside = self.parts.scheduling.find(&appointment.id.to_string()).await;
        // Read again after the service was asked: what changed meanwhile is under way.
        let now = appointments::find(self.db().read(), appointment.id).await?;
        let settled = appointment.status.is_final()
            || (appointment.is_scheduled() && appointment.moving_to.is_none());
        if !settled || now.is_none_or(|now| now.version != appointment.version) {
            return Ok(Comparison::UnderWay);
        }
        let difference = match outside {
            Ok(outside) => difference(&appointment, &outside),
            Err(error) => Some(Difference::NotLookedUp(error)),
        };
        let appointment_id = appointment.id;
        Ok(difference.map_or(Comparison::Same, |difference| {
            Comparison::Differs(Finding { appointment_id, difference })
        }))
    }
}

/// What came of one appointment.
pub(super) enum Comparison {
    Same,
    UnderWay,
    Differs(Finding),
}

fn difference(appointment: &Appointment, outside: &[ExternalAppointment]) -> Option<Difference> {
    let mut live = outside.iter().filter(|one| !one.cancelled);
    match (appointment.is_scheduled(), live.next(), live.next()) {
        (_, Some(_), Some(_)) => Some(Difference::HeldTwice),
        (true, None, None) => Some(Difference::MissingOutside),
        (false, Some(_), None) => Some(Difference::Orphan),
        (true, Some(live), None) => {
            let same = live.time == appointment.slot.starts_at()
                && Some(&live.external_id) == appointment.external_id.as_ref();
            let outside = || format!("{} at {}", live.external_id, rfc3339(live.time));
            (!same).then(|| Difference::Elsewhere { outside: outside() })
        }
        (_, None, _) => None,
    }
}

/// All there are in a window, whatever became of them.
pub(super) fn of_any_status(window: Option<TimeSlot>) -> AppointmentFilter {
    let statuses = Some(AppointmentStatus::ALL.to_vec());
    AppointmentFilter { window, statuses, ..AppointmentFilter::default() }
}
