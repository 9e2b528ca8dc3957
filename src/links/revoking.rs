//! Having the links of a visit open nothing any more.

use super::Links;
use crate::access::{Actor, Permission};
use crate::audit::{Act, Audited, Touched};
use crate::booking::Outcome;
use crate::db::idempotency::Made;
use crate::db::{Tx, appointments, look_again, visit_links};
use crate::domain::{Appointment, AppointmentId};
use crate::request::{
    FieldReader, IdempotencyKey, Refusal, Resource, fingerprint, parse_appointment_id,
};
use crate::retry::Retry;

/// Have the links of a visit open nothing any more.
#[derive(Debug, Clone)]
pub struct RevokeVisitLink {
    /// Whose.
    pub appointment_id: AppointmentId,
    /// Makes a retry safe.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl RevokeVisitLink {
    /// Reads what a door received.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`], else [`Refusal::NotFound`] for a malformed id.
    pub fn parse(appointment_id: &str, idempotency_key: Option<&str>) -> Result<Self, Refusal> {
        let mut fields = FieldReader::default();
        let idempotency_key = fields.key(idempotency_key);
        fields.finish()?;
        Ok(Self { appointment_id: parse_appointment_id(appointment_id)?, idempotency_key })
    }

    fn fingerprint(&self) -> String {
        fingerprint(&["revoke visit link", &self.appointment_id.to_string()])
    }
}

impl Links {
    /// Has all links of a visit open nothing any more, for `actor`. Where there is none that does, nothing changes. A
    /// mail that is sent later has a new one.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`]; [`Refusal::NotFound`]; [`Refusal::Store`] when the database fails.
    pub async fn revoke(
        &self,
        actor: &Actor,
        command: &RevokeVisitLink,
    ) -> Result<Outcome, Refusal> {
        let id = command.appointment_id;
        let act = &Act::on_appointment(actor, "revokeVisitLink", id);
        let fingerprint = command.fingerprint();
        let key = command.idempotency_key.as_ref();
        let retry = Retry { actor, key, fingerprint: &fingerprint };
        let attempt = async {
            actor.require_all(Permission::MergePatients)?;
            let request = async {
                let work = |tx: Tx| async move { self.revoke_in(&tx, id, retry).await };
                let proof = |visit: Appointment| async move {
                    let any = look_again(|| visit_links::any_opens(self.db().read(), id)).await;
                    (visit, any.ok().map(|any| !any))
                };
                let trail = &self.parts.trail;
                let appointment = trail.transaction("visit_link_revoke", act, work, proof).await?;
                Ok(Outcome { appointment, replayed: false })
            };
            let again = |made| async move {
                let Made::Appointment(id, _) = made else { return Err(Refusal::KeyReused) };
                let found = appointments::find(self.db().read(), id).await?;
                let appointment = found.ok_or(Refusal::NotFound(Resource::Appointment))?;
                Ok(Outcome { appointment, replayed: true })
            };
            retry.once(self.db(), request, again).await
        };
        self.parts.trail.attempt(act, Box::pin(attempt)).await
    }

    async fn revoke_in(
        &self,
        tx: &Tx,
        id: AppointmentId,
        retry: Retry<'_>,
    ) -> Result<Audited<Appointment>, Refusal> {
        let visit = appointments::find(tx, id).await?;
        let visit = visit.ok_or(Refusal::NotFound(Resource::Appointment))?;
        if visit_links::revoke_of(tx, id, self.now()).await? == 0 {
            return Ok(Audited::RollBack(visit));
        }
        retry.claim(tx, Made::Appointment(id, Some(visit.version)), self.now()).await?;
        let touched =
            Touched { fields: vec!["links"], appointments: [id].into(), ..Touched::default() };
        Ok(Audited::Commit(visit, touched))
    }
}
