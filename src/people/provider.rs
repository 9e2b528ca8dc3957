//! Coming in by a statement of the clinic's identity provider.

use super::{Admission, Credential, People, SignedIn};
use crate::access::{Actor, Caller, Person, Role};
use crate::db::{Ending, Tx, locks, people};
use crate::oidc::{ClaimedRole, Identity};
use crate::request::Refusal;

const NOBODY: Refusal = Refusal::Unauthenticated("The identity provider's account is nobody here");

/// Whom a statement is about, and the role that it gives them.
struct Stated {
    person: Person,
    role: Option<Role>,
}

impl People {
    /// Who bears that statement, if they are anybody here.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn admit_stated(&self, identity: &Identity) -> Result<Option<Admission>, Refusal> {
        let Some(Stated { person, role }) = self.stated(identity).await? else { return Ok(None) };
        let credential =
            Credential::Statement { person: person.id, role, until: identity.counts_until };
        let caller = Caller::Person { id: person.id, name: person.name.into() };
        let actor = Actor::new(caller, role.unwrap_or(person.role), person.provider_id);
        Ok(Some(Admission { actor, credential }))
    }

    /// Begins a session for whoever the statement is about.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where they are nobody here; [`Refusal::Store`] when the database
    /// fails.
    pub async fn sign_in_stated(&self, identity: &Identity) -> Result<SignedIn, Refusal> {
        let signed_in = match self.stated(identity).await {
            Ok(Some(Stated { person, role })) => self.begin_session_of(&person, role).await,
            Ok(None) => Err(NOBODY),
            Err(error) => Err(error),
        };
        let outcome = match &signed_in {
            Ok(_) => "signed_in",
            Err(Refusal::Unauthenticated(_)) => "wrong",
            Err(_) => "failed",
        };
        metrics::counter!("clinic_sign_ins_total", "outcome" => outcome).increment(1);
        signed_in
    }

    /// Whom a statement is about: who is linked to that account, or now becomes so.
    async fn stated(&self, identity: &Identity) -> Result<Option<Stated>, Refusal> {
        let role = match &identity.role {
            ClaimedRole::NotAsked => None,
            ClaimedRole::Said(role) => match role.parse() {
                Ok(role) => Some(role),
                Err(_unknown) => return Ok(None),
            },
            ClaimedRole::NotSaid => return Ok(None),
        };
        let account = (identity.issuer.as_str(), identity.subject.as_str());
        let linked = people::linked_to(self.db.read(), account).await?;
        let person = match (linked, &identity.verified_email) {
            (Some(person), _) => person,
            (None, Some(email)) => match self.link(account, email, role).await? {
                Some(person) => person,
                None => return Ok(None),
            },
            (None, None) => return Ok(None),
        };
        Ok(may_come_in(&person, role).then_some(Stated { person, role }))
    }

    /// Links whoever was invited at that address to the account, once: of somebody who is linked
    /// already, another account with the same address is another's.
    async fn link(
        &self,
        account: (&str, &str),
        email: &str,
        role: Option<Role>,
    ) -> Result<Option<Person>, Refusal> {
        let found = |person: Option<Person>| {
            person.filter(|person| may_come_in(person, role) && !person.is_linked)
        };
        // Whoever is nobody shall not write, however often they come.
        let person = people::account(self.db.read(), email).await?;
        let Some(person) = found(person.map(|account| account.person)) else { return Ok(None) };
        let work = |tx: Tx| async move {
            locks::people(&tx).await?;
            if let Some(linked) = people::linked_to(&tx, account).await? {
                return Ok(Ending::RollBack(linked));
            }
            let before = people::find(&tx, person.id).await?;
            let Some(before) = found(before) else { return Err(NOBODY) };
            let after = Person { is_linked: true, invited_until: None, ..before.clone() };
            self.write(&tx, &before, after, |tx, id| async move {
                people::link(&tx, id, account).await?;
                // The invitation has been used.
                Ok(people::invite(&tx, id, None).await?)
            })
            .await
        };
        match self.committed(work).await {
            Ok(person) => {
                tracing::info!(person = %person.id, "Linked to an account of the identity provider");
                Ok(Some(person))
            }
            Err(Refusal::Unauthenticated(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether somebody may come in in that role: a clinician is one of the clinic's providers.
fn may_come_in(person: &Person, role: Option<Role>) -> bool {
    let is_bound = role != Some(Role::Clinician) || person.provider_id.is_some();
    person.is_active() && is_bound
}
