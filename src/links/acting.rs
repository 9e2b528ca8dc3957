//! What a patient does with their visit.

use jiff::Timestamp;

use super::opening::is_called_off;
use super::{Links, OpenVisit};
use crate::audit::Act;
use crate::booking::command::{RawOverrule, RawVisit};
use crate::booking::{CancelAppointment, Outcome, RescheduleAppointment};
use crate::db::appointments;
use crate::domain::Appointment;
use crate::domain::time_slot::parse_rfc3339;
use crate::patients::UpdatePatient;
use crate::request::{ErrorCode, ExpectedVersion, Field, Refusal, Violation};

impl Links {
    /// Cancels the visit, as it was when a page of that version showed it. One that is cancelled stays so.
    ///
    /// # Errors
    ///
    /// [`Refusal::CutoffPassed`]; those of any cancelling.
    pub async fn cancel(&self, open: &OpenVisit, version: Option<i32>) -> Result<(), Refusal> {
        if open.is_cancellable || open.has_begun() {
            self.before_cutoff(open, "cancelAppointment").await?;
        }
        let seen = version.filter(|_| !open.is_called_off());
        let command = CancelAppointment::parse(which(open, seen), None)?;
        let done = self.parts.booking.change(&open.actor, &command).await;
        self.unless_it_is_so(open, done, is_called_off).await
    }

    /// Moves the visit, as it was when a page of that version showed it, to the time that the page offered, as it was
    /// written there: RFC 3339. Answers that time.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] for what is none of them; [`Refusal::CutoffPassed`]; those of any move.
    pub async fn reschedule(
        &self,
        open: &OpenVisit,
        (time, version): (&str, Option<i32>),
    ) -> Result<Timestamp, Refusal> {
        let Some(starts_at) = parse_rfc3339(time) else {
            return Err(self.refused(open, "rescheduleAppointment", none_of_them()).await);
        };
        let is_so = |visit: &Appointment| visit.asked_slot().starts_at() == starts_at;
        // Sent twice, it is on its way there already.
        if is_so(&open.visit) {
            return Ok(starts_at);
        }
        if open.is_movable || open.has_begun() {
            self.before_cutoff(open, "rescheduleAppointment").await?;
        }
        // Where it has changed meanwhile, that is what is said.
        let is_as_shown = version.is_none_or(|version| version == open.visit.version);
        if open.is_movable && is_as_shown && self.is_off_the_grid(open, starts_at).await? {
            return Err(self.refused(open, "rescheduleAppointment", none_of_them()).await);
        }
        let (time, overrule) = (Some(starts_at), RawOverrule::default());
        let which = which(open, version);
        let command = RescheduleAppointment::parse(which, time, None, &overrule)?;
        let done = self.parts.booking.change(&open.actor, &command).await;
        self.unless_it_is_so(open, done, is_so).await?;
        Ok(starts_at)
    }

    /// What came of a change; done as well where the same was sent twice at once, and the other was faster.
    async fn unless_it_is_so(
        &self,
        open: &OpenVisit,
        done: Result<Outcome, Refusal>,
        is_so: impl Fn(&Appointment) -> bool,
    ) -> Result<(), Refusal> {
        match done {
            Err(refusal) if refusal.code() == ErrorCode::VersionConflict => {
                let now = appointments::find(self.db().read(), open.visit.id).await?;
                if now.is_some_and(|visit| is_so(&visit)) { Ok(()) } else { Err(refusal) }
            }
            done => done.map(drop),
        }
    }

    /// Says whether the patient is reminded of visits.
    ///
    /// # Errors
    ///
    /// Those of any correction of a patient.
    pub async fn set_reminders(&self, open: &OpenVisit, on: bool) -> Result<(), Refusal> {
        let command = UpdatePatient::of_reminders(open.patient.id, on);
        self.parts.patients.update(&open.actor, &command).await.map(drop)
    }

    async fn before_cutoff(
        &self,
        open: &OpenVisit,
        operation: &'static str,
    ) -> Result<(), Refusal> {
        if !open.is_past_cutoff() {
            return Ok(());
        }
        let contact = self.parts.rules.contact.clone();
        Err(self.refused(open, operation, Refusal::CutoffPassed { contact }).await)
    }

    /// The refusal, once it is written down.
    async fn refused(
        &self,
        open: &OpenVisit,
        operation: &'static str,
        refusal: Refusal,
    ) -> Refusal {
        let act = Act::on_appointment(&open.actor, operation, open.visit.id);
        self.parts.trail.refused(&act, &refusal).await;
        refusal
    }
}

fn which(open: &OpenVisit, version: Option<i32>) -> RawVisit {
    let expected = ExpectedVersion::of_field(version.map(i64::from));
    RawVisit { id: open.visit.id.to_string(), expected, ..RawVisit::default() }
}

fn none_of_them() -> Refusal {
    let why = "must be one of the times that are offered";
    Refusal::Invalid(vec![Violation::new(Field::StartsAt, why)])
}
