//! What pages say to patients, in plain words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::domain::AppointmentStatus;
use crate::domain::spoken_time::{spoken_clock, spoken_day, spoken_zone};
use crate::domain::time_slot::{parse_rfc3339, rfc3339};
use crate::links::OpenVisit;
use crate::request::{ErrorCode, Refusal};

/// A moment in one sentence, without its zone.
pub(super) fn moment(zone: &TimeZone, at: Timestamp) -> String {
    format!("{} at {}", spoken_day(zone, at), spoken_clock(zone, at))
}

/// The same with its zone.
pub(super) fn moment_and_zone(zone: &TimeZone, at: Timestamp) -> String {
    format!("{}, {}", moment(zone, at), spoken_zone(zone, at))
}

/// Where a visit stands.
#[derive(Serialize)]
pub(super) struct Status {
    label: &'static str,
    /// How it looks: `on`, `waiting` or `off`.
    tone: &'static str,
    more: Vec<String>,
}

/// Where a visit stands, as its patient reads it on their clock.
pub(super) fn status(open: &OpenVisit, zone: &TimeZone) -> Status {
    let visit = &open.visit;
    let (label, tone) = match visit.status {
        AppointmentStatus::Pending => ("Being confirmed", "waiting"),
        _ if visit.is_on_the_move() && visit.status == AppointmentStatus::Confirmed => {
            ("Being moved", "waiting")
        }
        AppointmentStatus::Confirmed | AppointmentStatus::CheckedIn => ("Confirmed", "on"),
        AppointmentStatus::Completed => ("Over", "on"),
        AppointmentStatus::NoShow => ("Missed", "off"),
        AppointmentStatus::Cancelling if !open.is_called_off() => ("Not booked", "off"),
        AppointmentStatus::Cancelling | AppointmentStatus::Cancelled => ("Cancelled", "off"),
        AppointmentStatus::Failed | AppointmentStatus::Expired => ("Not booked", "off"),
    };
    let more = match label {
        "Being confirmed" => {
            vec!["The time is kept for you. Look here again in some minutes.".to_owned()]
        }
        "Being moved" => {
            let to = moment_and_zone(zone, visit.asked_slot().starts_at());
            let with = open.next_provider.as_ref();
            let with = with.map(|next| format!(", with {}", next.name)).unwrap_or_default();
            vec![format!(
                "Being moved to {to}{with}. Until that is confirmed, keep the time below."
            )]
        }
        "Not booked" => vec!["The clinic could not confirm this time.".to_owned()],
        _ => Vec::new(),
    };
    Status { label, tone, more }
}

/// What was done, by the word that the page was called with and the time that was asked for, as far as it is so: an
/// address says what it was made for, whoever calls it, and whenever.
pub(super) fn done(
    (word, to): (Option<&str>, Option<&str>),
    open: &OpenVisit,
) -> Option<&'static str> {
    let visit = &open.visit;
    let to = to.and_then(|text| parse_rfc3339(text).filter(|at| rfc3339(*at) == text));
    let is_on = visit.status == AppointmentStatus::Confirmed;
    let is_there = is_on && !visit.is_on_the_move() && to == Some(visit.slot.starts_at());
    let is_asked_for =
        is_on && visit.is_on_the_move() && to == Some(visit.asked_slot().starts_at());
    Some(match word? {
        "cancelled" if open.is_called_off() => "Your visit is cancelled.",
        "moved" if is_there => "Your visit has its new time.",
        "accepted" if is_there => "The time is yours.",
        "moved" | "accepted" if is_asked_for => "We have asked for the new time.",
        "reminders-on" if open.patient.reminders => "You will be reminded of your visits.",
        "reminders-off" if !open.patient.reminders => "You will not be reminded any more.",
        _ => return None,
    })
}

/// Why something was not done.
pub(super) fn why(refusal: &Refusal) -> String {
    let text = match refusal.code() {
        ErrorCode::CutoffPassed => return format!("{}.", refusal.message(|_| String::new())),
        ErrorCode::InvalidInput => "Choose one of the times.",
        ErrorCode::SlotTaken | ErrorCode::SlotHeld | ErrorCode::InBuffer => {
            "Somebody else has taken that time. Choose another one."
        }
        ErrorCode::PatientDoubleBooked => "You have another visit at that time.",
        ErrorCode::TimeInPast
        | ErrorCode::BeyondHorizon
        | ErrorCode::NoticeTooShort
        | ErrorCode::OutsideWorkingHours
        | ErrorCode::ProviderAway
        | ErrorCode::DailyLimitReached => "That time is not free any more. Choose another one.",
        ErrorCode::SchedulingRefused => "The clinic could not confirm that time.",
        ErrorCode::HoldExpired => "It is too late: this time has gone to somebody else.",
        ErrorCode::IllegalTransition | ErrorCode::VersionConflict => {
            "The visit has changed meanwhile. See below how it stands."
        }
        ErrorCode::RateLimited => "You have as many visits as can be booked. Ask the clinic.",
        ErrorCode::Unavailable => "That could not be done just now. Try again in a moment.",
        _ => "That could not be done here. Ask the clinic.",
    };
    text.to_owned()
}
