//! Changing appointments: a transaction whose commit is told.

use super::Changes;
use crate::audit::{Act, Audited, Touched};
use crate::db::{Contention, Tx, appointments, look_again};
use crate::domain::audit::AuditedChange;
use crate::domain::{Appointment, SeriesId};

/// How the work of such a transaction ends it.
pub enum Change<T> {
    /// These appointments are now others: it is committed and told. There is one at least.
    Made(T, Vec<Changed>),
    /// Nothing was changed: what was written is rolled back.
    None(T),
}

/// What became of an appointment.
#[derive(Clone)]
pub struct Changed {
    /// As it was; none where it is new.
    before: Option<Appointment>,
    /// As it is now.
    after: Appointment,
    /// The series that it was changed with.
    series: Option<SeriesId>,
}

impl<T> Change<T> {
    /// A new appointment.
    pub fn new(value: T, after: &Appointment) -> Self {
        Self::Made(value, vec![Changed::new(after)])
    }

    /// A change of one that was there.
    pub fn from(value: T, before: &Appointment, after: &Appointment) -> Self {
        Self::Made(value, vec![Changed::from(before, after)])
    }

    /// The answer alone: the change is told with others.
    pub fn into_value(self) -> T {
        match self {
            Self::Made(value, _) | Self::None(value) => value,
        }
    }

    /// The same change with another answer.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Self::Made(value, changed) => Change::Made(map(value), changed),
            Self::None(value) => Change::None(map(value)),
        }
    }
}

impl Changed {
    /// A new appointment.
    pub fn new(after: &Appointment) -> Self {
        Self { before: None, after: after.clone(), series: None }
    }

    /// A change of one that was there.
    pub fn from(before: &Appointment, after: &Appointment) -> Self {
        Self { before: Some(before.clone()), after: after.clone(), series: None }
    }

    /// Changed with all of a series.
    #[must_use]
    pub fn with(self, series: SeriesId) -> Self {
        Self { series: Some(series), ..self }
    }

    /// What of it the audit trail tells.
    fn touched(&self) -> Touched {
        let Self { before, after, series } = self;
        Touched {
            fields: fields_that_differ(before.as_ref(), after),
            patients: [after.patient_id].into(),
            appointments: [after.id].into(),
            change: Some(AuditedChange {
                appointment: after.id,
                version_before: before.as_ref().map_or(0, |before| before.version),
                version_after: after.version,
            }),
            object: series.map(|id| id.to_string()),
        }
    }
}

/// The names of the fields that are not as they were, as the schema has them.
fn fields_that_differ(before: Option<&Appointment>, after: &Appointment) -> Vec<&'static str> {
    let Some(before) = before else {
        let always = ["provider", "patient", "startsAt", "endsAt", "state", "insurance", "status"];
        let reason = after.reason.as_ref().map(|_given| "reason");
        return always.into_iter().chain(reason).collect();
    };
    let differs = [
        ("status", before.status != after.status),
        ("startsAt", before.slot.starts_at() != after.slot.starts_at()),
        ("endsAt", before.slot.ends_at() != after.slot.ends_at()),
        (
            "pendingStartsAt",
            (before.moving_to, before.reassigning) != (after.moving_to, after.reassigning),
        ),
        ("visitType", before.visit_type_id != after.visit_type_id),
        ("provider", before.provider_id != after.provider_id),
        ("patient", before.patient_id != after.patient_id),
        ("state", before.state != after.state),
        ("insurance", before.payer_id != after.payer_id),
        ("reason", before.reason != after.reason),
        ("cancelReason", before.cancel_reason != after.cancel_reason),
        ("externalId", before.external_id != after.external_id),
        ("unsettledOutside", before.unsettled_outside != after.unsettled_outside),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

impl Changes {
    /// Runs a transaction that changes appointments, with a row of the audit trail for each in it, again when
    /// it lost a race, and has the change told. When the connection is lost in COMMIT, another one is asked whether it is stored.
    ///
    /// # Errors
    ///
    /// Those of `work`; when COMMIT was cut off, `Unavailable` where the change was not found stored,
    /// and `CommitUnknown` where that can't be known.
    pub async fn transaction<T, E, Fut>(
        &self,
        name: &'static str,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<T, E>
    where
        E: Contention,
        Fut: Future<Output = Result<Change<T>, E>>,
    {
        let ending = |tx: Tx| {
            let worked = work(tx);
            async move {
                Ok::<_, E>(match worked.await? {
                    Change::Made(value, changed) => {
                        let touched = changed.iter().map(Changed::touched).collect();
                        Audited::CommitAll((value, changed), touched)
                    }
                    Change::None(value) => Audited::RollBack((value, Vec::new())),
                })
            }
        };
        let proof = |(value, changed): (T, Vec<Changed>)| async move {
            // All of them are, or none.
            let stored = match changed.first() {
                Some(changed) => self.is_stored(&changed.after).await,
                None => None,
            };
            ((value, changed), stored)
        };
        let (value, changed) = self.trail.transaction(name, act, ending, proof).await?;
        if !changed.is_empty() {
            self.wake_publisher.notify_one();
        }
        Ok(value)
    }

    /// Whether the appointment is stored as it is here; not known when it has changed further, for
    /// that may have followed from this change or from another.
    async fn is_stored(&self, after: &Appointment) -> Option<bool> {
        let find = || appointments::find(self.db.read(), after.id);
        match look_again(find).await {
            Ok(Some(stored)) if stored.version == after.version => Some(is_same(&stored, after)),
            Ok(Some(stored)) if stored.version > after.version => None,
            Ok(Some(_) | None) => Some(false),
            Err(_unreadable) => None,
        }
    }
}

/// Whether the two are alike in everything; instants are stored as whole seconds.
fn is_same(stored: &Appointment, made: &Appointment) -> bool {
    let (created_at, updated_at) = (stored.created_at, stored.updated_at);
    // Merged meanwhile, which changes both and leaves the version.
    let patient_id = stored.patient_id;
    let same_moment = stored.updated_at.as_second() == made.updated_at.as_second();
    (same_moment || patient_id != made.patient_id)
        && *stored == Appointment { patient_id, created_at, updated_at, ..made.clone() }
}
