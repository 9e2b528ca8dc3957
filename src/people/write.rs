//! Changing who is on the staff, and what they may do.

use jiff::SignedDuration;

use super::changed::{changed, fields_that_differ, keeps_an_administrator};
use super::command::{CreatePerson, DisablePerson, InvitePerson, UpdatePerson};
use super::{People, PersonOutcome, Secret, SecretKind};
use crate::access::{Actor, Permission, Person};
use crate::audit::{Act, Audited, Touched};
use crate::db::idempotency::Made;
use crate::db::people::Invitation;
use crate::db::{Tx, locks, look_again, people, sessions};
use crate::domain::PersonId;
use crate::request::{FieldChange, Refusal, Resource};

/// How long an invitation counts: 7 days.
const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

const SAME_ADDRESS: Refusal = Refusal::AlreadyExists("Somebody has this e-mail address already");

impl People {
    /// Adds somebody to the staff for `actor`, who is told the invitation to hand on.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`] of a provider; [`Refusal::AlreadyExists`] for an
    /// address that somebody has; [`Refusal::Store`] when the database fails.
    pub async fn create(
        &self,
        actor: &Actor,
        command: &CreatePerson,
    ) -> Result<PersonOutcome, Refusal> {
        let act = &Act::of(actor, "createPerson");
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                self.check_provider(command.provider_id).await?;
                let (now, invitation) = (self.now(), Secret::generate(SecretKind::Invitation));
                let person = Person {
                    id: PersonId::generate(self.clock.now()),
                    name: command.name.as_str().to_owned(),
                    email: command.email.as_str().to_owned(),
                    role: command.role,
                    provider_id: command.provider_id,
                    has_password: false,
                    is_linked: false,
                    invited_until: Some(now.saturating_add(INVITED_FOR).unwrap_or(now)),
                    disabled_at: None,
                    version: 1,
                    created_at: now,
                };
                let (person, hash) = (&person, invitation.hash());
                let fields = &["name", "email", "role", "provider", "invitation"];
                let work = |tx: Tx| async move {
                    locks::people(&tx).await?;
                    if people::has_other_at(&tx, &person.email, person.id).await? {
                        return Err(SAME_ADDRESS);
                    }
                    let made = (command.fingerprint(), Made::Person(person.id));
                    self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                    let until = person.invited_until.unwrap_or(now);
                    people::insert(&tx, person, Invitation { hash: &hash, until }).await?;
                    Ok(Audited::Commit(
                        person.clone(),
                        Touched::object(&person.id, fields.to_vec()),
                    ))
                };
                let person = self.committed(act, work).await?;
                Ok(PersonOutcome { person, invitation: Some(invitation), replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Changes what is known of somebody, or what they may do, for `actor`. What was not given stays;
    /// nothing new changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Invalid`] where role and provider do not go together;
    /// [`Refusal::NotFound`]; [`Refusal::VersionConflict`]; [`Refusal::AlreadyExists`];
    /// [`Refusal::InUse`] for the last administrator; [`Refusal::Store`] when the database fails.
    pub async fn update(
        &self,
        actor: &Actor,
        command: &UpdatePerson,
    ) -> Result<PersonOutcome, Refusal> {
        let act = &Act::on_object(actor, "updatePerson", &command.id);
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                if let FieldChange::Is(provider_id) = command.provider_id {
                    self.check_provider(Some(provider_id)).await?;
                }
                let work = |tx: Tx| async move {
                    let before = self.to_change(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    let after = changed(&before, command)?;
                    if after == before {
                        return Ok(Audited::RollBack(before));
                    }
                    if people::has_other_at(&tx, &after.email, after.id).await? {
                        return Err(SAME_ADDRESS);
                    }
                    let moved = after.email != before.email;
                    self.write(&tx, (&before, after), "", |tx, after| async move {
                        let made = (command.fingerprint(), Made::Person(after));
                        self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                        if moved {
                            people::invite(&tx, after, None).await?;
                        }
                        Ok(())
                    })
                    .await
                };
                let person = self.committed(act, work).await?;
                Ok(PersonOutcome { person, invitation: None, replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Gives somebody another invitation, which makes the last one void, for `actor`. Their password
    /// counts until they have set another; who was disabled may come in again.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`];
    /// [`Refusal::Store`] when the database fails.
    pub async fn invite(
        &self,
        actor: &Actor,
        command: &InvitePerson,
    ) -> Result<PersonOutcome, Refusal> {
        let act = &Act::on_object(actor, "invitePerson", &command.id);
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                let (now, invitation) = (self.now(), Secret::generate(SecretKind::Invitation));
                let hash = invitation.hash();
                let until = now.saturating_add(INVITED_FOR).unwrap_or(now);
                let work = |tx: Tx| async move {
                    let before = self.to_change(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    let after =
                        Person { disabled_at: None, invited_until: Some(until), ..before.clone() };
                    self.write(&tx, (&before, after), "invitation", |tx, id| async move {
                        let made = (command.fingerprint(), Made::Person(id));
                        self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                        Ok(people::invite(&tx, id, Some(Invitation { hash: &hash, until })).await?)
                    })
                    .await
                };
                let person = self.committed(act, work).await?;
                Ok(PersonOutcome { person, invitation: Some(invitation), replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Lets somebody come in no more, for `actor`: their sessions end, their password and invitation
    /// are forgotten. Who is disabled already is answered as they stand.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::VersionConflict`];
    /// [`Refusal::InUse`] for the last administrator; [`Refusal::Store`] when the database fails.
    pub async fn disable(
        &self,
        actor: &Actor,
        command: &DisablePerson,
    ) -> Result<PersonOutcome, Refusal> {
        let act = &Act::on_object(actor, "disablePerson", &command.id);
        let attempt = async {
            actor.require(Permission::ManageAccess)?;
            let request = async {
                let now = self.now();
                let work = |tx: Tx| async move {
                    let before = self.to_change(&tx, command.id).await?;
                    command.expected.check(before.version)?;
                    if !before.is_active() {
                        return Ok(Audited::RollBack(before));
                    }
                    let after = Person {
                        disabled_at: Some(now),
                        has_password: false,
                        invited_until: None,
                        ..before.clone()
                    };
                    self.write(&tx, (&before, after), "", |tx, id| async move {
                        let made = (command.fingerprint(), Made::Person(id));
                        self.claim(&tx, actor, command.idempotency_key.as_ref(), made).await?;
                        people::forget_secrets(&tx, id).await?;
                        sessions::end_all_of(&tx, id).await?;
                        Ok(())
                    })
                    .await
                };
                let person = self.committed(act, work).await?;
                Ok(PersonOutcome { person, invitation: None, replayed: false })
            };
            let key = command.idempotency_key.as_ref();
            self.once(actor, key, &command.fingerprint(), request).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// The person of that id, whom nobody else changes until the transaction ends.
    pub(super) async fn to_change(&self, tx: &Tx, id: PersonId) -> Result<Person, Refusal> {
        locks::people(tx).await?;
        people::find(tx, id).await?.ok_or(Refusal::NotFound(Resource::Person))
    }

    /// Writes what becomes of somebody, and what goes with it: `also` is its name, if there is any.
    pub(super) async fn write<Fut>(
        &self,
        tx: &Tx,
        (before, after): (&Person, Person),
        also: &'static str,
        with: impl FnOnce(Tx, PersonId) -> Fut,
    ) -> Result<Audited<Person>, Refusal>
    where
        Fut: Future<Output = Result<(), Refusal>>,
    {
        keeps_an_administrator(tx, before, &after).await?;
        let after = Person { version: before.version + 1, ..after };
        with(tx.clone(), after.id).await?;
        people::update(tx, &after, self.now()).await?;
        let fields = fields_that_differ(before, &after).into_iter().chain([also]);
        let fields = fields.filter(|name| !name.is_empty()).collect();
        let touched = Touched::object(&after.id, fields);
        Ok(Audited::Commit(after, touched))
    }

    /// Commits what `work` makes of somebody.
    pub(super) async fn committed<Fut>(
        &self,
        act: &Act,
        work: impl Fn(Tx) -> Fut,
    ) -> Result<Person, Refusal>
    where
        Fut: Future<Output = Result<Audited<Person>, Refusal>>,
    {
        let proof = |after: Person| async move {
            let stored = look_again(|| people::find(self.db.read(), after.id)).await;
            let stored = match stored {
                Ok(Some(stored)) if stored.version > after.version => None,
                Ok(stored) => Some(stored.as_ref() == Some(&after)),
                Err(_unreadable) => None,
            };
            (after, stored)
        };
        self.trail.transaction("people_change", act, work, proof).await
    }
}
