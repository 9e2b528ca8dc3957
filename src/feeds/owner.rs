//! Whose a feed is, and what they may see now: a feed ends with the rights of its owner.

use std::collections::HashMap;

use super::{FeedKeepers, Feeds};
use crate::access::{Actor, Caller, Forbidden, Grant, Permission, Person, Token};
use crate::db::{StoreError, people, tokens};
use crate::domain::{CalendarFeed, FeedOwner, ProviderId};

/// The owner of a feed.
#[derive(Clone)]
pub(super) struct Owner {
    /// What they are called, where they are a person or a token.
    pub(super) name: Option<String>,
    /// What they may do; nothing where they may not come in any more.
    pub(super) actor: Option<Actor>,
}

impl Owner {
    /// Nobody any more, or nobody who ever was.
    pub(super) const NOBODY: Self = Self { name: None, actor: None };

    /// What they may have of a provider's feed now; none where they may have none of it.
    pub(super) fn reach(&self, feed: &CalendarFeed) -> Option<Reach> {
        let actor = self.actor.as_ref().filter(|_| feed.revoked_at.is_none())?;
        reach(actor, feed.provider_id).ok()
    }
}

/// How much somebody may have in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// The visits and their patients.
    Patients,
    /// The visits.
    Visits,
}

/// How much an actor may have in a feed of that provider.
pub(super) fn reach(actor: &Actor, provider: ProviderId) -> Result<Reach, Forbidden> {
    let grant = actor.require(Permission::ManageFeeds)?;
    if !grant.reaches(provider) || !actor.require(Permission::ReadAppointments)?.reaches(provider) {
        return Err(Forbidden);
    }
    let sees_patients = actor.patients_for(Permission::ReadPatients).is_ok();
    let is_masked = grant == Grant::WithoutPatients || !sees_patients;
    Ok(if is_masked { Reach::Visits } else { Reach::Patients })
}

/// Whose a feed is that the actor has made.
pub(super) fn owner_of(actor: &Actor) -> Result<FeedOwner, Forbidden> {
    match actor.caller {
        Caller::Person { id, .. } => Ok(FeedOwner::Person(id)),
        Caller::Token { id, .. } => Ok(FeedOwner::Token(id)),
        Caller::ApiToken => Ok(FeedOwner::ApiToken),
        Caller::Everybody => Ok(FeedOwner::Everybody),
        Caller::MetricsReader | Caller::PatientLink(_) | Caller::Operator | Caller::System => {
            Err(Forbidden)
        }
    }
}

impl Feeds {
    /// An owner as they are now.
    pub(super) async fn owner(&self, owner: FeedOwner) -> Result<Owner, StoreError> {
        let db = self.db().read();
        Ok(match owner {
            FeedOwner::Person(id) => {
                people::find(db, id).await?.map_or(Owner::NOBODY, |person| of_person(&person))
            }
            FeedOwner::Token(id) => {
                tokens::find(db, id).await?.map_or(Owner::NOBODY, |token| self.of_token(&token))
            }
            FeedOwner::ApiToken | FeedOwner::Everybody => self.of_settings(owner),
        })
    }

    /// All owners of those feeds as they are now, however many there are by two reads at most.
    pub(super) async fn owners(
        &self,
        feeds: &[CalendarFeed],
    ) -> Result<HashMap<FeedOwner, Owner>, StoreError> {
        let (db, is_any) =
            (self.db().read(), |is: fn(FeedOwner) -> bool| feeds.iter().any(|feed| is(feed.owner)));
        let mut owners = HashMap::new();
        if is_any(|owner| matches!(owner, FeedOwner::Person(_))) {
            let people = people::all(db).await?;
            let each =
                people.iter().map(|person| (FeedOwner::Person(person.id), of_person(person)));
            owners.extend(each);
        }
        if is_any(|owner| matches!(owner, FeedOwner::Token(_))) {
            let tokens = tokens::all(db).await?;
            owners.extend(
                tokens.iter().map(|token| (FeedOwner::Token(token.id), self.of_token(token))),
            );
        }
        for owner in [FeedOwner::ApiToken, FeedOwner::Everybody] {
            owners.insert(owner, self.of_settings(owner));
        }
        Ok(owners)
    }

    fn of_token(&self, token: &Token) -> Owner {
        let caller = Caller::Token { id: token.id, name: token.name.as_str().into() };
        let actor = token.is_live(self.now());
        let actor = actor.then(|| Actor::new(caller, token.role, token.provider_id));
        Owner { name: Some(token.name.clone()), actor }
    }

    fn of_settings(&self, owner: FeedOwner) -> Owner {
        let FeedKeepers { everybody, api_token } = self.parts.keepers;
        let actor = match owner {
            FeedOwner::Everybody => everybody.then(Actor::anonymous),
            FeedOwner::ApiToken => api_token.then(Actor::token_holder),
            FeedOwner::Person(_) | FeedOwner::Token(_) => None,
        };
        Owner { name: None, actor }
    }
}

/// What counts is what is noted of them here: nobody says at a reading what the identity provider holds them to be.
fn of_person(person: &Person) -> Owner {
    let caller = Caller::Person { id: person.id, name: person.name.as_str().into() };
    let actor = person.is_active().then(|| Actor::new(caller, person.role, person.provider_id));
    Owner { name: Some(person.name.clone()), actor }
}
