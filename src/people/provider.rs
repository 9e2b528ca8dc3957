//! Coming in by a statement of the clinic's identity provider.

use super::{Admission, Credential, People, SignedIn, Visitor};
use crate::access::{Person, Role};
use crate::audit::{Act, Audited};
use crate::db::{Tx, locks, people};
use crate::domain::PersonId;
use crate::oidc::{ClaimedRole, Identity};
use crate::request::Refusal;

/// What the audit trail calls it.
const SIGN_IN: &str = "signInByProvider";

const NOBODY: Refusal = Refusal::Unauthenticated("The identity provider's account is nobody here");

/// Whom a statement is about, and the role that it gives them.
struct Stated {
    person: Person,
    role: Option<Role>,
}

/// Who may not come in by a statement: the id of whom it is about, if that is anybody here.
struct NotAdmitted(Option<PersonId>);

impl People {
    /// Who bears that statement, if they are anybody here.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn admit_stated(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> Result<Option<Admission>, Refusal> {
        let Ok(Stated { person, role }) = self.stated(identity, visitor).await? else {
            return Ok(None);
        };
        let credential =
            Credential::Statement { person: person.id, role, until: identity.counts_until };
        Ok(Some(Admission { actor: visitor.shown_to_be(&person, role), credential }))
    }

    /// Begins a session for whoever the statement is about.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where they are nobody here; [`Refusal::Store`] when the database
    /// fails.
    pub async fn sign_in_stated(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> Result<SignedIn, Refusal> {
        let mut known = None;
        let signed_in = match self.stated(identity, visitor).await {
            Ok(Ok(Stated { person, role })) => {
                known = Some(person.id);
                self.begin_session_of(&person, role, (visitor, SIGN_IN)).await
            }
            Ok(Err(NotAdmitted(id))) => {
                known = id;
                Err(NOBODY)
            }
            Err(error) => Err(error),
        };
        let outcome = match &signed_in {
            Ok(_) => "signed_in",
            Err(refusal @ Refusal::Unauthenticated(_)) => {
                self.turn_away(known, visitor, SIGN_IN, refusal);
                "wrong"
            }
            Err(_) => "failed",
        };
        metrics::counter!("clinic_sign_ins_total", "outcome" => outcome).increment(1);
        signed_in
    }

    /// Has the trail tell that the provider did not say who somebody is who had gone there to sign in.
    pub fn not_stated(&self, visitor: &Visitor) {
        self.turn_away(None, visitor, SIGN_IN, &NOBODY);
    }

    /// Whom a statement is about: who is linked to that account, or now becomes so.
    async fn stated(
        &self,
        identity: &Identity,
        visitor: &Visitor,
    ) -> Result<Result<Stated, NotAdmitted>, Refusal> {
        let account = (identity.issuer.as_str(), identity.subject.as_str());
        let linked = people::linked_to(self.db.read(), account).await?;
        let not_admitted = NotAdmitted(linked.as_ref().map(|person| person.id));
        let role = match &identity.role {
            ClaimedRole::NotAsked => None,
            ClaimedRole::Said(role) => match role.parse() {
                Ok(role) => Some(role),
                Err(_unknown) => return Ok(Err(not_admitted)),
            },
            ClaimedRole::NotSaid => return Ok(Err(not_admitted)),
        };
        let person = match (linked, &identity.verified_email) {
            (Some(person), _) => person,
            (None, Some(email)) => match self.link(account, email, (role, visitor)).await? {
                Some(person) => person,
                None => return Ok(Err(not_admitted)),
            },
            (None, None) => return Ok(Err(not_admitted)),
        };
        let is_let_in = may_come_in(&person, role);
        let known = NotAdmitted(Some(person.id));
        Ok(if is_let_in { Ok(Stated { person, role }) } else { Err(known) })
    }

    /// Links whoever was invited at that address to the account, once: of somebody who is linked
    /// already, another account with the same address is another's.
    async fn link(
        &self,
        account: (&str, &str),
        email: &str,
        (role, visitor): (Option<Role>, &Visitor),
    ) -> Result<Option<Person>, Refusal> {
        let found = |person: Option<Person>| {
            person.filter(|person| may_come_in(person, role) && !person.is_linked)
        };
        // Whoever is nobody shall not write, however often they come.
        let person = people::account(self.db.read(), email).await?;
        let Some(person) = found(person.map(|account| account.person)) else { return Ok(None) };
        let act = &Act::on_object(&visitor.shown_to_be(&person, role), "linkPerson", &person.id);
        let work = |tx: Tx| async move {
            locks::people(&tx).await?;
            if let Some(linked) = people::linked_to(&tx, account).await? {
                return Ok(Audited::RollBack(linked));
            }
            let before = people::find(&tx, person.id).await?;
            let Some(before) = found(before) else { return Err(NOBODY) };
            let after = Person { is_linked: true, invited_until: None, ..before.clone() };
            self.write(&tx, (&before, after), "identityProvider", |tx, id| async move {
                people::link(&tx, id, account).await?;
                // The invitation has been used.
                Ok(people::invite(&tx, id, None).await?)
            })
            .await
        };
        match self.committed(act, work).await {
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
