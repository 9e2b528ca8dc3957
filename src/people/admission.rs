//! Letting somebody in by what they show: a session or a token, looked up at each request, so that
//! whatever was changed about them counts for the next one.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::People;
use super::secret::hash_of;
use crate::access::{Actor, Caller, Person, Role, Token};
use crate::db::sessions::{self, Session, SessionKey};
use crate::db::{Ending, StoreError, Tx, people, tokens};
use crate::domain::{PersonId, TokenId};
use crate::request::Refusal;

/// Acts that follow each other closer are noted as one: a session ends so much early at most.
const ACT_NOTED_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// What somebody has shown to come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// Nothing that could change while the server runs: open access, or a token of the settings.
    Settings,
    /// A session of that id.
    Session(Uuid),
    /// A token.
    Token(TokenId),
    /// A statement of the clinic's identity provider about that person, as long as it says.
    Statement {
        /// About whom.
        person: PersonId,
        /// What it says that they are, where that counts in place of what is noted here.
        role: Option<Role>,
        /// From when on it counts no more.
        until: Timestamp,
    },
}

/// Who was let in, and by what.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Who.
    pub actor: Actor,
    /// By what.
    pub credential: Credential,
}

impl Admission {
    /// Somebody whom the settings let in.
    pub fn by_settings(actor: Actor) -> Self {
        Self { actor, credential: Credential::Settings }
    }
}

impl People {
    /// Who shows that secret of a session, if it lasts. `is_act`: whether a person does something by
    /// it, so that it lasts on.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn admit_session(
        &self,
        secret: &str,
        is_act: bool,
    ) -> Result<Option<Admission>, Refusal> {
        let session = sessions::find(self.db.read(), SessionKey::Hash(&hash_of(secret))).await?;
        let now = self.now();
        let Some(session) = session.filter(|session| now < self.ends_at(session)) else {
            return Ok(None);
        };
        if is_act && now.duration_since(session.last_act_at) >= ACT_NOTED_EVERY {
            let id = session.id;
            self.note(move |tx: Tx| async move { sessions::note_act(&tx, id, now).await }).await;
        }
        Ok(Some(Self::admission_of(&session)))
    }

    /// Who shows that secret of a token, if it opens anything.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn admit_token(&self, secret: &str) -> Result<Option<Admission>, Refusal> {
        let token = tokens::by_secret(self.db.read(), &hash_of(secret)).await?;
        let now = self.now();
        let Some(token) = token.filter(|token| token.is_live(now)) else { return Ok(None) };
        if tokens::use_is_due(&token, now) {
            let id = token.id;
            self.note(move |tx: Tx| async move { tokens::note_use(&tx, id, now).await }).await;
        }
        let credential = Credential::Token(token.id);
        Ok(Some(Admission { actor: bearer_of(&token), credential }))
    }

    /// Writes down a use. Who is let in does not hang on it: a database that takes no writes still
    /// answers what can be read.
    async fn note<Fut>(&self, write: impl Fn(Tx) -> Fut)
    where
        Fut: Future<Output = Result<(), StoreError>>,
    {
        let write = &write;
        let work = |tx: Tx| async move {
            write(tx).await?;
            Ok::<_, StoreError>(Ending::Commit(()))
        };
        if let Err(error) = self.db.transaction("access_noted", work).await {
            tracing::warn!(%error, "When somebody was here last could not be written down");
        }
    }

    pub(super) fn admission_of(session: &Session) -> Admission {
        let person = &session.person;
        let caller = Caller::Person { id: person.id, name: person.name.as_str().into() };
        let role = session.role.unwrap_or(person.role);
        let actor = Actor::new(caller, role, person.provider_id);
        Admission { actor, credential: Credential::Session(session.id) }
    }

    /// From when on a session is none any more; for ever past when its person was disabled.
    fn ends_at(&self, session: &Session) -> Timestamp {
        if !session.person.is_active() {
            return Timestamp::MIN;
        }
        let idle_at = session.last_act_at.saturating_add(self.rules.idle);
        idle_at.unwrap_or(Timestamp::MAX).min(session.ends_at)
    }

    /// What the bearer of a credential is now, and until when it counts; nothing where it counts no
    /// more.
    pub(super) async fn stands(
        &self,
        credential: Credential,
    ) -> Result<Option<(Actor, Timestamp)>, StoreError> {
        let (db, now) = (self.db.read(), self.now());
        let stands = match credential {
            Credential::Settings => None,
            Credential::Session(id) => {
                let session = sessions::find(db, SessionKey::Id(id)).await?;
                session.map(|session| (Self::admission_of(&session).actor, self.ends_at(&session)))
            }
            Credential::Token(id) => tokens::find(db, id).await?.map(|token| {
                let until = if token.revoked_at.is_some() {
                    Some(Timestamp::MIN)
                } else {
                    token.expires_at
                };
                (bearer_of(&token), until.unwrap_or(Timestamp::MAX))
            }),
            Credential::Statement { person, role, until } => {
                let person = people::find(db, person).await?;
                person.filter(Person::is_active).map(|person| {
                    let caller = Caller::Person { id: person.id, name: person.name.into() };
                    (Actor::new(caller, role.unwrap_or(person.role), person.provider_id), until)
                })
            }
        };
        Ok(stands.filter(|(_, until)| now < *until))
    }
}

fn bearer_of(token: &Token) -> Actor {
    let caller = Caller::Token { id: token.id, name: token.name.as_str().into() };
    Actor::new(caller, token.role, token.provider_id)
}
