//! The caller of a use case, with what they may do and what they were shown.

mod by_link;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use super::caller::Caller;
use super::permission::Permission;
use super::policy::{Extent, extent};
use super::rights::Rights;
use super::role::Role;
use super::sheet::{Seen, Sheet};
use crate::domain::{AppointmentId, PatientId, ProviderId};

/// The caller's role does not allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the caller's role does not allow it")]
pub struct Forbidden;

/// How far a caller may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grant {
    /// For everything there is.
    All,
    /// For what is this provider's own.
    Own(ProviderId),
    /// For everything, but nothing that tells who a patient is or why they come.
    WithoutPatients,
    /// Not at all.
    No,
}

impl Grant {
    /// The one provider with whom visits have to be, and with whom patients have or had one; none where it
    /// is not confined so.
    pub fn only_with(self) -> Option<ProviderId> {
        match self {
            Self::Own(provider) => Some(provider),
            Self::All | Self::WithoutPatients | Self::No => None,
        }
    }

    /// The same, of what is never without its patients.
    ///
    /// # Errors
    ///
    /// [`Forbidden`] for what reaches nobody, or everything but patients.
    pub fn with_patients(self) -> Result<Option<ProviderId>, Forbidden> {
        match self {
            Self::All => Ok(None),
            Self::Own(provider) => Ok(Some(provider)),
            Self::WithoutPatients | Self::No => Err(Forbidden),
        }
    }

    /// Whether it reaches a visit with that provider.
    pub fn reaches(self, provider: ProviderId) -> bool {
        match self {
            Self::All | Self::WithoutPatients => true,
            Self::Own(own) => own == provider,
            Self::No => false,
        }
    }
}

/// Who asks: one for each request. Clones share what is noted of the answer.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who they are.
    pub caller: Caller,
    /// What they are to the clinic.
    pub role: Role,
    /// The provider that a clinician is.
    pub provider_id: Option<ProviderId>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// How the log names the request.
    pub request_id: Option<Arc<str>>,
    sheet: Sheet,
}

impl PartialEq for Actor {
    /// Alike in who they are and what they may do, whatever they asked and were shown.
    fn eq(&self, other: &Self) -> bool {
        self.caller == other.caller
            && self.role == other.role
            && self.provider_id == other.provider_id
    }
}

impl Eq for Actor {}

impl Actor {
    /// A caller in a role.
    pub fn new(caller: Caller, role: Role, provider_id: Option<ProviderId>) -> Self {
        let (address, request_id) = (None, None);
        Self { caller, role, provider_id, address, request_id, sheet: Sheet::default() }
    }

    /// Anybody, where access is open.
    pub fn anonymous() -> Self {
        Self::new(Caller::Everybody, Role::Admin, None)
    }

    /// Whoever holds the API token.
    pub fn token_holder() -> Self {
        Self::new(Caller::ApiToken, Role::Admin, None)
    }

    /// Whoever holds the token that opens the metrics and nothing else.
    pub fn metrics_reader() -> Self {
        Self::new(Caller::MetricsReader, Role::Viewer, None)
    }

    /// Whoever sits at the machine and runs a command.
    pub fn operator() -> Self {
        Self::new(Caller::Operator, Role::Admin, None)
    }

    /// The server itself, in the background.
    pub fn system() -> Self {
        Self::new(Caller::System, Role::Admin, None)
    }

    /// Nobody in particular, with those rights: what is made for such a one may be told to all who have
    /// them, for there is no person in it.
    pub fn anybody_with(Rights { role, provider_id }: Rights) -> Self {
        Self::new(Caller::Everybody, role, provider_id)
    }

    /// The same caller with a request from there, of that name.
    pub fn asking(self, address: Option<IpAddr>, request_id: Option<&str>) -> Self {
        let request_id = request_id.map(Arc::from);
        Self { address, request_id, sheet: Sheet::default(), ..self }
    }

    /// What they may see and do.
    pub fn rights(&self) -> Rights {
        Rights { role: self.role, provider_id: self.provider_id }
    }

    /// Tells one caller from another, for idempotency keys; never a person's name.
    pub fn scope(&self) -> Cow<'static, str> {
        match (&self.caller, self.caller.id()) {
            (_, Some(id)) => Cow::Owned(id),
            (Caller::Everybody, None) => Cow::Borrowed("anonymous"),
            (Caller::ApiToken, None) => Cow::Borrowed("token"),
            (Caller::MetricsReader, None) => Cow::Borrowed("metrics"),
            (Caller::System, None) => Cow::Borrowed("system"),
            (Caller::PatientLink(linked), None) => Cow::Owned(linked.scope()),
            (Caller::Operator | Caller::Person { .. } | Caller::Token { .. }, None) => {
                Cow::Borrowed("operator")
            }
        }
    }

    /// How far they may do that. A clinician who is no provider has nothing of their own.
    pub fn grant(&self, permission: Permission) -> Grant {
        // What a patient's link opens is in no row of the table.
        if matches!(self.caller, Caller::PatientLink(_)) {
            return Grant::No;
        }
        match extent(self.role, permission) {
            Extent::All => Grant::All,
            Extent::Own => self.provider_id.map_or(Grant::No, Grant::Own),
            Extent::WithoutPatients => Grant::WithoutPatients,
            Extent::No => Grant::No,
        }
    }

    /// With which one provider patients must have or have had a visit for the caller to do that with them;
    /// none where they may with anybody.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn patients_for(&self, permission: Permission) -> Result<Option<ProviderId>, Forbidden> {
        self.grant(permission).with_patients()
    }

    /// Whether they may do that for everything there is.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn require_all(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.grant(permission) == Grant::All { Ok(()) } else { Err(Forbidden) }
    }

    /// Whether they sit at the machine, or are the server itself: what no door has.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn require_machine(&self) -> Result<(), Forbidden> {
        match self.caller {
            Caller::Operator | Caller::System => Ok(()),
            _ => Err(Forbidden),
        }
    }

    /// Whether they may do that at all.
    ///
    /// # Errors
    ///
    /// [`Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<Grant, Forbidden> {
        match self.grant(permission) {
            Grant::No => Err(Forbidden),
            grant => Ok(grant),
        }
    }

    /// Notes that the answer holds data of these patients.
    pub fn saw_patients(&self, ids: impl IntoIterator<Item = PatientId>) {
        self.sheet.note(|seen| seen.patients.extend(ids));
    }

    /// Notes that the answer shows the patient or a free text of these visits.
    pub fn saw_appointments(&self, ids: impl IntoIterator<Item = AppointmentId>) {
        self.sheet.note(|seen| seen.appointments.extend(ids));
    }

    /// Notes that the audit trail says already that they had to do with these, as whoever has changed
    /// them: an answer that shows no others needs no row of its own.
    pub fn recorded(&self, patients: &BTreeSet<PatientId>, appointments: &BTreeSet<AppointmentId>) {
        self.sheet.record(|recorded| {
            recorded.patients.extend(patients);
            recorded.appointments.extend(appointments);
        });
    }

    /// Whose data the answer holds since it was last asked, but of whom the audit trail says so already.
    pub fn take_seen(&self) -> Seen {
        self.sheet.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clinician_has_what_is_their_own_and_without_a_provider_nothing() {
        let provider = ProviderId::from(uuid::Uuid::from_u128(1));
        let clinician = |provider| Actor::new(Caller::Operator, Role::Clinician, provider);
        let own = clinician(Some(provider)).grant(Permission::ReadAppointments);
        assert_eq!(own, Grant::Own(provider));
        assert!(own.reaches(provider) && !own.reaches(ProviderId::NOBODY));
        assert_eq!(clinician(None).require(Permission::ReadAppointments), Err(Forbidden));
    }

    #[test]
    fn what_an_answer_shows_is_noted_once_for_all_clones() {
        let actor = Actor::operator();
        let patient = PatientId::from(uuid::Uuid::from_u128(7));
        actor.clone().saw_patients([patient, patient]);
        assert_eq!(actor.take_seen().patients.into_iter().collect::<Vec<_>>(), [patient]);
        assert!(actor.take_seen().is_empty());
        actor.saw_patients([patient]);
        assert!(actor.clone().asking(None, None).take_seen().is_empty(), "another request");
        actor.recorded(&BTreeSet::from([patient]), &BTreeSet::new());
        assert!(actor.take_seen().is_empty(), "the trail has it");
    }
}
