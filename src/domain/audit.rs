//! The audit trail: what a row of it says, and what binds each row to all before it.

use std::borrow::Cow;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

use super::appointment::AppointmentStatus;
use super::appointment_event::AppointmentEventKind;
use super::ids::{AppointmentId, AuditEventId, PatientId, PersonId, ProviderId, TokenId};
use super::overruling::Policy;

/// A message authentication code, HMAC-SHA-256.
pub type Mac = [u8; 32];

/// How many seals share an entry for each patient and appointment that occurs in them.
pub const SEALS_A_BLOCK: i64 = 256;

/// What kind of thing a row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditKind {
    /// Something was changed, or was to be.
    Change,
    /// An answer with patients' data.
    Read,
    /// Somebody began to follow what happens.
    LiveBegin,
    /// An event with patients' data was told to those who follow.
    LiveEvent,
    /// They followed no further.
    LiveEnd,
}

impl AuditKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Change, Self::Read, Self::LiveBegin, Self::LiveEvent, Self::LiveEnd];

    /// The name that the database and GraphQL use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "CHANGE",
            Self::Read => "READ",
            Self::LiveBegin => "LIVE_BEGIN",
            Self::LiveEvent => "LIVE_EVENT",
            Self::LiveEnd => "LIVE_END",
        }
    }
}

/// The text is not the name of a kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of audit event")]
pub struct UnknownAuditKind;

impl FromStr for AuditKind {
    type Err = UnknownAuditKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownAuditKind)
    }
}

/// A caller, as they are written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCaller {
    /// What kind of caller: `PERSON`, `TOKEN`, `SYSTEM` and the like.
    pub kind: Cow<'static, str>,
    /// The id of a person or a token.
    pub id: Option<String>,
    /// What the person or the token was called then.
    pub name: Option<String>,
    /// What they were to the clinic then.
    pub role: Cow<'static, str>,
}

/// Which change of an appointment a row tells of: from one version to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditedChange {
    /// The appointment.
    pub appointment: AppointmentId,
    /// Its version before; 0 where there was none.
    pub version_before: i32,
    /// Its version after.
    pub version_after: i32,
}

/// What a row says. Names and ids, and never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its own id.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// What kind of thing it tells.
    pub kind: AuditKind,
    /// Who did it.
    pub actor: AuditedCaller,
    /// From which address.
    pub address: Option<String>,
    /// For whom the server did it in the background.
    pub on_behalf_of: Option<AuditedCaller>,
    /// What they did.
    pub operation: Cow<'static, str>,
    /// The names of the fields that were changed or shown, apart by spaces.
    pub fields: String,
    /// Whose data.
    pub patients: Vec<PatientId>,
    /// Which appointments.
    pub appointments: Vec<AppointmentId>,
    /// Which change of an appointment.
    pub change: Option<AuditedChange>,
    /// What came of it: `OK`, `UNCHANGED`, `REPLAYED`, or the code of a refusal.
    pub outcome: Cow<'static, str>,
    /// How the log names the request.
    pub request_id: Option<String>,
    /// Whom an event was told to, a line each.
    pub recipients: String,
    /// Which person or token was changed, or was to come in.
    pub object: Option<String>,
}

impl AuditEntry {
    /// Whom it is about: the patients and appointments, the people and machines that it was told to, and
    /// the one that was changed.
    pub fn subjects(&self) -> impl Iterator<Item = Uuid> {
        let patients = self.patients.iter().map(|id| id.uuid());
        let appointments = self.appointments.iter().map(|id| id.uuid());
        let callers = self.recipients.split_whitespace().chain(self.object.as_deref());
        patients.chain(appointments).chain(callers.filter_map(caller))
    }
}

/// The id of a person or a token.
fn caller(word: &str) -> Option<Uuid> {
    let person = word.parse::<PersonId>().map(PersonId::uuid).ok();
    person.or_else(|| word.parse::<TokenId>().map(TokenId::uuid).ok())
}

/// A row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAuditEntry {
    /// Its place among the rows, in which they were written.
    pub number: i64,
    /// What it says.
    pub entry: AuditEntry,
    /// What shows that the server wrote it so.
    pub mac: Mac,
}

/// Binds a row to all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSeal {
    /// Its place in the chain, from 1 on without a gap.
    pub seq: i64,
    /// The number of the row.
    pub event: i64,
    /// Which key it was made with; empty without one.
    pub key_id: Vec<u8>,
    /// Made of the row and of the seal before.
    pub mac: Mac,
}

/// A place in the chain that is signed: where it ends, or below which rows may be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditMark {
    /// The place of the last seal up to there; 0 before the first.
    pub seq: i64,
    /// When it was signed.
    pub at: Timestamp,
    /// Which key it was signed with.
    pub key_id: Vec<u8>,
    /// That seal.
    pub mac: Mac,
    /// The signature; zeros where nothing was sealed yet.
    pub signature: Mac,
}

/// A place in a list of rows, which is by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPosition {
    /// When.
    pub at: Timestamp,
    /// The number of the row.
    pub number: i64,
}

/// Which rows are asked for; every condition that is set must hold.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By this person or token, or told to them.
    pub actor_id: Option<String>,
    /// Of changes of this person or token.
    pub object_id: Option<String>,
    /// With data of this patient.
    pub patient: Option<PatientId>,
    /// About this appointment.
    pub appointment: Option<AppointmentId>,
    /// Of one of these kinds.
    pub kinds: Option<Vec<AuditKind>>,
    /// At or after this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// Something that happened to an appointment, for its history. What is not known of old ones is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentChange {
    /// The appointment.
    pub appointment: AppointmentId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub kind: AppointmentEventKind,
    /// Who did it.
    pub actor: Option<AuditedCaller>,
    /// For whom the server did it.
    pub on_behalf_of: Option<AuditedCaller>,
    /// The status before and after.
    pub status: (Option<AppointmentStatus>, Option<AppointmentStatus>),
    /// The start before and after.
    pub starts_at: (Option<Timestamp>, Option<Timestamp>),
    /// The provider before and after.
    pub provider: (Option<ProviderId>, Option<ProviderId>),
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
    /// The rules of policy that did not count for it.
    pub overruled: Vec<Policy>,
}
