//! Making one patient of two.

use super::command::MergePatients;
use super::{PatientOutcome, Patients};
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::db::{Connection, StoreError, look_again, patients, waitlist};
use crate::domain::{Patient, PatientId};
use crate::request::{Refusal, Resource};

impl Patients {
    /// Gives all visits of one patient to another for `actor`; the one is no patient of their own any
    /// more, and their id leads to the other. What is known of the one alone is known of the other
    /// then. Two who are one already are answered as they stand.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`];
    /// [`Refusal::VisitsOverlap`]; [`Refusal::Store`] when the database fails.
    pub async fn merge(
        &self,
        actor: &Actor,
        command: &MergePatients,
    ) -> Result<PatientOutcome, Refusal> {
        let both = [command.keep, command.merge];
        let act = &Act::on_patients(actor, "mergePatients", both);
        let request = async {
            // The rule of the database is the last to say that no two visits of one overlap.
            self.db.check_rules()?;
            let work = |tx| async move { self.merge_in(&tx, actor, command).await };
            let proof = |kept: Patient| async move {
                let merged = look_again(|| patients::find(self.db.read(), command.merge)).await;
                let stored = merged.ok().map(|found| found.is_some_and(|one| one.id == kept.id));
                (kept, stored)
            };
            let patient = self.trail.transaction("patient_merge", act, work, proof).await?;
            Ok(PatientOutcome { patient, replayed: false })
        };
        let (key, fingerprint) = (command.idempotency_key.as_ref(), command.fingerprint());
        let request = async {
            // Of two patients, whole: whose visits they have is not for one provider to say.
            actor.require_all(Permission::MergePatients)?;
            self.once((actor, None), key, &fingerprint, request).await
        };
        self.trail.attempt(act, Box::pin(request)).await
    }

    async fn merge_in(
        &self,
        tx: &impl Connection,
        actor: &Actor,
        command: &MergePatients,
    ) -> Result<Audited<Patient>, Refusal> {
        let mut found = patients::find_many(tx, &[command.keep, command.merge]).await?;
        let mut named = |id: PatientId| {
            found.remove(&id).map(|one| one.id).ok_or(Refusal::NotFound(Resource::Patient))
        };
        let (keep, merge) = (named(command.keep)?, named(command.merge)?);
        let meanwhile = || StoreError::Contended("merged meanwhile".to_owned());
        if keep == merge {
            let kept = patients::find_to_change(tx, keep).await?.ok_or_else(meanwhile)?;
            command.expected.check(kept.version)?;
            return Ok(Audited::RollBack(kept));
        }
        let (before, merged) = patients::lock_both(tx, keep, merge).await?.ok_or_else(meanwhile)?;
        command.expected.check(before.version)?;
        let appointments = patients::visits_that_overlap(tx, keep, merge).await?;
        if !appointments.is_empty() {
            return Err(Refusal::VisitsOverlap { appointments });
        }
        let later = patients::booked_last(tx, &[before.clone(), merged.clone()]).await?;
        let after = before.with(&merged, later == Some(merged.id));
        let (key, now) = (command.idempotency_key.as_ref(), self.now());
        self.claim(tx, actor, key, command.fingerprint(), keep).await?;
        patients::move_visits(tx, keep, merge, now).await.map_err(|error| match error {
            // Somebody moves one of them at this moment: which two they are is to be read.
            StoreError::Overlap => meanwhile(),
            error => error,
        })?;
        waitlist::move_entries(tx, keep, merge).await?;
        patients::remove_merged(tx, keep, &merged, now).await?;
        if !patients::replace(tx, &before, &after, now).await? {
            return Err(meanwhile().into());
        }
        if before.time_zone != after.time_zone {
            waitlist::move_entries(tx, keep, keep).await?;
        }
        Ok(Audited::Commit(after, Touched::patients([keep, merge], vec!["appointments"])))
    }
}
