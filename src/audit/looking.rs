//! Looking something up in the trail, for whoever may.

use jiff::Timestamp;

use super::Trail;
use crate::access::{Actor, Permission};
use crate::db::audit;
use crate::domain::audit::{AppointmentChange, AuditFilter, AuditPosition, StoredAuditEntry};
use crate::domain::{AppointmentId, AuditEventId, Page, ProviderId};
use crate::request::Refusal;

/// How many rows are read at once for a whole list.
const AT_ONCE: u64 = 1000;

impl Trail {
    /// One page of rows by time, for `actor`.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn events(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: Page<AuditPosition>,
    ) -> Result<Vec<StoredAuditEntry>, Refusal> {
        actor.require(Permission::ReadAuditTrail)?;
        self.find_what_was_just_written(filter).await?;
        Ok(audit::page(self.db.read(), filter, page).await?)
    }

    /// How many rows there are, for `actor`.
    ///
    /// # Errors
    ///
    /// As [`events`](Self::events).
    pub async fn count_events(&self, actor: &Actor, filter: &AuditFilter) -> Result<u64, Refusal> {
        actor.require(Permission::ReadAuditTrail)?;
        self.find_what_was_just_written(filter).await?;
        Ok(audit::count(self.db.read(), filter).await?)
    }

    /// The row of that id, for `actor`; none for whom the trail is not to see.
    ///
    /// # Errors
    ///
    /// [`Refusal::Store`] when the database fails.
    pub async fn event(
        &self,
        actor: &Actor,
        id: AuditEventId,
    ) -> Result<Option<StoredAuditEntry>, Refusal> {
        if actor.require(Permission::ReadAuditTrail).is_err() {
            return Ok(None);
        }
        Ok(audit::find(self.db.read(), id).await?)
    }

    /// What happened to each of those appointments, in order, for `actor`, who may see them; those whose
    /// history they may not see are left out.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] where they may see none; [`Refusal::Store`] when the database fails.
    pub async fn history(
        &self,
        actor: &Actor,
        appointments: &[(AppointmentId, ProviderId)],
    ) -> Result<Vec<AppointmentChange>, Refusal> {
        let grant = actor.require(Permission::ReadHistory)?;
        let reached = appointments.iter().filter(|(_, provider)| grant.reaches(*provider));
        let ids: Vec<AppointmentId> = reached.map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(audit::changes_of(self.db.read(), &ids).await?)
    }

    /// Hands every row from one moment until before another to `take`, by time, for `actor`; says how
    /// many there were.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::Store`] when the database fails.
    pub async fn export(
        &self,
        actor: &Actor,
        (from, to): (Option<Timestamp>, Option<Timestamp>),
        mut take: impl FnMut(&StoredAuditEntry),
    ) -> Result<u64, Refusal> {
        actor.require(Permission::ReadAuditTrail)?;
        let filter = AuditFilter { from, to, ..AuditFilter::default() };
        let (mut count, mut after) = (0, None);
        loop {
            let page = Page { after, ..Page::first(AT_ONCE) };
            let rows = audit::page(self.db.read(), &filter, page).await?;
            let Some(last) = rows.last() else { return Ok(count) };
            after = Some(AuditPosition { at: last.entry.at, number: last.number });
            for row in &rows {
                take(row);
                count += 1;
            }
        }
    }

    /// The rows of somebody are found by the blocks of seals that they occur in.
    async fn find_what_was_just_written(&self, filter: &AuditFilter) -> Result<(), Refusal> {
        let by_block = filter.actor_id.is_some()
            || filter.object_id.is_some()
            || filter.patient.is_some()
            || filter.appointment.is_some();
        if by_block { Ok(self.seal().await?) } else { Ok(()) }
    }
}
