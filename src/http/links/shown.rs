//! What pages show of a visit or an offer: never the reason for it, nor the patient's name.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::template::{Message, page};
use super::words::{Status, moment, moment_and_zone, status};
use crate::domain::spoken_time::{spoken_clock, spoken_day, spoken_zone};
use crate::domain::time_slot::rfc3339;
use crate::domain::{
    AppointmentStatus, Patient, PatientClock, Provider, TimeSlot, UsState, VisitType, zone_named,
};
use crate::links::{LinkRules, OpenOffer, OpenVisit};

/// How many days with free times are shown.
const MOST_DAYS: usize = 14;

/// What it is, when, how long, and with whom.
#[derive(Serialize)]
struct What {
    kind: String,
    with: String,
    minutes: i64,
    clocks: Vec<Clock>,
}

/// When, on one clock.
#[derive(Serialize)]
struct Clock {
    /// Whose clock, where there are two.
    whose: &'static str,
    day: String,
    time: String,
    zone: String,
}

impl What {
    fn of(
        slot: TimeSlot,
        zone: &TimeZone,
        provider: &Provider,
        visit_type: Option<&VisitType>,
    ) -> Self {
        let at = slot.starts_at();
        let theirs = zone_named(&provider.time_zone);
        let theirs = theirs.filter(|theirs| theirs.to_offset(at) != zone.to_offset(at));
        let both = theirs.is_some();
        let mut clocks = vec![Clock::of(slot, zone, if both { "For you: " } else { "" })];
        clocks.extend(theirs.map(|theirs| Clock::of(slot, &theirs, "Where your provider is: ")));
        let credentials = provider.credentials.as_str();
        let with = match credentials {
            "" => provider.name.clone(),
            credentials => format!("{}, {credentials}", provider.name),
        };
        let kind = visit_type.map_or("Virtual visit", |kind| kind.name.as_str()).to_owned();
        Self { kind, with, minutes: slot.minutes(), clocks }
    }
}

impl Clock {
    fn of(slot: TimeSlot, zone: &TimeZone, whose: &'static str) -> Self {
        let (from, to) = (slot.starts_at(), slot.ends_at());
        Self {
            whose,
            day: spoken_day(zone, from),
            time: format!("{} to {}", spoken_clock(zone, from), spoken_clock(zone, to)),
            zone: spoken_zone(zone, from),
        }
    }
}

/// The free times of a day.
#[derive(Serialize)]
struct Day {
    label: String,
    times: Vec<Time>,
}

#[derive(Serialize)]
struct Time {
    /// As it is sent.
    value: String,
    label: String,
}

/// What can be done with a visit, by what it is.
#[derive(Serialize)]
struct Possible {
    to_move: bool,
    to_cancel: bool,
}

#[derive(Serialize)]
struct VisitShown<'a> {
    path: &'a str,
    /// What its forms are about.
    version: i32,
    what: What,
    status: Status,
    /// Whether it is to take place.
    is_on: bool,
    change: &'static str,
    /// Until when it may be changed, where that is before its start.
    until: Option<String>,
    possible: Possible,
    days: Vec<Day>,
    /// Whether there are free times beyond those.
    are_more: bool,
    /// What all those times are.
    zone: String,
    contact: Option<&'a str>,
    reminders: bool,
}

/// The page of a visit, which is at `path`, with the times that it may move to, of which there may be more.
pub(super) fn visit(
    status_code: StatusCode,
    (path, message): (&str, Message<'_>),
    open: &OpenVisit,
    ((times, are_more), rules): ((&[TimeSlot], bool), &LinkRules),
) -> Response {
    let zone = clock_of(&open.patient, open.visit.state);
    let is_on =
        [AppointmentStatus::Pending, AppointmentStatus::Confirmed, AppointmentStatus::CheckedIn]
            .contains(&open.visit.status);
    let may_change = open.is_movable || open.is_cancellable || open.has_begun();
    let change = match (may_change, open.is_past_cutoff()) {
        (false, _) => "NONE",
        (true, true) => "TOO_LATE",
        (true, false) => "OPEN",
    };
    let is_early = !rules.cutoff.is_zero();
    let days = days(times, &zone);
    let told: usize = days.iter().map(|day| day.times.len()).sum();
    page(
        status_code,
        "visit.html",
        message,
        VisitShown {
            path,
            version: open.visit.version,
            what: What::of(open.visit.slot, &zone, &open.provider, open.visit_type.as_deref()),
            status: status(open, &zone),
            is_on,
            change,
            until: is_early.then(|| moment_and_zone(&zone, open.cutoff)),
            possible: Possible { to_move: open.is_movable, to_cancel: open.is_cancellable },
            days,
            are_more: are_more || told < times.len(),
            zone: spoken_zone(&zone, open.visit.slot.starts_at()),
            contact: rules.contact.as_deref(),
            reminders: open.patient.reminders,
        },
    )
}

#[derive(Serialize)]
struct OfferShown<'a> {
    path: &'a str,
    what: What,
    /// When the visit is that would move.
    moves: Option<String>,
    /// Until when it may be answered; none where it may not any more.
    until: Option<String>,
}

/// The page of an offer, which is at `path`, and whether it may be answered.
pub(super) fn offer(
    status_code: StatusCode,
    (path, message): (&str, Message<'_>),
    (open, is_open): (&OpenOffer, bool),
) -> Response {
    let zone = clock_of(&open.patient, open.entry.state);
    let (slot, kind) = (open.offer.slot, open.visit_type.as_deref());
    let until = moment_and_zone(&zone, open.offer.expires_at);
    page(
        status_code,
        "offer.html",
        message,
        OfferShown {
            path,
            what: What::of(slot, &zone, &open.provider, kind),
            moves: open.moves.as_ref().map(|visit| moment(&zone, visit.slot.starts_at())),
            until: is_open.then_some(until),
        },
    )
}

fn clock_of(patient: &Patient, state: UsState) -> TimeZone {
    PatientClock::of(state, patient.time_zone.as_deref()).zone().clone()
}

/// The times by day, on the patient's clock.
fn days(times: &[TimeSlot], zone: &TimeZone) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for slot in times {
        let at = slot.starts_at();
        let label = spoken_day(zone, at);
        let time = Time { value: rfc3339(at), label: spoken_clock(zone, at) };
        let is_new = days.last().is_none_or(|day| day.label != label);
        if is_new && days.len() == MOST_DAYS {
            break;
        }
        if is_new {
            days.push(Day { label, times: Vec::new() });
        }
        if let Some(day) = days.last_mut() {
            day.times.push(time);
        }
    }
    // A clock that is put back shows an hour twice.
    for time in days.iter_mut().flat_map(|day| twice(&mut day.times)) {
        if let Ok(at) = time.value.parse::<Timestamp>() {
            let abbreviation = at.to_zoned_datetime(zone.clone()).strftime(" %Z").to_string();
            time.label.push_str(&abbreviation);
        }
    }
    days
}

/// The times that read like another one of the day.
fn twice(times: &mut [Time]) -> Vec<&mut Time> {
    let labels: Vec<String> = times.iter().map(|time| time.label.clone()).collect();
    let is_twice = |label: &str| labels.iter().filter(|other| *other == label).count() > 1;
    times.iter_mut().filter(|time| is_twice(&time.label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VisitLength;

    #[test]
    fn times_are_told_by_day_and_an_hour_that_comes_twice_is_told_apart() {
        let zone = zone_named("America/New_York").unwrap();
        let slots: Vec<TimeSlot> =
            ["2027-11-07T03:30:00Z", "2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"]
                .into_iter()
                .map(|at| TimeSlot::starting(at.parse().unwrap(), VisitLength::DEFAULT).unwrap())
                .collect();
        let told: Vec<(String, Vec<String>)> = days(&slots, &zone)
            .into_iter()
            .map(|day| (day.label, day.times.into_iter().map(|time| time.label).collect()))
            .collect();
        assert_eq!(
            told,
            [
                ("Saturday, November 6, 2027".to_owned(), vec!["11:30 PM".to_owned()]),
                (
                    "Sunday, November 7, 2027".to_owned(),
                    vec!["1:30 AM EDT".to_owned(), "1:30 AM EST".to_owned()]
                ),
            ]
        );
    }
}
