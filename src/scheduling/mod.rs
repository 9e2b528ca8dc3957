//! The external scheduling service: what we ask of it and how its answers are told apart.
//!
//! Nothing here decides what becomes of an appointment; `settling` does.
//! Every writing call carries an idempotency key, so that a repeat after a lost reply
//! has the effect of the first.

mod breaker;
mod http;
mod measured;
pub mod mock;
mod none;

pub use breaker::CircuitBreaker;
pub use http::{HttpSchedulingClient, HttpSettings, HttpSettingsError};
pub use measured::Measured;
pub use none::NobodyOutside;

use async_trait::async_trait;
use jiff::Timestamp;

/// A visit as the outside service is to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalVisit {
    /// Our appointment id; the service stores it as the reference to find the booking by.
    pub reference: String,
    /// Our provider id.
    pub provider_reference: String,
    /// The provider's name as people read it.
    pub provider_name: String,
    /// Start of the visit.
    pub time: Timestamp,
    /// Length of the visit in minutes.
    pub duration_minutes: u16,
}

/// What the outside service is asked to put into its book.
///
/// No `Debug`: it carries a patient's name.
#[derive(Clone)]
pub struct ExternalBooking {
    /// The visit.
    pub visit: ExternalVisit,
    /// The patient's name as people read it.
    pub patient_name: String,
}

/// The service's word that the booking stands as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The service's own id of the appointment.
    pub external_id: String,
    /// Whether the service said whose it is; if not, that is to be looked up before it is believed.
    pub names_reference: bool,
}

/// What the service holds for one of our references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalAppointment {
    /// Our appointment id, as the service stored it.
    pub reference: String,
    /// The service's own id of the appointment.
    pub external_id: String,
    /// Our provider id, where the service says it.
    pub provider_reference: Option<String>,
    /// Start of the visit in the service's book.
    pub time: Timestamp,
    /// Its length in minutes, where the service says it.
    pub duration_minutes: Option<u16>,
    /// True when the service has cancelled it.
    pub cancelled: bool,
}

impl ExternalAppointment {
    /// Whether the service has it as `visit` is to be had, for all that it says.
    pub fn is_as(&self, visit: &ExternalVisit) -> bool {
        self.time == visit.time
            && self.duration_minutes.is_none_or(|minutes| minutes == visit.duration_minutes)
            && self.is_with_whom(visit)
    }

    /// Whether the service has it with whom `visit` is to be had with, for all that it says.
    pub fn is_with_whom(&self, visit: &ExternalVisit) -> bool {
        let provider = self.provider_reference.as_ref();
        provider.is_none_or(|provider| *provider == visit.provider_reference)
    }
}

/// What was seen where no answer came in time.
pub const TIMEOUT: &str = "timeout";

/// Whose trouble it is that a call has no answer to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The service's, for everybody: it can't be reached, does not answer in time, or says that it is
    /// down or overloaded (408, 425, 429, 502, 503, 504).
    Service,
    /// This call's, as far as anybody can tell: an answer came, and it does not say what became of
    /// this one (500, another status, a body that can't be read or is about something else).
    Call,
}

/// What the service says no to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// The time: the visit might be taken at another.
    Time,
    /// The visit as such, whenever it is (400, 413, a 422 that names no conflict): a name it can't
    /// take, say.
    Visit,
}

/// Why a call did not end in a confirmation; each variant is one thing to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchedulingError {
    /// The service said no, for good (409, or 422 that names a conflict). Nothing was changed there.
    #[error("the scheduling service refused: {reason}")]
    Refused {
        /// What it says no to.
        to: Objection,
        /// The service's reason, cut to 200 characters; never contains a name.
        reason: String,
    },
    /// The service does not know that appointment (404, 410).
    #[error("the scheduling service does not know the appointment")]
    NotFound,
    /// The service may or may not have acted: repeat the call under the same key.
    #[error("the outcome at the scheduling service is unknown: {cause}")]
    Unknown {
        /// What was seen, in words of our own (`timeout`, `connection lost`, `status 503`, …).
        cause: &'static str,
        /// Whose trouble that is.
        trouble: Trouble,
    },
    /// The service can't act on such a request (400, 413, 422): a no, if it then turns out to hold
    /// nothing of it.
    #[error("the scheduling service can't act on the request (status {status})")]
    Unfit {
        /// The HTTP status.
        status: u16,
    },
    /// The fault is our own, and of every call alike: credentials, address or media type are not
    /// accepted (401, 403, 415; 404 and 405 for a booking). Somebody has to act.
    #[error("the scheduling service does not accept our calls (status {status})")]
    Rejected {
        /// The HTTP status.
        status: u16,
    },
    /// The circuit breaker is open, so the call was not made: nothing was sent.
    #[error("the scheduling service is not being called: it kept failing")]
    NotSent,
}

/// Which calls would be made just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// All.
    Ready,
    /// One, to see whether the service is back.
    OneCall,
    /// Of whom that is known not to fail, none at all perhaps: the circuit breaker is open.
    Shut,
}

/// The external scheduling service, as `settling` sees it.
#[async_trait]
pub trait SchedulingClient: Send + Sync {
    /// Books the visit there.
    async fn reserve(
        &self,
        booking: &ExternalBooking,
        key: &str,
    ) -> Result<Confirmation, SchedulingError>;

    /// Changes a booked visit's time, length or provider to what is said here.
    async fn reschedule(
        &self,
        external_id: &str,
        visit: &ExternalVisit,
        key: &str,
    ) -> Result<Confirmation, SchedulingError>;

    /// Cancels a booked visit of a provider's. [`SchedulingError::NotFound`] means that it is gone already.
    async fn cancel(
        &self,
        external_id: &str,
        provider_reference: &str,
        key: &str,
    ) -> Result<(), SchedulingError>;

    /// Everything the service holds for one of our appointment ids.
    async fn find(&self, reference: &str) -> Result<Vec<ExternalAppointment>, SchedulingError>;

    /// Everything of ours that the service holds with a start in the half-open window; `None` where it
    /// has no such list.
    async fn list(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<Vec<ExternalAppointment>>, SchedulingError>;

    /// Which calls would be made just now.
    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    /// Whether a call about a visit with that provider would be made just now (false while the circuit
    /// breaker is open, for everybody or for them).
    fn is_available_for(&self, _provider_reference: &str) -> bool {
        self.readiness() != Readiness::Shut
    }

    /// Whether it is the service that is in trouble, for whomever it is called: then a call that fails
    /// says nothing of the visit that it is about.
    fn is_ill(&self) -> bool {
        false
    }
}
