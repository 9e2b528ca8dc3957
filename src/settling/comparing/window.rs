//! Comparing a window of the two books, and all of them.

use std::collections::HashMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::finding::{Comparison, ComparisonError, Difference, Report, is_same};
use crate::access::Actor;
use crate::db::{StoreError, appointments, given_up, outbox};
use crate::domain::{
    Appointment, AppointmentFilter, AppointmentId, AppointmentPosition, AppointmentStatus, Page,
    TimeSlot,
};
use crate::scheduling::ExternalAppointment;
use crate::settling::Settling;

const PAGE: u64 = 200;
const AT_ONCE: usize = 8;
/// So far back what we may have forgotten is looked for, if our own book begins later.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(31 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the service lists of a window, by reference.
type Listed = HashMap<String, Vec<ExternalAppointment>>;

impl Settling {
    /// Compares the whole book with the scheduling service's, day after day, for `actor`. What can't be
    /// looked up there is a finding like others.
    ///
    /// # Errors
    ///
    /// [`ComparisonError`]; of the service only when it has answered nothing at all.
    pub async fn reconcile(&self, actor: &Actor) -> Result<Report, ComparisonError> {
        actor.require_machine()?;
        let (mut from, until) = self.whole_book().await?;
        let mut report = Report::default();
        while from < until {
            let to = end_of_day(from);
            report.add(self.compare_window(from, to).await?);
            from = to;
            // One that is never answered is a finding; a service that answers nobody is none.
            if let Some(error) = report.silence() {
                return Err(error.clone().into());
            }
        }
        Ok(report)
    }

    /// From when until when anybody may have a visit.
    async fn whole_book(&self) -> Result<(Timestamp, Timestamp), StoreError> {
        let now = self.now();
        let horizon = self.parts.roster.directory().await?.horizon_ends_at(now);
        let end = async |backward| {
            let page = Page { backward, ..Page::first(1) };
            let rows = appointments::page(self.db().read(), &of_any_status(None), page).await?;
            Ok::<_, StoreError>(rows.first().map(|row| row.slot))
        };
        let (first, last) = (end(false).await?, end(true).await?);
        let back = now.saturating_sub(LOOK_BACK).unwrap_or(now);
        let from = first.map_or(back, |slot| slot.starts_at().min(back));
        let until = last.map_or(horizon, |slot| slot.ends_at().max(horizon));
        Ok((start_of_day(from), until))
    }

    /// Compares what begins in a half-open window. When the service does not answer for it, that is all
    /// the report says.
    pub(super) async fn compare_window(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Report, StoreError> {
        let mut report = Report::default();
        // What the service holds is asked first: it knows of nothing that we have not stored before.
        let mut listed = match self.parts.scheduling.list(from, to).await {
            Ok(Some(listed)) => Some(by_reference(listed)),
            Ok(None) => None,
            Err(error) => {
                report.not_listed.push((from, error));
                return Ok(report);
            }
        };
        (report.one_way, report.listed) = (listed.is_none(), usize::from(listed.is_some()));
        let Ok(window) = TimeSlot::new(from, to) else { return Ok(report) };
        let mut page = Page::first(PAGE);
        loop {
            let ours =
                appointments::page(self.db().read(), &of_any_status(Some(window)), page).await?;
            page.after = ours.last().map(AppointmentPosition::of);
            let (mut doubtful, mut ours_alone) = (Vec::new(), Vec::new());
            for appointment in ours.into_iter().filter(|ours| from <= ours.slot.starts_at()) {
                if appointment.kept_here {
                    let id = appointment.id;
                    let is_listed = |listed: &mut Listed| listed.remove(&id.to_string()).is_some();
                    if listed.as_mut().is_none_or(is_listed) {
                        ours_alone.push(id);
                    }
                    continue;
                }
                match judged(&appointment, listed.as_mut()) {
                    Some(comparison) => report.note(comparison),
                    None => doubtful.push(appointment.id),
                }
            }
            // What is kept here alone is nobody else's to hold, unless a service was left with it.
            doubtful.extend(given_up::among(self.db().read(), &ours_alone).await?);
            self.look_up(doubtful, &mut report).await?;
            if page.after.is_none() {
                break;
            }
        }
        // What is left is of visits that are elsewhere in our book, or nowhere, or none of ours.
        let strangers = listed.unwrap_or_default().into_keys();
        let strangers = strangers.filter_map(|reference| reference.parse().ok()).collect();
        self.look_up(strangers, &mut report).await?;
        Ok(report)
    }

    async fn look_up(
        &self,
        ids: Vec<AppointmentId>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        report.looked_up += ids.len();
        let compared: Vec<Comparison> = stream::iter(ids)
            .map(|id| self.compare_one(id))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for comparison in compared {
            report.note(comparison);
        }
        Ok(())
    }

    /// Compares one by its reference.
    pub(super) async fn compare_one(&self, id: AppointmentId) -> Result<Comparison, StoreError> {
        let before = appointments::find(self.db().read(), id).await?;
        let outside = self.parts.scheduling.find(&id.to_string()).await;
        // Read again after the service was asked: what changed meanwhile is under way.
        let now = appointments::find(self.db().read(), id).await?;
        let version = |one: &Option<Appointment>| one.as_ref().map(|one| one.version);
        if let Some(ours) = now.as_ref().filter(|now| now.kept_here) {
            let is_given_up = !given_up::among(self.db().read(), &[id]).await?.is_empty();
            return Ok(match outside {
                Ok(outside) if is_given_up => Comparison::given_up(ours, outside),
                _ => Comparison::Same,
            });
        }
        let is_settled = now.as_ref().is_none_or(is_settled)
            && outbox::find(self.db().read(), id).await?.is_none();
        if version(&before) != version(&now) || !is_settled {
            return Ok(Comparison::UnderWay);
        }
        Ok(match outside {
            Ok(outside) => Comparison::of(id, now.as_ref(), outside),
            Err(error) => {
                Comparison::differs(id, Difference::NotLookedUp(error), now.as_ref(), Vec::new())
            }
        })
    }
}

/// What a list says of one of our own, which is taken out of it; `None` where it takes a look-up.
fn judged(ours: &Appointment, listed: Option<&mut Listed>) -> Option<Comparison> {
    let listed = listed?;
    let held = listed.remove(&ours.id.to_string()).unwrap_or_default();
    if !is_settled(ours) {
        return Some(Comparison::UnderWay);
    }
    match held.as_slice() {
        [] if !ours.is_scheduled() => Some(Comparison::Same),
        [held] if ours.is_scheduled() && is_same(ours, held) => Some(Comparison::Same),
        _ => None,
    }
}

fn is_settled(appointment: &Appointment) -> bool {
    appointment.status.is_final() || (appointment.is_scheduled() && !appointment.is_on_the_move())
}

fn by_reference(listed: Vec<ExternalAppointment>) -> Listed {
    let mut by_reference = Listed::new();
    for one in listed.into_iter().filter(|one| !one.cancelled) {
        by_reference.entry(one.reference.clone()).or_default().push(one);
    }
    by_reference
}

/// All there are in a window, whatever became of them.
fn of_any_status(window: Option<TimeSlot>) -> AppointmentFilter {
    let statuses = Some(AppointmentStatus::ALL.to_vec());
    AppointmentFilter { window, statuses, ..AppointmentFilter::default() }
}

/// The midnight in UTC before a moment.
fn start_of_day(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(DAY.as_secs())).unwrap_or(at)
}

/// The midnight in UTC after a moment.
pub(super) fn end_of_day(at: Timestamp) -> Timestamp {
    start_of_day(at).checked_add(DAY).unwrap_or(Timestamp::MAX)
}
