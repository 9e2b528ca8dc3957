//! Correcting what is known of a patient.

use super::command::{UpdatePatient, field};
use super::{PatientOutcome, Patients};
use crate::access::Actor;
use crate::audit::{Act, Audited, Touched};
use crate::db::{Connection, StoreError, locks, look_again, patients, visit_links, waitlist};
use crate::domain::name_and_address::email_key;
use crate::domain::{
    BirthDate, EmailAddress, Patient, PatientName, PayerId, PhoneNumber, ProviderId, TimeZoneName,
};
use crate::request::{FieldChange, Refusal, Resource, Violation, payer_named};

impl Patients {
    /// Corrects a patient for `actor`. What was not given stays; nothing new changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`]; [`Refusal::UnknownInsurance`]; [`Refusal::NotFound`],
    /// also for one who is not the caller's own; [`Refusal::VersionConflict`]; [`Refusal::Store`] when the
    /// database fails.
    pub async fn update(
        &self,
        actor: &Actor,
        command: &UpdatePatient,
    ) -> Result<PatientOutcome, Refusal> {
        let act = &Act::on_patients(actor, "updatePatient", [command.id]);
        let attempt = async {
            let own = command.allowed_to(actor)?;
            let request = async {
                self.check_birth_date(&command.birth_date)?;
                let payer = match &command.insurance {
                    Some(name) => {
                        let directory = self.roster.directory().await?;
                        Some(payer_named(&directory, name)?)
                    }
                    None => None,
                };
                let work =
                    |tx| async move { self.update_in(&tx, (actor, own), command, payer).await };
                let proof = |after: Patient| async move {
                    let stored = look_again(|| patients::find(self.db.read(), after.id)).await;
                    let stored = match stored {
                        Ok(Some(stored)) if stored.version > after.version => None,
                        Ok(stored) => Some(stored.as_ref() == Some(&after)),
                        Err(_unreadable) => None,
                    };
                    (after, stored)
                };
                let patient = self.trail.transaction("patient_update", act, work, proof).await?;
                Ok(PatientOutcome { patient, replayed: false })
            };
            let (key, fingerprint) = (command.idempotency_key.as_ref(), command.fingerprint());
            self.once((actor, own), key, &fingerprint, request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    fn check_birth_date(&self, change: &FieldChange<BirthDate>) -> Result<(), Refusal> {
        match change {
            FieldChange::Is(birth) if !birth.has_come(self.now()) => {
                let not_born = Violation::new(field("birthDate"), "must not be in the future");
                Err(Refusal::Invalid(vec![not_born]))
            }
            _ => Ok(()),
        }
    }

    async fn update_in(
        &self,
        tx: &impl Connection,
        (actor, own): (&Actor, Option<ProviderId>),
        command: &UpdatePatient,
        payer: Option<PayerId>,
    ) -> Result<Audited<Patient>, Refusal> {
        let nobody = || Refusal::NotFound(Resource::Patient);
        let seen = patients::find_of(tx, command.id, own).await?.ok_or_else(nobody)?;
        if command.name.is_some() || command.email.is_some() {
            // Before the row, as a booking does: they become somebody whom one may be made for just
            // now.
            let email = command.email.as_ref().map_or(seen.email.as_str(), EmailAddress::as_str);
            locks::address(tx, email).await?;
        }
        let before = patients::find_to_change(tx, seen.id).await?;
        let before = before.ok_or_else(|| StoreError::Contended("merged meanwhile".to_owned()))?;
        command.expected.check(before.version)?;
        let after = Patient {
            name: command
                .name
                .as_ref()
                .map_or(before.name.as_str(), PatientName::as_str)
                .to_owned(),
            email: command
                .email
                .as_ref()
                .map_or(before.email.as_str(), EmailAddress::as_str)
                .to_owned(),
            state: command.state.unwrap_or(before.state),
            payer_id: payer.unwrap_or(before.payer_id),
            phone: changed(&command.phone, PhoneNumber::as_str, before.phone.as_ref()),
            birth_date: match &command.birth_date {
                FieldChange::Stays => before.birth_date,
                FieldChange::Cleared => None,
                FieldChange::Is(birth) => Some(birth.day()),
            },
            time_zone: changed(&command.time_zone, TimeZoneName::as_str, before.time_zone.as_ref()),
            reminders: command.reminders.unwrap_or(before.reminders),
            ..before.clone()
        };
        if after == before {
            return Ok(Audited::RollBack(before));
        }
        let renamed = after.name != before.name || after.email != before.email;
        if own.is_some() && renamed && patients::has_twin(tx, &after).await? {
            // It would draw what is booked for the other one to this one, as merging does.
            return Err(Refusal::AlreadyExists(
                "Another patient has this name and address: the front desk can make one of two",
            ));
        }
        let after = Patient { version: before.version + 1, ..after };
        let key = command.idempotency_key.as_ref();
        self.claim(tx, actor, key, command.fingerprint(), after.id).await?;
        if !patients::replace(tx, &before, &after, self.now()).await? {
            return Err(StoreError::Contended("changed meanwhile".to_owned()).into());
        }
        if email_key(&before.email) != email_key(&after.email) {
            // For good: they open nothing either when the address is changed back.
            visit_links::revoke_of_patient(tx, after.id, self.now()).await?;
        }
        if before.time_zone != after.time_zone {
            waitlist::move_entries(tx, after.id, after.id).await?;
        }
        let touched = Touched::patients([after.id], fields_that_differ(&before, &after));
        Ok(Audited::Commit(after, touched))
    }
}

/// The names of the fields that are not as they were, as the schema has them.
fn fields_that_differ(before: &Patient, after: &Patient) -> Vec<&'static str> {
    let differs = [
        ("name", before.name != after.name),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
        ("birthDate", before.birth_date != after.birth_date),
        ("timeZone", before.time_zone != after.time_zone),
        ("reminders", before.reminders != after.reminders),
        ("state", before.state != after.state),
        ("insurance", before.payer_id != after.payer_id),
    ];
    differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

fn changed<T>(
    change: &FieldChange<T>,
    text: impl Fn(&T) -> &str,
    before: Option<&String>,
) -> Option<String> {
    match change {
        FieldChange::Stays => before.cloned(),
        FieldChange::Cleared => None,
        FieldChange::Is(value) => Some(text(value).to_owned()),
    }
}
