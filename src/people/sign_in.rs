//! Coming in by a password, setting one by an invitation, and going out.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::secret::hash_of;
use super::{Admission, Password, People, Secret, SecretKind, Visitor};
use crate::access::{Person, Role, network};
use crate::audit::{Act, Attempted, Audited, Touched};
use crate::db::people::Account;
use crate::db::sessions::{self, Session, SessionKey};
use crate::db::sign_in_tries::{self, Tries};
use crate::db::{Ending, StoreError, Tx, locks, people};
use crate::domain::ids::uuid_at;
use crate::domain::name_and_address::email_key;
use crate::domain::{EmailAddress, PersonId};
use crate::request::{Field, Refusal, Violation};

/// So many wrong tries for one account from one address are looked at.
const MOST_TRIES: usize = 5;
/// For how long a wrong try counts.
const TRIES_COUNT_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What the audit trail calls it.
const SIGN_IN: &str = "signIn";
const SET_PASSWORD: &str = "setPassword";

const WRONG: Refusal = Refusal::Unauthenticated("The e-mail address or the password is wrong");
const NOT_INVITED: Refusal = Refusal::Unauthenticated(
    "This invitation does not count: it was used, or replaced, or is older than 7 days. An \
     administrator can make another one",
);

/// Who has signed in.
pub struct SignedIn {
    /// How they are let in.
    pub admission: Admission,
    /// The person.
    pub person: Person,
    /// What their browser is to show from now on.
    pub secret: Secret,
}

impl People {
    /// Begins a session for whoever knows the address and the password of somebody, from there. The
    /// words and the time are the same whether or not there is such an account.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`]; [`Refusal::TooManyTries`]; [`Refusal::Store`] when the database
    /// fails.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<SignedIn, Refusal> {
        let account_hash = account_hash(email);
        let address = network(visitor.address).to_string();
        let tries = Tries { account_hash: &account_hash, address: &address };
        let mut known = None;
        let outcome = async {
            self.note_try(tries).await?;
            let account = match EmailAddress::parse(email) {
                Ok(email) => people::account(self.db.read(), email.as_str()).await?,
                // Nobody has such an address, and the same is done for nobody.
                Err(_) => None,
            };
            known = account.as_ref().map(|account| account.person.id);
            let account = account.filter(|account| account.person.is_active());
            let hash = account.as_ref().and_then(|account| account.password_hash.clone());
            let is_right = self.hashing.is_right(Password::given(password), hash).await?;
            match account.filter(|_| is_right) {
                Some(account) => self.begin_session((tries, visitor), account).await,
                None => Err(WRONG),
            }
        };
        let outcome = outcome.await;
        self.tell(&outcome, visitor, known);
        outcome
    }

    /// Counts a try, before anybody looks whether it is right.
    async fn note_try(&self, tries: Tries<'_>) -> Result<(), Refusal> {
        let (now, id) = (self.now(), uuid_at(self.clock.now()));
        let since = now.saturating_sub(TRIES_COUNT_FOR).unwrap_or(Timestamp::MIN);
        let work = |tx: Tx| async move {
            locks::sign_in(&tx, tries.account_hash).await?;
            let made = sign_in_tries::since(&tx, tries, since).await?;
            if let Some(oldest) = made.len().checked_sub(MOST_TRIES).and_then(|at| made.get(at)) {
                let clear_at = oldest.saturating_add(TRIES_COUNT_FOR).unwrap_or(now);
                let wait = Duration::try_from(clear_at.duration_since(now)).unwrap_or_default();
                return Err(Refusal::TooManyTries {
                    retry_after: wait.max(Duration::from_secs(1)),
                });
            }
            sign_in_tries::note(&tx, id, tries, now).await?;
            Ok(Ending::Commit(()))
        };
        self.db.transaction("sign_in", work).await
    }

    async fn begin_session(
        &self,
        (tries, visitor): (Tries<'_>, &Visitor),
        Account { person, password_hash }: Account,
    ) -> Result<SignedIn, Refusal> {
        let (person, judged) = (&person, password_hash.as_deref());
        let still_right = async |tx: &Tx| {
            let account = people::account(tx, &person.email).await?;
            Ok::<_, StoreError>(account.filter(|account| {
                account.person.is_active() && account.password_hash.as_deref() == judged
            }))
        };
        let (secret, session) = self.new_session();
        let act = Act::on_object(&visitor.shown_to_be(person, None), SIGN_IN, &person.id);
        let work = |tx: Tx| {
            let (still_right, hash) = (&still_right, secret.hash());
            async move {
                // Whoever changes them has the same lock: their sessions end before this one begins, or
                // with all others.
                locks::people(&tx).await?;
                let Some(account) = still_right(&tx).await? else { return Err(WRONG) };
                sign_in_tries::take_back(&tx, tries).await?;
                sessions::insert(&tx, session.0, &hash, (account.person.id, None), session.1)
                    .await?;
                let touched = Touched::object(&account.person.id, Vec::new());
                Ok(Audited::Commit(account.person, touched))
            }
        };
        let unproved = |person| async { (person, None) };
        let person = self.trail.transaction("session_change", &act, work, unproved).await?;
        Ok(Self::signed_in((person, None), secret, session))
    }

    /// Begins a session for somebody who has come in otherwise, as by the clinic's identity provider, which
    /// may have given them another `role` than is noted here.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] for who may not come in; [`Refusal::Store`] when the database fails.
    pub async fn begin_session_of(
        &self,
        person: &Person,
        role: Option<Role>,
        (visitor, operation): (&Visitor, &'static str),
    ) -> Result<SignedIn, Refusal> {
        let (secret, session) = self.new_session();
        let act = Act::on_object(&visitor.shown_to_be(person, role), operation, &person.id);
        let hash = secret.hash();
        let work = |tx: Tx| async move {
            locks::people(&tx).await?;
            let person = people::find(&tx, person.id).await?.filter(Person::is_active);
            let Some(person) = person else { return Err(WRONG) };
            sessions::insert(&tx, session.0, &hash, (person.id, role), session.1).await?;
            let touched = Touched::object(&person.id, Vec::new());
            Ok(Audited::Commit(person, touched))
        };
        let unproved = |person| async { (person, None) };
        let person = self.trail.transaction("session_change", &act, work, unproved).await?;
        Ok(Self::signed_in((person, role), secret, session))
    }

    fn new_session(&self) -> (Secret, (uuid::Uuid, (Timestamp, Timestamp))) {
        let (now, id) = (self.now(), uuid_at(self.clock.now()));
        let ends_at = now.saturating_add(self.rules.at_most).unwrap_or(now);
        (Secret::generate(SecretKind::Session), (id, (now, ends_at)))
    }

    fn signed_in(
        (person, role): (Person, Option<Role>),
        secret: Secret,
        (id, (now, ends_at)): (uuid::Uuid, (Timestamp, Timestamp)),
    ) -> SignedIn {
        let session = Session { id, person: person.clone(), role, last_act_at: now, ends_at };
        SignedIn { admission: Self::admission_of(&session), person, secret }
    }

    /// Sets the password of whoever was invited. Their sessions end, and the invitation counts no more.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] for an invitation that does not count; [`Refusal::Invalid`] for a
    /// password that will not do; [`Refusal::Store`] when the database fails.
    pub async fn set_password(
        &self,
        invitation: &str,
        password: &str,
        visitor: &Visitor,
    ) -> Result<Person, Refusal> {
        let invited = hash_of(invitation.trim());
        let Some(person) = people::invited(self.db.read(), &invited, self.now()).await? else {
            self.turn_away(None, visitor, SET_PASSWORD, &NOT_INVITED);
            return Err(NOT_INVITED);
        };
        let act = &Act::on_object(&visitor.shown_to_be(&person, None), SET_PASSWORD, &person.id);
        let attempt = async {
            let password = Password::chosen(password, &person.email, &person.name);
            let password = password.map_err(|why| {
                let field = Field::Other("password".to_owned());
                Refusal::Invalid(vec![Violation::new(field, why)])
            })?;
            let hash = &self.hashing.hash(password).await?;
            let work = |tx: Tx| async move {
                locks::people(&tx).await?;
                let person =
                    people::invited(&tx, &invited, self.now()).await?.ok_or(NOT_INVITED)?;
                let after = Person { has_password: true, invited_until: None, ..person.clone() };
                self.write(&tx, (&person, after), "password", |tx, id| async move {
                    people::set_password(&tx, id, hash).await?;
                    sessions::end_all_of(&tx, id).await?;
                    Ok(())
                })
                .await
            };
            self.committed(act, work).await
        };
        self.trail.attempt(act, Box::pin(attempt)).await
    }

    /// Ends a session; whether there was one.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn sign_out(&self, secret: &str, visitor: &Visitor) -> Result<bool, Refusal> {
        let hash = &hash_of(secret);
        let Some(session) = sessions::find(self.db.read(), SessionKey::Hash(hash)).await? else {
            return Ok(false);
        };
        let id = session.person.id;
        let act =
            Act::on_object(&visitor.shown_to_be(&session.person, session.role), "signOut", &id);
        let work = |tx: Tx| async move {
            Ok::<_, Refusal>(if sessions::end(&tx, SessionKey::Hash(hash)).await? {
                Audited::Commit(true, Touched::object(&id, Vec::new()))
            } else {
                Audited::RollBack(false)
            })
        };
        let unproved = |ended| async move { (ended, None) };
        self.trail.transaction("session_change", &act, work, unproved).await
    }

    /// Counts how it went, and has the trail tell of who was not let in; of what was wrong the log says
    /// where it came from, and not for whom it was.
    fn tell(
        &self,
        outcome: &Result<SignedIn, Refusal>,
        visitor: &Visitor,
        known: Option<PersonId>,
    ) {
        let outcome = match outcome {
            Ok(_) => "signed_in",
            Err(refusal @ Refusal::Unauthenticated(_)) => {
                let from = visitor.address;
                tracing::warn!(client = %from, "A wrong password came from {from}");
                match known {
                    // Of each account so many are looked at, and there are so many accounts.
                    Some(_) => self.tell_turned_away(known, visitor, SIGN_IN, refusal),
                    None => self.turn_away(None, visitor, SIGN_IN, refusal),
                }
                "wrong"
            }
            Err(refusal @ Refusal::TooManyTries { .. }) => {
                self.turn_away(None, visitor, SIGN_IN, refusal);
                "throttled"
            }
            Err(_) => "failed",
        };
        metrics::counter!("clinic_sign_ins_total", "outcome" => outcome).increment(1);
    }

    /// Forgets sessions that have ended, and tries that count no more.
    pub(super) async fn forget_old(&self) -> Result<(), StoreError> {
        let now = self.now();
        let earlier = |by| now.saturating_sub(by).unwrap_or(Timestamp::MIN);
        let (idle_since, tried_before) = (earlier(self.rules.idle), earlier(TRIES_COUNT_FOR));
        let work = |tx: Tx| async move {
            sessions::forget_ended(&tx, now, idle_since).await?;
            sign_in_tries::forget_old(&tx, tried_before).await?;
            Ok(Ending::Commit(()))
        };
        self.db.transaction("access_forget", work).await
    }
}

/// What an account is counted by, whether or not there is one.
fn account_hash(email: &str) -> [u8; 32] {
    Sha256::new_with_prefix("sign in\0").chain_update(email_key(email.trim())).finalize().into()
}

impl Attempted for Person {
    fn is_replayed(&self) -> bool {
        false
    }
}
