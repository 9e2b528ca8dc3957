//! Storing what came of a call: the answer, that there was none, or that a call is about to be made.

use jiff::{SignedDuration, Timestamp};

use super::Settling;
use super::asking::TOO_EARLY;
use super::work::{Settlement, Work, tell};
use crate::audit::Act;
use crate::changes::{Change, Changed};
use crate::db::idempotency;
use crate::db::outbox::{self, PutOff};
use crate::db::refused_times;
use crate::db::settlement::replace_and_settle;
use crate::db::{Ending, StoreError, Tx, appointments};
use crate::domain::next_step::{NextStep, next_step};
use crate::domain::{Appointment, AppointmentStatus, LateRefusal};
use crate::scheduling::{SchedulingError, TIMEOUT, Trouble};

/// The longest pause between two tries of what is not in trouble itself, in seconds: the service is.
const PAUSE_OF_ALL: i64 = 15;
/// The longest pause between two tries of what fails by itself, in seconds.
const LONGEST_PAUSE: i64 = 300;
/// After so many tries in vain, and again after as many, somebody should look.
const WORRYING_FAILURES: i32 = 8;

impl Settling {
    /// Stores an answer, unless the appointment was changed meanwhile: then false. The outbox row
    /// goes with it when nothing is left to be called; `refusal` is noted for whoever repeats the
    /// request that began it.
    pub(super) async fn record(
        &self,
        work: &mut Work,
        after: Appointment,
        unanswered_key: Option<String>,
        refusal: Option<LateRefusal>,
    ) -> Result<bool, StoreError> {
        let agreed = matches!(next_step(&after, unanswered_key.as_deref()), NextStep::Nothing);
        let answered = unanswered_key.is_none();
        let record = |tx: Tx| {
            let (before, lease, after) = (&work.appointment, work.lease, &after);
            async move {
                let lost = refusal.filter(|_| before.status == AppointmentStatus::Pending);
                let undone = match lost {
                    Some(why) => self.undo_others(&tx, before, why).await?,
                    None => Vec::new(),
                };
                let still_ours = if agreed {
                    replace_and_settle(&tx, before, after, lease).await?
                } else {
                    appointments::replace(&tx, before, after).await?
                        && (!answered || outbox::answered(&tx, after.id, lease).await?)
                };
                if !still_ours {
                    return Ok::<_, StoreError>(Change::None(false));
                }
                if refusal == Some(LateRefusal::Refused) {
                    let (provider, slot) = (before.asked_provider(), before.asked_slot());
                    refused_times::remember(&tx, provider, slot, after.updated_at).await?;
                }
                if let Some(refusal) = refusal {
                    idempotency::note_refusal(&tx, before.id, before.version, refusal).await?;
                }
                let own = Changed::from(before, after);
                Ok(Change::Made(true, [vec![own], undone].concat()))
            }
        };
        let act = Act::of_the_system("settle", work.by.clone());
        if !self.parts.changes.transaction("settle_record", &act, record).await? {
            return Ok(false);
        }
        // What had ended before reaches nothing anew.
        if !work.appointment.status.is_final() {
            tell(&after);
        }
        work.appointment = after;
        if answered {
            work.late_until = None;
        }
        work.unanswered_key = unanswered_key;
        work.settled = agreed;
        // It got further: what is next is another matter.
        work.failures = 0;
        Ok(true)
    }

    /// Both sides agree: only the outbox row is left to remove, if it is still there.
    pub(super) async fn finish(&self, work: Work) -> Result<Settlement, StoreError> {
        if !work.settled {
            let (id, lease) = (work.appointment.id, work.lease);
            let settle =
                |tx| async move { outbox::remove(&tx, id, lease).await.map(Ending::Commit) };
            self.db().transaction("settle_finish", settle).await?;
        }
        Ok(Settlement { appointment: work.appointment, refused: None, settled: true })
    }

    /// Notes before a call that it may reach the service, and the key if it may make an appointment
    /// there; false when the lease was lost.
    pub(super) async fn note_attempt(
        &self,
        work: &mut Work,
        may_create_under: Option<&str>,
    ) -> Result<bool, StoreError> {
        let (id, lease, late_until) = (work.appointment.id, work.lease, self.late_until());
        let note = |tx| async move {
            outbox::about_to_call(&tx, id, lease, may_create_under, late_until)
                .await
                .map(Ending::Commit)
        };
        let still_ours = self.db().transaction("settle_call", note).await?;
        if let Some(key) = may_create_under {
            work.unanswered_key = Some(key.to_owned());
        }
        Ok(still_ours)
    }

    /// Notes that the unanswered call has made nothing outside; false when the lease was lost.
    pub(super) async fn note_unmade(&self, work: &mut Work) -> Result<bool, StoreError> {
        let (id, lease) = (work.appointment.id, work.lease);
        let note = |tx| async move { outbox::answered(&tx, id, lease).await.map(Ending::Commit) };
        let still_ours = self.db().transaction("settle_unmade_call", note).await?;
        (work.unanswered_key, work.late_until) = (None, None);
        Ok(still_ours)
    }

    /// Gives the appointment back for another try later: the service gave no answer.
    pub(super) async fn put_off(
        &self,
        mut work: Work,
        error: &SchedulingError,
    ) -> Result<Settlement, StoreError> {
        let is_of_all = match error {
            // Nothing was tried: it is due as it was.
            SchedulingError::NotSent => {
                let id = work.appointment.id;
                tracing::debug!(appointment.id = %id, "Waiting for the scheduling service to settle {id}");
                let now = self.now();
                return self.give_back(work, now, Some(&error.to_string())).await;
            }
            // It is no use before, and no fault of the visit's.
            SchedulingError::Unknown { cause: TOO_EARLY, .. } => {
                let when = work.late_until.unwrap_or_else(|| self.now());
                return self.give_back(work, when, Some(&error.to_string())).await;
            }
            // Where it does not answer in time, this visit may be what it chokes on, and what keeps others
            // from being told.
            SchedulingError::Unknown { cause: TIMEOUT, .. } => false,
            // The service is ill for everybody, or it is not, and then this is about one visit or provider.
            SchedulingError::Unknown { trouble: Trouble::Service, .. } => {
                self.parts.scheduling.is_ill()
            }
            _ => false,
        };
        if is_of_all {
            let pause = rand::random_range(1..=PAUSE_OF_ALL);
            return self.give_back(work, self.in_seconds(pause), Some(&error.to_string())).await;
        }
        let pause = Self::fail(&mut work);
        let (id, failures) = (work.appointment.id, work.failures);
        if failures % WORRYING_FAILURES == 0 {
            // For as long as it takes, but not in silence.
            tracing::error!(appointment.id = %id, %error, "Still can't settle {id} after {failures} tries: see clinic outbox");
        } else {
            tracing::warn!(appointment.id = %id, %error, "Trying again later to settle {id}");
        }
        self.give_back(work, self.in_seconds(pause), Some(&error.to_string())).await
    }

    /// Gives the appointment back for another try later: the service can't be told of whom it is
    /// about.
    pub(super) async fn put_off_unnamed(
        &self,
        mut work: Work,
        missing: &'static str,
    ) -> Result<Settlement, StoreError> {
        let id = work.appointment.id;
        tracing::error!(appointment.id = %id, missing, "Can't settle {id}: there is no {missing}");
        let why = format!("not told outside: there is no {missing}");
        let pause = Self::fail(&mut work);
        self.give_back(work, self.in_seconds(pause), Some(&why)).await
    }

    /// Counts a try in vain; answers for how many seconds to pause after it, twice as long each time.
    fn fail(work: &mut Work) -> i64 {
        work.failures = work.failures.saturating_add(1);
        let doubled = 1_i64.checked_shl(work.failures.unsigned_abs()).unwrap_or(LONGEST_PAUSE);
        let longest = doubled.clamp(2, LONGEST_PAUSE);
        rand::random_range(longest / 2..=longest)
    }

    fn in_seconds(&self, seconds: i64) -> Timestamp {
        let now = self.now();
        now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
    }

    /// Gives the appointment back to whoever comes when it is due.
    pub(super) async fn give_back(
        &self,
        work: Work,
        due_at: Timestamp,
        why: Option<&str>,
    ) -> Result<Settlement, StoreError> {
        let (id, lease) = (work.appointment.id, work.lease);
        let ends_at = self.ends_at(&work.appointment, work.unanswered_key.as_deref());
        let (failures, late_until) = (work.failures, work.late_until);
        let how = PutOff { due_at, ends_at, failures, late_until, why };
        let put_off =
            |tx| async move { outbox::put_off(&tx, id, lease, how).await.map(Ending::Commit) };
        self.db().transaction("settle_put_off", put_off).await?;
        Ok(Settlement { appointment: work.appointment, refused: None, settled: false })
    }
}
