//! Settling: bringing an appointment and the scheduling service to agree.
//!
//! What to call next follows from the appointment's state alone, so the request that wrote it and
//! whoever takes over after a crash do the same. A time is never freed while a call that may have
//! made an appointment outside is unanswered: that call is repeated under its key first.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::Instrument as _;

use super::calls::Answer;
use super::{BookingError, BookingService, Outcome};
use crate::db::outbox::{self, Lease};
use crate::db::settled::replace_and_settle;
use crate::db::{StoreError, appointments, commit};
use crate::domain::ids::uuid_at;
use crate::domain::{Appointment, AppointmentId, AppointmentStatus, TimeSlot};
use crate::scheduling::SchedulingError;

/// The longest pause between two tries, in seconds.
const LONGEST_PAUSE: i64 = 15;
/// After so many tries somebody should look.
const WORRYING_ATTEMPTS: i32 = 20;

/// An appointment whose time is held, and the right to settle it.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) appointment: Appointment,
    /// None when it is left to the outbox.
    pub(super) lease: Option<Lease>,
    /// The key of a call that may have made an appointment outside, while its answer is unknown.
    pub(super) unanswered_key: Option<String>,
    /// The names that the service is told, where whoever holds the time has read them.
    pub(super) names: Option<Names>,
}

/// Who sees whom, as the scheduling service is told.
#[derive(Clone)]
pub(super) struct Names {
    pub(super) provider: String,
    pub(super) patient: String,
}

/// An appointment on its way to be settled.
pub(super) struct Work {
    pub(super) appointment: Appointment,
    pub(super) lease: Lease,
    pub(super) unanswered_key: Option<String>,
    pub(super) attempts: i32,
    /// The next call is already noted as one that may have reached the service.
    pub(super) noted: bool,
    pub(super) names: Option<Names>,
    /// The outbox row went with the last answer.
    settled: bool,
    /// How often an unknown outcome is followed by another try at once.
    quick_retries: u8,
}

/// How far settling got.
struct Settled {
    appointment: Appointment,
    /// The service refused, for good.
    refused: bool,
}

/// What the state of an appointment asks for next.
enum Step {
    /// Nothing: both sides agree.
    Done,
    /// Nothing is left outside, so the time may be freed.
    Close,
    Reserve {
        slot: TimeSlot,
        key: String,
    },
    Move {
        external_id: String,
        slot: TimeSlot,
        key: String,
    },
    Cancel {
        external_id: String,
        key: String,
    },
}

/// The key of the first call for an appointment.
pub(super) fn reserve_key(id: AppointmentId) -> String {
    format!("{id}:reserve:1")
}

fn next_step(appointment: &Appointment, unanswered_key: Option<&str>) -> Step {
    let key_of =
        |operation: &str| format!("{}:{operation}:{}", appointment.id, appointment.version);
    match (appointment.status, unanswered_key, &appointment.external_id, appointment.moving_to) {
        (AppointmentStatus::Pending, ..) => {
            Step::Reserve { slot: appointment.slot, key: reserve_key(appointment.id) }
        }
        // The service did not know what was to be moved: it is being booked there anew.
        (AppointmentStatus::Confirmed, Some(key), _, Some(slot)) => {
            Step::Reserve { slot, key: key.to_owned() }
        }
        (AppointmentStatus::Confirmed, None, Some(external_id), Some(slot)) => {
            Step::Move { external_id: external_id.clone(), slot, key: key_of("move") }
        }
        (AppointmentStatus::Cancelling, Some(key), _, moving_to) => {
            Step::Reserve { slot: moving_to.unwrap_or(appointment.slot), key: key.to_owned() }
        }
        (AppointmentStatus::Cancelling, None, Some(external_id), _) => {
            Step::Cancel { external_id: external_id.clone(), key: key_of("cancel") }
        }
        (AppointmentStatus::Cancelling, None, None, _) => Step::Close,
        _ => Step::Done,
    }
}

impl BookingService {
    pub(super) fn new_lease(&self, now: Timestamp) -> Lease {
        Lease { token: uuid_at(now), until: now.saturating_add(self.rules.lease).unwrap_or(now) }
    }

    /// Settles what this request holds, and answers when that is done or when the caller has
    /// waited long enough: then the work goes on without it.
    pub(super) async fn settle_in_time(
        self: &Arc<Self>,
        held: Held,
    ) -> Result<Outcome, BookingError> {
        let as_held = Ok(Outcome { appointment: held.appointment.clone(), replayed: false });
        let Some(lease) = held.lease else {
            return as_held;
        };
        let work = Work {
            appointment: held.appointment,
            lease,
            unanswered_key: held.unanswered_key,
            attempts: 1,
            noted: true,
            names: held.names,
            settled: false,
            quick_retries: 1,
        };
        let service = Arc::clone(self);
        let under_way = Arc::clone(&self.settling).read_owned().await;
        let settling = async move {
            let settled = service.settle(work).await;
            drop(under_way);
            settled
        };
        let task = tokio::spawn(settling.in_current_span());
        match tokio::time::timeout(self.rules.answer_within, task).await {
            Ok(Ok(Ok(Settled { appointment, refused: false }))) => {
                Ok(Outcome { appointment, replayed: false })
            }
            Ok(Ok(Ok(Settled { appointment, refused: true }))) => {
                Err(BookingError::SchedulingRefused {
                    appointment: Box::new(appointment),
                    replayed: false,
                })
            }
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, "Could not store the scheduling service's answer; the outbox will");
                as_held
            }
            Ok(Err(_panicked)) => as_held,
            Err(_elapsed) => as_held,
        }
    }

    /// Settles one appointment of the outbox under `lease`.
    pub(super) async fn settle_leased(
        &self,
        id: AppointmentId,
        lease: Lease,
    ) -> Result<(), StoreError> {
        let appointment = appointments::find(self.db.read(), id).await?;
        let unsettled = outbox::find(self.db.read(), id).await?;
        let (Some(appointment), Some(unsettled)) = (appointment, unsettled) else {
            return Ok(());
        };
        let mut work = Work {
            appointment,
            lease,
            unanswered_key: unsettled.unanswered_key,
            attempts: unsettled.attempts,
            noted: false,
            names: None,
            settled: false,
            quick_retries: 0,
        };
        self.give_up_if_overdue(&mut work).await?;
        self.settle(work).await.map(|_settled| ())
    }

    /// A time is not held for ever for a booking that the service does not answer.
    async fn give_up_if_overdue(&self, work: &mut Work) -> Result<(), StoreError> {
        let (now, booked) = (self.now(), &work.appointment);
        let deadline = booked.created_at.saturating_add(self.rules.hold_for).unwrap_or(now);
        let overdue = now >= deadline.min(booked.slot.starts_at());
        if booked.status != AppointmentStatus::Pending || !overdue {
            return Ok(());
        }
        let given_up = if work.unanswered_key.is_none() {
            booked.expired(now)
        } else {
            booked.cancelling(AppointmentStatus::Expired, None, now)
        };
        self.record(work, given_up, work.unanswered_key.clone()).await.map(|_recorded| ())
    }

    async fn settle(&self, mut work: Work) -> Result<Settled, StoreError> {
        loop {
            let now = self.now();
            let answer = match next_step(&work.appointment, work.unanswered_key.as_deref()) {
                Step::Done => return self.finish(work).await,
                Step::Close => {
                    let closed = work.appointment.closed(now);
                    self.record(&mut work, closed, None).await?;
                    return Ok(Settled { appointment: work.appointment, refused: false });
                }
                Step::Reserve { slot, key } => self.reserve(&mut work, slot, key).await?,
                Step::Move { external_id, slot, key } => {
                    self.move_outside(&mut work, &external_id, slot, &key).await?
                }
                Step::Cancel { external_id, key } => {
                    self.cancel_outside(&mut work, &external_id, &key).await?
                }
            };
            match answer {
                Answer::GoOn => {}
                Answer::Refused => {
                    return Ok(Settled { appointment: work.appointment, refused: true });
                }
                Answer::Lost => return self.as_others_left_it(work).await,
                Answer::Unknown(error)
                    if work.quick_retries > 0 && error != SchedulingError::NotSent =>
                {
                    work.quick_retries -= 1;
                    tokio::time::sleep(Duration::from_millis(rand::random_range(50..150))).await;
                }
                Answer::Unknown(error) => return self.put_off(work, &error).await,
            }
        }
    }

    pub(super) async fn call_made_nothing(&self, work: &mut Work) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let still_ours = outbox::answered(&tx, work.appointment.id, work.lease).await?;
        commit(tx).await?;
        work.unanswered_key = None;
        Ok(still_ours)
    }

    /// Stores an answer, unless the appointment was changed meanwhile: then false. The outbox row
    /// goes with it when nothing is left to be called.
    pub(super) async fn record(
        &self,
        work: &mut Work,
        after: Appointment,
        unanswered_key: Option<String>,
    ) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let (before, lease) = (&work.appointment, work.lease);
        let agreed = matches!(next_step(&after, unanswered_key.as_deref()), Step::Done);
        let still_ours = if agreed {
            replace_and_settle(&tx, before, &after, lease).await?
        } else {
            appointments::replace(&tx, before, &after).await?
                && (unanswered_key.is_some() || outbox::answered(&tx, after.id, lease).await?)
        };
        if !still_ours {
            tx.roll_back().await?;
            return Ok(false);
        }
        self.commit_change(tx).await?;
        metrics::counter!("clinic_appointments_total", "status" => after.status.as_str())
            .increment(1);
        tracing::info!(
            appointment.id = %after.id,
            status = after.status.as_str(),
            "Appointment {} is {}", after.id, after.status.as_str()
        );
        work.appointment = after;
        work.unanswered_key = unanswered_key;
        work.settled = agreed;
        Ok(true)
    }

    /// Both sides agree: only the outbox row is left to remove, if it is still there.
    async fn finish(&self, work: Work) -> Result<Settled, StoreError> {
        if work.settled {
            return Ok(Settled { appointment: work.appointment, refused: false });
        }
        let tx = self.db.begin().await?;
        outbox::settle(&tx, work.appointment.id, work.lease).await?;
        commit(tx).await?;
        Ok(Settled { appointment: work.appointment, refused: false })
    }

    async fn put_off(&self, work: Work, error: &SchedulingError) -> Result<Settled, StoreError> {
        let id = work.appointment.id;
        match error {
            SchedulingError::Rejected { .. } => {
                tracing::error!(appointment.id = %id, %error, "Nothing can be confirmed: check the credentials");
            }
            // Held for as long as it takes, but not in silence.
            _ if work.attempts >= WORRYING_ATTEMPTS => {
                tracing::error!(appointment.id = %id, %error, "Still can't settle {id}: its time stays held");
            }
            SchedulingError::NotSent => {
                tracing::debug!(appointment.id = %id, "Waiting for the scheduling service to settle {id}");
            }
            _ => tracing::warn!(appointment.id = %id, %error, "Trying again later to settle {id}"),
        }
        let now = self.now();
        // Nothing was sent: when the breaker closes, everything is made due at once.
        let not_sent = matches!(error, SchedulingError::NotSent);
        let longest = 1_i64.checked_shl(work.attempts.unsigned_abs()).unwrap_or(LONGEST_PAUSE);
        let longest = if not_sent { LONGEST_PAUSE } else { longest.clamp(1, LONGEST_PAUSE) };
        let pause = rand::random_range(1..=longest);
        let due_at = now.saturating_add(SignedDuration::from_secs(pause)).unwrap_or(now);
        let tx = self.db.begin().await?;
        outbox::put_off(&tx, id, work.lease, due_at, &error.to_string()).await?;
        commit(tx).await?;
        Ok(Settled { appointment: work.appointment, refused: false })
    }

    /// Somebody else changed the appointment meanwhile and settles it now.
    async fn as_others_left_it(&self, work: Work) -> Result<Settled, StoreError> {
        let stored = appointments::find(self.db.read(), work.appointment.id).await?;
        Ok(Settled { appointment: stored.unwrap_or(work.appointment), refused: false })
    }
}
