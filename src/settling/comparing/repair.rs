//! Mending what differs between the two books. Our book is the truth: the service is told again how we
//! have a visit, or to cancel what we do not have.
//!
//! Telling it again is a move of the visit to its own time, through the outbox like any other, so that
//! servers beside it keep their hands off, and one of them goes on with it after a crash.

use std::fmt;
use std::sync::Arc;

use tokio::time::Instant;

use super::finding::{Comparison, ComparisonError, Difference, Finding};
use crate::access::Actor;
use crate::audit::{Act, caller};
use crate::changes::Change;
use crate::db::outbox::{self, OutboxEntry};
use crate::db::{StoreError, Tx, appointments};
use crate::domain::audit::AuditedCaller;
use crate::domain::ids::uuid_at;
use crate::domain::{Appointment, AppointmentId, AppointmentStatus};
use crate::request::Refusal;
use crate::scheduling::SchedulingError;
use crate::settling::{Handover, Settling};
use crate::traces::spans;

/// What mends a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Have the service book it anew: it holds nothing of it.
    BookAnew,
    /// Tell the service again when, for how long and with whom it is.
    TellAgain {
        /// The id under which the service holds it, where we have another.
        adopt: Option<String>,
    },
    /// Cancel these outside.
    CancelOutside(Vec<String>),
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BookAnew => f.write_str("book it outside anew"),
            Self::TellAgain { adopt: None } => f.write_str("change it outside to what it is here"),
            Self::TellAgain { adopt: Some(id) } => {
                write!(f, "take over its id {id}, and change it outside to what it is here")
            }
            Self::CancelOutside(ids) => write!(f, "cancel {} outside", ids.join(" and ")),
        }
    }
}

/// What came of mending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mended {
    /// The books agree about it.
    Done,
    /// Nothing was changed, or not all of it, and this is why.
    NotDone(String),
}

impl Finding {
    /// What mends it; `None` where somebody has to see to it, because neither book can be believed.
    pub fn remedy(&self) -> Option<Remedy> {
        let ids = || self.outside.iter().map(|held| held.external_id.clone());
        let own = self.ours.as_ref().and_then(|ours| ours.external_id.as_ref());
        match (&self.difference, self.outside.as_slice()) {
            (Difference::MissingOutside, _) => Some(Remedy::BookAnew),
            (Difference::Elsewhere, [held]) => {
                let adopt = (Some(&held.external_id) != own).then(|| held.external_id.clone());
                Some(Remedy::TellAgain { adopt })
            }
            (Difference::HeldTwice, _)
                if self.ours.as_ref().is_some_and(|ours| ours.is_scheduled) =>
            {
                let others: Vec<String> = ids().filter(|id| Some(id) != own).collect();
                // Without ours among them nobody knows which is to stay.
                (others.len() < self.outside.len()).then_some(Remedy::CancelOutside(others))
            }
            (
                Difference::Orphan
                | Difference::GivenUp
                | Difference::Forgotten
                | Difference::HeldTwice,
                [_, ..],
            ) => Some(Remedy::CancelOutside(ids().collect())),
            _ => None,
        }
    }
}

impl Settling {
    /// Mends a difference, unless it is another by now.
    ///
    /// # Errors
    ///
    /// [`ComparisonError::Forbidden`]; [`ComparisonError::Store`] when the database fails.
    pub async fn mend(
        self: &Arc<Self>,
        actor: &Actor,
        finding: &Finding,
        remedy: &Remedy,
    ) -> Result<Mended, ComparisonError> {
        actor.require_machine()?;
        let id = finding.appointment_id;
        let begun = finding.ours.as_ref().is_some_and(|ours| ours.starts_at <= self.now());
        if begun {
            return Ok(not_done("it has begun"));
        }
        // Anybody may have mended or changed it since.
        match self.compare_one(id).await? {
            Comparison::Differs(now) if *now == *finding => {}
            _ => return Ok(not_done("it is not so any more")),
        }
        Ok(match remedy {
            Remedy::BookAnew => self.tell_again(id, None).await?,
            Remedy::TellAgain { adopt } => self.tell_again(id, adopt.clone()).await?,
            Remedy::CancelOutside(external_ids) => {
                self.cancel_all_outside(finding, external_ids).await?
            }
        })
    }

    async fn tell_again(
        self: &Arc<Self>,
        id: AppointmentId,
        adopt: Option<String>,
    ) -> Result<Mended, StoreError> {
        let begin = |tx: Tx| {
            let adopt = adopt.clone();
            async move { self.begin_to_tell_again(&tx, id, adopt).await }
        };
        let act = Act::of_the_system("reconcile", Some(operator()));
        let handover = match self.parts.changes.transaction("reconcile_tell", &act, begin).await {
            Ok(Some(handover)) => handover,
            Ok(None) => return Ok(not_done("it has changed meanwhile")),
            Err(StoreError::ExternalIdTaken) => {
                return Ok(not_done("another visit here has that id: mend that one first"));
            }
            Err(error) => return Err(error),
        };
        let deadline = Instant::now() + self.answer_within();
        Ok(match self.settle_by(handover, deadline).await {
            Ok(after) if after.is_scheduled() && !after.is_on_the_move() => Mended::Done,
            Ok(_) => not_done("the service has not answered; a server goes on with it"),
            Err(Refusal::SchedulingRefused { .. }) => not_done("the service refuses"),
            Err(_) => not_done("it could not be settled; a server goes on with it"),
        })
    }

    async fn begin_to_tell_again(
        &self,
        tx: &Tx,
        id: AppointmentId,
        adopt: Option<String>,
    ) -> Result<Change<Option<Handover>>, StoreError> {
        let now = self.now();
        let before = appointments::find(tx, id).await?.filter(|before| {
            before.status == AppointmentStatus::Confirmed
                && !before.is_on_the_move()
                && !before.has_begun(now)
        });
        let Some(before) = before else { return Ok(Change::None(None)) };
        let external_id = adopt.or_else(|| before.external_id.clone());
        let after = Appointment { external_id, ..before.moving(before.slot, now) };
        if outbox::find(tx, id).await?.is_some()
            || !appointments::replace(tx, &before, &after).await?
        {
            return Ok(Change::None(None));
        }
        let lease = self.new_lease(now);
        let unsettled = OutboxEntry {
            appointment_id: id,
            attempts: 1,
            unanswered_key: None,
            lease: Some(lease),
            failures: 0,
            asked_for_by: spans::current(),
            ends_at: self.ends_at(&after, None),
            late_until: Some(self.late_until()),
        };
        outbox::put(tx, &unsettled, now, now).await?;
        let handover = Handover {
            appointment: after.clone(),
            by: operator(),
            lease: Some(lease),
            unanswered_key: None,
            late_until: None,
            names: None,
        };
        Ok(Change::from(Some(handover), &before, &after))
    }

    async fn cancel_all_outside(
        &self,
        finding: &Finding,
        external_ids: &[String],
    ) -> Result<Mended, StoreError> {
        let id = finding.appointment_id;
        for external_id in external_ids {
            // A service that mixes its ids up must not have us cancel what somebody else has.
            let whose = appointments::with_external_id(self.db().read(), external_id).await?;
            if whose.is_some_and(|whose: Appointment| whose.id != id || whose.is_scheduled()) {
                return Ok(not_done(&format!("{external_id} is the id of another visit here")));
            }
            // Cancelling is the same however often it is done, so that a key of its own will do.
            let key = format!("{id}:repair:{}", uuid_at(self.now()).simple());
            let held = finding.outside.iter().find(|held| held.external_id == *external_id);
            let provider = held.and_then(|held| held.provider_reference.as_deref());
            let provider = provider.unwrap_or_default();
            match self.parts.scheduling.cancel(external_id, provider, &key).await {
                Ok(()) | Err(SchedulingError::NotFound) => {}
                Err(error) => return Ok(not_done(&format!("{external_id}: {error}"))),
            }
        }
        Ok(Mended::Done)
    }
}

/// Whoever has the two books compared.
fn operator() -> AuditedCaller {
    caller(&Actor::operator())
}

fn not_done(why: &str) -> Mended {
    Mended::NotDone(why.to_owned())
}
