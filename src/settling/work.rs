//! What is passed on while an appointment is being settled.

use jiff::Timestamp;

use crate::db::outbox::Lease;
use crate::domain::audit::AuditedCaller;
use crate::domain::{Appointment, LateRefusal};
use crate::scheduling::SchedulingError;
use crate::traces::TraceParent;

/// An appointment whose time is held, and the right to settle it.
#[derive(Clone)]
pub struct Handover {
    /// The appointment.
    pub appointment: Appointment,
    /// Who asked for what is to be settled.
    pub by: AuditedCaller,
    /// None when it is left to the outbox.
    pub lease: Option<Lease>,
    /// The key of a call that may have made an appointment outside, while its answer is unknown.
    pub unanswered_key: Option<String>,
    /// Until when the service may act on an earlier call whose outcome is not known.
    pub late_until: Option<Timestamp>,
    /// The names that the service is told, where whoever holds the time has read them.
    pub names: Option<Names>,
}

/// Who sees whom, as the scheduling service is told. No `Debug`: it holds a patient's name.
#[derive(Clone)]
pub struct Names {
    pub(super) provider: String,
    pub(super) patient: String,
}

impl Names {
    /// The names, neither of them blank.
    ///
    /// # Errors
    ///
    /// Which of them is missing.
    pub fn new(provider: String, patient: String) -> Result<Self, &'static str> {
        let is_blank = |name: &str| name.trim().is_empty();
        if is_blank(&provider) {
            Err("name of the provider")
        } else if is_blank(&patient) {
            Err("name of the patient")
        } else {
            Ok(Self { provider, patient })
        }
    }
}

/// An appointment on its way to be settled.
pub(super) struct Work {
    pub(super) appointment: Appointment,
    /// Who asked for what is settled, where that is known.
    pub(super) by: Option<AuditedCaller>,
    /// Where that stands in a trace; nowhere where whoever asked is still there.
    pub(super) asked_for_by: Option<TraceParent>,
    pub(super) lease: Lease,
    pub(super) unanswered_key: Option<String>,
    /// Until when the service may act on a call before the one that is noted, whose outcome is not known.
    pub(super) late_until: Option<Timestamp>,
    /// Tries in a row that were in vain.
    pub(super) failures: i32,
    /// The next call is already noted as one that may have reached the service.
    pub(super) noted: bool,
    pub(super) names: Option<Names>,
    /// The outbox row went with the last answer.
    pub(super) settled: bool,
    /// How often an unknown outcome is followed by another try at once.
    pub(super) quick_retries: u8,
}

impl Work {
    /// What a request holds, whether the first call for it is noted or not; none where it is left to the
    /// outbox.
    pub(super) fn of(handover: Handover, noted: bool) -> Option<Self> {
        Some(Self {
            appointment: handover.appointment,
            by: Some(handover.by),
            asked_for_by: None,
            lease: handover.lease?,
            unanswered_key: handover.unanswered_key,
            late_until: handover.late_until,
            failures: 0,
            noted,
            names: handover.names,
            settled: false,
            quick_retries: 1,
        })
    }
}

/// How far settling got.
pub(super) struct Settlement {
    pub(super) appointment: Appointment,
    /// Why the service refused, for good.
    pub(super) refused: Option<LateRefusal>,
    /// Nothing is left to be settled.
    pub(super) settled: bool,
}

/// What a call came to.
pub(super) enum CallOutcome {
    /// Stored; look at the state again.
    Stored,
    /// Refused for good, and stored.
    Refused(LateRefusal),
    /// The appointment or the lease is somebody else's by now.
    Lost,
    /// The service may or may not have acted, or could not be called.
    Unknown(SchedulingError),
    /// The service can't be told of whom it is about: this is missing here.
    Unnamed(&'static str),
}

impl CallOutcome {
    /// Of an answer that was to be stored.
    pub(super) fn of(stored: bool, refused: Option<LateRefusal>) -> Self {
        match (stored, refused) {
            (false, _) => Self::Lost,
            (true, Some(why)) => Self::Refused(why),
            (true, None) => Self::Stored,
        }
    }
}

/// Tells the operator what a visit has become, once that is stored.
pub fn tell(after: &Appointment) {
    let (id, status) = (after.id, after.status.as_str());
    metrics::counter!("clinic_appointments_total", "status" => status).increment(1);
    tracing::info!(appointment.id = %id, status, "Appointment {id} is {status}");
}
