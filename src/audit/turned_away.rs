//! Those who were not let in: nobody, as far as is known, from some address.

use std::net::IpAddr;
use std::sync::Arc;

use super::Trail;
use crate::access::Actor;
use crate::domain::AuditEventId;
use crate::domain::audit::{AuditEntry, AuditKind, AuditedCaller};
use crate::request::Refusal;

/// Somebody who was not let in.
#[derive(Debug, Clone)]
pub struct TurnedAway {
    /// What they tried.
    pub operation: &'static str,
    /// From where.
    pub address: IpAddr,
    /// How the log names the request.
    pub request_id: Option<Arc<str>>,
    /// As whom, where there is such a person: their id.
    pub object: Option<String>,
}

impl Trail {
    /// Has it written down that somebody was not let in. Nobody waits for that: nothing was done, and who
    /// is refused is told so in the same time whether or not there is such an account.
    pub fn turned_away(&self, who: TurnedAway, refusal: &Refusal) {
        let TurnedAway { operation, address, request_id, object } = who;
        let asking = Actor::system().asking(Some(address), request_id.as_deref());
        let id = AuditEventId::generate(self.now());
        self.record_later(AuditEntry {
            actor: nobody(),
            object,
            outcome: refusal.code().as_str().into(),
            ..self.blank(id, AuditKind::Change, &asking, operation)
        });
    }
}

/// Whoever has not shown who they are.
fn nobody() -> AuditedCaller {
    AuditedCaller { kind: "NOBODY".into(), id: None, name: None, role: "NONE".into() }
}
