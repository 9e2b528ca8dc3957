//! Changing an appointment: a transaction whose commit is told.

use super::Changes;
use crate::db::{Contention, Ending, Tx, appointments, look_again};
use crate::domain::Appointment;

/// How the work of such a transaction ends it.
pub enum Change<T> {
    /// The appointment is now this: it is committed and told.
    Made(T, Box<Appointment>),
    /// Nothing was changed: what was written is rolled back.
    None(T),
}

impl Changes {
    /// Runs a transaction that changes an appointment, again when it lost a race, and has the change
    /// told. When the connection is lost in COMMIT, another one is asked whether it is stored.
    ///
    /// # Errors
    ///
    /// Those of `work`; when COMMIT was cut off, `Unavailable` where the change was not found stored,
    /// and `CommitUnknown` where that can't be known.
    pub async fn transaction<T, E, Fut>(
        &self,
        name: &'static str,
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
                    Change::Made(value, after) => Ending::Commit((value, Some(after))),
                    Change::None(value) => Ending::RollBack((value, None)),
                })
            }
        };
        let proof = |(value, after): (T, Option<Box<Appointment>>)| async move {
            let stored = match &after {
                Some(after) => self.is_stored(after).await,
                None => None,
            };
            ((value, after), stored)
        };
        let (value, after) = self.db.transaction_proved(name, ending, proof).await?;
        if after.is_some() {
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
