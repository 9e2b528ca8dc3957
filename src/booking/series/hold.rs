//! The transaction that holds the times of a series: under the locks each is judged and written in turn, so that
//! the next one is judged beside it.

use std::sync::Arc;

use jiff::Timestamp;

use super::outcome::SeriesRequest;
use crate::booking::Booking;
use crate::booking::attempt::write;
use crate::booking::command::BookSeries;
use crate::booking::plan::BookingPlan;
use crate::changes::{Change, Changed};
use crate::db::{Tx, locks, series};
use crate::domain::{AppointmentId, AppointmentSeries, Patient, Provider, SeriesId, TimeSlot};
use crate::request::{Refusal, When};
use crate::search::{TimeOfDay, VisitWish, may_treat};
use crate::settling::{Handover, Names, tell};

/// What is held: its visits are to be settled.
pub(super) type HeldSeries = (SeriesId, Vec<Handover>);

impl Booking {
    /// Holds all times of a series, or none: then none is answered.
    ///
    /// # Errors
    ///
    /// [`Refusal::TooManyOpenVisits`]; [`Refusal::KeyInUse`].
    pub(super) async fn hold_series(
        &self,
        plan: &BookingPlan<'_>,
        asked: (&BookSeries, SeriesRequest<'_>),
        slots: &[TimeSlot],
    ) -> Result<Option<HeldSeries>, Refusal> {
        let known = self.who_is_meant(&plan.command.patient).await?;
        let known = known.as_ref();
        let Some(provider_id) = plan.command.provider_id else {
            return Err(Refusal::bug("a series without a provider"));
        };
        let work = |tx| async move { self.hold_series_in(&tx, plan, asked, (known, slots)).await };
        self.db().check_rules()?;
        let _room = self.db().room_for(provider_id.uuid()).await?;
        let held = self.parts.changes.transaction("series_book", plan.act, work).await?;
        let all = held.iter().flat_map(|(_, handovers)| handovers);
        for handover in all.filter(|handover| handover.appointment.kept_here) {
            tell(&handover.appointment);
        }
        Ok(held)
    }

    async fn hold_series_in(
        &self,
        tx: &Tx,
        plan: &BookingPlan<'_>,
        (command, request): (&BookSeries, SeriesRequest<'_>),
        (known, slots): (Option<&Patient>, &[TimeSlot]),
    ) -> Result<Change<Option<HeldSeries>>, Refusal> {
        let now = self.now();
        let id = SeriesId::generate(now);
        self.claim_for_series(tx, plan.actor, request, id).await?;
        let (patient, is_new) = self.patient_of(tx, plan, known, now).await?;
        let Some(provider_id) = plan.command.provider_id else { return Ok(Change::None(None)) };
        locks::wait(tx, patient.id, provider_id).await?;
        // A series is as one visit: it was booked at once.
        if !is_new || patient.birth_date.is_some() {
            self.may_have_one_more(tx, patient.id, plan.own, now).await?;
        }
        let found = self.provider_under_lock(tx, plan, provider_id).await?;
        let Some((provider, _)) = found else { return Ok(Change::None(None)) };
        let (mut handovers, mut changed) = (Vec::new(), Vec::new());
        for slot in slots {
            let whom = (&provider, &patient);
            let Some(held) = self.hold_one_of(tx, plan, whom, (*slot, now)).await? else {
                return Ok(Change::None(None));
            };
            changed.push(Changed::new(&held.appointment).with(id));
            handovers.push(held);
        }
        let new = AppointmentSeries {
            id,
            version: 1,
            rule: command.rule.clone(),
            accepts_part: command.accepts_part,
            refused_visit: None,
            created_at: now,
            updated_at: now,
        };
        Self::note_clock(tx, known, &patient).await?;
        series::insert(tx, &new, handovers.iter().map(|held| held.appointment.id)).await?;
        Ok(Change::Made(Some((id, handovers)), changed))
    }

    /// Holds one of the times; none where it can't be had.
    async fn hold_one_of(
        &self,
        tx: &Tx,
        plan: &BookingPlan<'_>,
        (provider, patient): (&Arc<Provider>, &Patient),
        (slot, now): (TimeSlot, Timestamp),
    ) -> Result<Option<Handover>, Refusal> {
        let at = slot.starts_at();
        let (state, payer) = (plan.patient.state, plan.patient.payer);
        if may_treat(provider, state, payer, (at, at)).is_err() {
            return Ok(None);
        }
        let time_of_day = TimeOfDay::Any;
        let wish =
            VisitWish { patient: Some(patient.id), from: at, shape: plan.shape, time_of_day };
        let (who, when) = ((Arc::clone(provider), None), (When::At(at), wish));
        let search = &self.parts.search;
        if search.free_under_lock(tx, &plan.candidates, who, when, &[]).await?.is_none() {
            return Ok(None);
        }
        let visit_id = AppointmentId::generate(now);
        let visit = self.new_visit(plan, visit_id, (provider.id, patient.id), (slot, now));
        // Leased to this request, which calls the service once its turn has come: until then nothing is sent.
        let settling = &self.parts.settling;
        let lease = settling.is_available_for(provider.id).then(|| settling.new_lease(now));
        let unsettled = (!visit.kept_here).then(|| settling.untold(&visit, lease));
        if !write(tx, plan, (&visit, unsettled.as_ref()), now).await? {
            return Ok(None);
        }
        let Some(unsettled) = unsettled else {
            return Ok(Some(self.confirm_here(tx, plan.act, &visit, now).await?));
        };
        let names = Names::new(provider.name.clone(), patient.name.clone());
        Ok(Some(Handover {
            appointment: visit,
            by: plan.act.principal(),
            lease: unsettled.lease,
            unanswered_key: None,
            late_until: None,
            names: Some(names.map_err(Refusal::missing)?),
        }))
    }
}
