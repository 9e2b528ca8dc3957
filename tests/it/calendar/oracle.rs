//! Two thousand visits in all zones of the United States, half of them around changes of the clock, booked, moved and
//! cancelled, as calendars are told of them: `.ci/calendar/run` has two other readers of iCalendar agree with what
//! is expected of each. Here they are written down, and read by the plainest of readers.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use clinic::calendar::{CalendarFile, Party, Told, VisitEvent, feed, visit_file};
use clinic::domain::{
    Appointment, AppointmentId, AppointmentStatus, PatientId, PayerId, ProviderId, TimeSlot,
    UsState, VisitLength, zone_named,
};
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::{value, values};

const VISITS: usize = 2000;
const VISITS_OF_A_FEED: usize = 100;

/// What people are called, some of them by what means something in such a file.
const NAMES: [&str; 12] = [
    "John Doe",
    "Dr. Jane Doe, MD",
    "O'Brien; Søren",
    "Ľubomíra \"Ľuba\" Nováková",
    "李小龍",
    "Back\\slash \\n Newline, \\, \\; \\\\ \\",
    "José: the ^n third ^^",
    "👩🏽‍⚕️ Dr. Emoji 🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺🩺",
    "مريم الطبيبة",
    "x=y;VALUE=DATE:20270101",
    "A very long name that goes on and on and on and on and on, past the end of every line that there is",
    "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
];
const ADDRESSES: [&str; 4] = [
    "john@example.com",
    "john.doe+clinic@mail.example.com",
    "o'brien_1@example.com",
    "jürgen@example.com",
];

/// A start: any, or near a change of the clock.
fn start(dice: &mut StdRng, zone: &str) -> Timestamp {
    let zone = zone_named(zone).unwrap();
    let begins: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let minutes = dice.random_range(0..5 * 365 * 24 * 12) * 5;
    let any = begins + SignedDuration::from_mins(minutes);
    let near = SignedDuration::from_mins(dice.random_range(-36..=36) * 5);
    match zone.following(any).next() {
        Some(change) if dice.random_bool(0.5) => change.timestamp() + near,
        _ => any,
    }
}

fn booked(dice: &mut StdRng, number: usize, zone: &str) -> Appointment {
    let starts_at = start(dice, zone);
    let length = VisitLength::from_minutes(dice.random_range(1..=96) * 5).unwrap();
    let created_at = starts_at - SignedDuration::from_mins(dice.random_range(1..100_000));
    Appointment {
        id: AppointmentId::from(uuid::Uuid::from_u128(u128::try_from(number).unwrap() + 1)),
        provider_id: ProviderId::NOBODY,
        patient_id: PatientId::NOBODY,
        slot: TimeSlot::starting(starts_at, length).unwrap(),
        moving_to: None,
        reassigning: None,
        status: AppointmentStatus::Pending,
        ends_as: None,
        version: 1,
        state: UsState::parse("CT").unwrap(),
        payer_id: PayerId::NOBODY,
        visit_type_id: None,
        reason: Some("Never to be told".to_owned()),
        cancel_reason: None,
        external_id: None,
        kept_here: false,
        unsettled_outside: false,
        provenance: None,
        overruled: None,
        created_at,
        updated_at: created_at,
    }
}

/// The life of a visit: each of its versions that somebody is told of.
fn life(dice: &mut StdRng, number: usize, zone: &str) -> Vec<Appointment> {
    let mut life = vec![booked(dice, number, zone)];
    for step in 0..dice.random_range(0..4) {
        let last = life.last().unwrap();
        let now = last.updated_at + SignedDuration::from_secs(61);
        let next = match (last.status, step, dice.random_range(0..3)) {
            (AppointmentStatus::Pending, _, _) => last.confirmed(format!("ext-{number}"), now),
            (AppointmentStatus::Confirmed, _, 0) => {
                last.cancelled_here(Some("Never to be told either".to_owned()), now)
            }
            (AppointmentStatus::Confirmed, _, _) => {
                let length = VisitLength::from_minutes(last.slot.minutes()).unwrap();
                last.moved_here(TimeSlot::starting(start(dice, zone), length).unwrap(), now)
            }
            _ => break,
        };
        life.push(next);
    }
    life
}

fn one<'a>(dice: &mut StdRng, of: &[&'a str]) -> &'a str {
    of[dice.random_range(0..of.len())]
}

fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What an event says, in other words than the file's.
fn expected(told: &VisitEvent<'_>, zone: &str, now: Timestamp) -> Value {
    let VisitEvent { visit, organizer, attendee, .. } = told;
    let party = |party: &Party<'_>| {
        // Where a name stands there can be no quotation mark, and a backslash is read in several ways.
        let name = party.name.replace('"', "'").replace('\\', "/");
        json!({ "name": name, "email": party.email })
    };
    let summary = match told.told {
        Told::With(name) => format!("Visit with {name}"),
        Told::Nobody => "Virtual visit".to_owned(),
    };
    let local = zone_named(zone).unwrap().to_datetime(visit.slot.starts_at());
    let status = match visit.status {
        AppointmentStatus::Pending => "TENTATIVE",
        AppointmentStatus::Confirmed => "CONFIRMED",
        _ => "CANCELLED",
    };
    json!({ "uid": format!("{}@clinic.invalid", visit.id), "sequence": visit.version, "status": status,
        "start": instant(visit.slot.starts_at()), "end": instant(visit.slot.ends_at()), "stamp": instant(now),
        "created": instant(visit.created_at), "modified": instant(visit.updated_at), "summary": summary,
        "local": local.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "zone": zone,
        "organizer": party(organizer), "attendee": attendee.as_ref().map(party) })
}

fn line(file: &CalendarFile, events: &[Value]) -> String {
    let method = file.method.as_str();
    json!({ "text": file.text, "method": method, "events": events }).to_string()
}

#[test]
fn two_thousand_visits_are_written_down_for_other_readers() {
    let zones: BTreeSet<&str> = UsState::all().flat_map(UsState::time_zones).copied().collect();
    let zones: Vec<&str> = zones.into_iter().collect();
    let mut dice = StdRng::seed_from_u64(1);
    let (mut told, mut files, mut in_feeds) = (String::new(), 0, 0);
    let mut lives = Vec::new();
    for number in 0..VISITS {
        let zone = zones[number % zones.len()];
        lives.push((zone, life(&mut dice, number, zone)));
    }
    for (zone, life) in &lives {
        let (provider, patient) = (one(&mut dice, &NAMES), one(&mut dice, &NAMES));
        let attendee = dice.random_bool(0.9);
        let attendee = attendee.then(|| Party { name: patient, email: one(&mut dice, &ADDRESSES) });
        let organizer = Party { name: provider, email: "no-reply@clinic.invalid" };
        for visit in life {
            let now = visit.updated_at + SignedDuration::from_secs(7);
            let event = VisitEvent { visit, told: Told::With(provider), organizer, attendee };
            let file = visit_file(&event, now);
            assert!(!file.text.contains("Never"), "{}", file.text);
            assert_eq!(value(&file.text, "SEQUENCE"), visit.version.to_string());
            writeln!(told, "{}", line(&file, &[expected(&event, zone, now)])).unwrap();
            files += 1;
        }
    }
    for lives in lives.chunks(VISITS_OF_A_FEED) {
        let now = "2027-01-11T12:00:00Z".parse().unwrap();
        let provider = one(&mut dice, &NAMES);
        let organizer = Party { name: provider, email: "no-reply@clinic.invalid" };
        let events: Vec<_> = lives
            .iter()
            .map(|(zone, life)| {
                let told = if dice.random_bool(0.5) { Told::Nobody } else { Told::With(NAMES[3]) };
                let visit = life.last().unwrap();
                (*zone, VisitEvent { visit, told, organizer, attendee: None })
            })
            .collect();
        let file = feed(provider, events.iter().map(|(_, event)| *event), now);
        assert_eq!(values(&file.text, "UID").len(), lives.len());
        let events: Vec<_> =
            events.iter().map(|(zone, event)| expected(event, zone, now)).collect();
        in_feeds += events.len();
        writeln!(told, "{}", line(&file, &events)).unwrap();
    }
    assert!(files > 3 * VISITS / 2 && in_feeds == VISITS, "{files} {in_feeds}");
    fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/calendars.jsonl"), told).unwrap();
}
