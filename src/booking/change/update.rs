//! Correcting what is written down of a visit: why the patient comes, where they are, who pays, and what
//! kind of visit it is. The scheduling service knows of none of these, and is not told.

use std::sync::Arc;

use super::not_changed;
use super::plain::{Becomes, PlainChange, Whose};
use super::visit_change::{Changer, VisitChange};
use crate::access::Permission;
use crate::booking::Booking;
use crate::booking::command::{UpdateAppointment, WhichVisit};
use crate::booking::outcome::Outcome;
use crate::db::{Tx, locks};
use crate::domain::insurance::payer_key;
use crate::domain::{Appointment, Directory, PayerId, VisitDetails, VisitTypeId};
use crate::request::{AskedVisitType, FieldChange, Refusal, Resource, payer_named};
use crate::search::may_treat;

impl VisitChange for UpdateAppointment {
    const OPERATION: &'static str = "updateAppointment";
    const WORD: &'static str = "update";
    const TRANSACTION: &'static str = "update";
    const PERMISSION: Permission = Permission::Book;

    fn visit(&self) -> &WhichVisit {
        &self.visit
    }

    fn told(&self) -> Vec<String> {
        let parts = [
            self.reason.told("reason", String::clone),
            self.state.map(|state| format!("state {}", state.code())),
            self.insurance.as_ref().map(|name| format!("insurance {}", payer_key(name))),
            self.visit_type.told("kind", AskedVisitType::fingerprint),
        ];
        parts.into_iter().flatten().collect()
    }

    async fn begin(&self, booking: &Booking, by: Changer<'_>) -> Result<Outcome, Refusal> {
        booking.change_plainly(by, self).await
    }
}

impl PlainChange for UpdateAppointment {
    type Seen = Wanted;

    async fn look(&self, booking: &Booking) -> Result<Wanted, Refusal> {
        let directory = booking.parts.roster.directory().await?;
        let payer = self.insurance.as_deref().map(|name| payer_named(&directory, name));
        let payer = payer.transpose()?;
        let kind = match &self.visit_type {
            FieldChange::Stays => FieldChange::Stays,
            FieldChange::Cleared => FieldChange::Cleared,
            FieldChange::Is(asked) => FieldChange::Is(asked.find(&directory)?.id),
        };
        Ok(Wanted { directory, payer, kind })
    }

    /// A visit that is scheduled, begun or over as well: what was written down wrongly is corrected when it is
    /// found. Not while the scheduling service has not answered, for then it is changed already, nor after
    /// it has ended otherwise.
    async fn becomes(
        &self,
        booking: &Booking,
        tx: &Tx,
        before: &Appointment,
        wanted: &Wanted,
    ) -> Result<Option<Becomes>, Refusal> {
        let (now, settled) = (booking.now(), before.is_scheduled() && !before.is_on_the_move());
        if !settled {
            return Err(not_changed(before.clone(), false, now));
        }
        let after = before.corrected(self.details(before, wanted), now);
        if after.details() == before.details() {
            return Ok(None);
        }
        booking.match_anew(tx, (before, &after), &wanted.directory).await?;
        Ok(Some(Becomes { after, whose: Whose::Ours }))
    }
}

/// What the roster makes of what is asked for.
pub(in crate::booking) struct Wanted {
    directory: Arc<Directory>,
    payer: Option<PayerId>,
    kind: FieldChange<VisitTypeId>,
}

impl UpdateAppointment {
    /// What is written down of the visit, with what is given in its place.
    fn details(&self, before: &Appointment, wanted: &Wanted) -> VisitDetails {
        VisitDetails {
            reason: self.reason.clone().over(before.reason.clone()),
            state: self.state.unwrap_or(before.state),
            payer_id: wanted.payer.unwrap_or(before.payer_id),
            visit_type_id: wanted.kind.clone().over(before.visit_type_id),
        }
    }
}

impl Booking {
    /// Whether the provider of the visit, as they are now, may see the patient on its day where that is
    /// another matter now, and offers what it is now.
    async fn match_anew(
        &self,
        tx: &Tx,
        (before, after): (&Appointment, &Appointment),
        directory: &Directory,
    ) -> Result<(), Refusal> {
        let as_before = (before.state, before.payer_id) == (after.state, after.payer_id);
        let same_kind = before.visit_type_id == after.visit_type_id;
        if as_before && same_kind {
            return Ok(());
        }
        // As with a booking: edits of the provider are before all of this or after.
        let (id, on) = (after.provider_id, after.slot.starts_at());
        locks::wait(tx, after.patient_id, id).await?;
        let provider = self.parts.roster.provider_under_lock(tx, directory, id).await?;
        let provider = provider.ok_or(Refusal::NotFound(Resource::Provider))?;
        if !as_before {
            let fits = may_treat(&provider, after.state, after.payer_id, (on, on));
            fits.map_err(Refusal::NotEligible)?;
        }
        if !same_kind && !provider.offers(after.visit_type_id) {
            return Err(Refusal::VisitTypeNotOffered);
        }
        Ok(())
    }
}
