//! Whoever wants to come in, before they have shown who they are.

use std::net::IpAddr;
use std::sync::Arc;

use super::People;
use crate::access::{Actor, Caller, Person, Role};
use crate::audit::TurnedAway;
use crate::domain::PersonId;
use crate::request::Refusal;

/// Whoever wants to come in, and has not shown yet who they are.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// From where.
    pub address: IpAddr,
    /// How the log names the request.
    pub request_id: Option<Arc<str>>,
}

impl Visitor {
    /// The same, who has shown to be that person, in that role if it is not the one noted of them.
    pub(super) fn shown_to_be(&self, person: &Person, role: Option<Role>) -> Actor {
        let caller = Caller::Person { id: person.id, name: person.name.as_str().into() };
        let actor = Actor::new(caller, role.unwrap_or(person.role), person.provider_id);
        self.asking(actor)
    }

    /// That actor, with this request.
    pub(super) fn asking(&self, actor: Actor) -> Actor {
        actor.asking(Some(self.address), self.request_id.as_deref())
    }
}

impl People {
    /// Has the trail tell that somebody was not let in, as that person if they are one; unless there were
    /// many of there.
    pub(super) fn turn_away(
        &self,
        person: Option<PersonId>,
        visitor: &Visitor,
        operation: &'static str,
        refusal: &Refusal,
    ) {
        if self.strangers.is_one_more_told(visitor.address) {
            self.tell_turned_away(person, visitor, operation, refusal);
        }
    }

    /// The same however many there were, where that is limited otherwise.
    pub(super) fn tell_turned_away(
        &self,
        person: Option<PersonId>,
        visitor: &Visitor,
        operation: &'static str,
        refusal: &Refusal,
    ) {
        let Visitor { address, request_id } = visitor.clone();
        let object = person.map(|id| id.to_string());
        let who = TurnedAway { operation, address, request_id, object };
        self.trail.turned_away(who, refusal);
    }
}
