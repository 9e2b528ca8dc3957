use super::*;
use crate::domain::ids::uuid_at;
use crate::domain::{AppointmentStatus as Status, UsState};

const HOUR: i64 = 3600;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + hour * HOUR).unwrap()
}

fn slot(hour: i64) -> TimeSlot {
    TimeSlot::new(at(hour), at(hour + 1)).unwrap()
}

/// An appointment of version 3, for hour 24.
fn appointment(status: Status, external_id: Option<&str>, moving: bool) -> Appointment {
    Appointment {
        id: uuid_at(at(0)).into(),
        provider_id: uuid_at(at(0)).into(),
        patient_id: uuid_at(at(0)).into(),
        slot: slot(24),
        moving_to: moving.then(|| slot(48)),
        status,
        ends_as: (status == Status::Cancelling).then_some(Status::Cancelled),
        version: 3,
        state: UsState::parse("CT").unwrap(),
        payer_id: uuid_at(at(0)).into(),
        reason: None,
        cancel_reason: None,
        kept_here: false,
        external_id: external_id.map(str::to_owned),
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The step in a word, its slot and its key without the id; the table below reads by it.
fn told(appointment: &Appointment, key: Option<&str>) -> String {
    let id = format!("{}:", appointment.id);
    let when = |slot: TimeSlot| if slot == appointment.slot { "its time" } else { "the new time" };
    let keyed = |key: &str| key.replace(&id, "");
    match next_step(appointment, key) {
        NextStep::Nothing => "nothing".to_owned(),
        NextStep::Close => "close".to_owned(),
        NextStep::Reserve { slot, key } => format!("reserve {} by {}", when(slot), keyed(&key)),
        NextStep::Move { external_id, slot, key } => {
            format!("move {external_id} to {} by {}", when(slot), keyed(&key))
        }
        NextStep::Cancel { external_id, key } => format!("cancel {external_id} by {}", keyed(&key)),
    }
}

#[test]
fn what_comes_next_follows_from_status_unanswered_key_outside_id_and_move() {
    let (no, key, ext) = (None, Some("some key"), Some("ext"));
    for (status, key, external_id, moving, expected) in [
        // The first call of a booking has the same key whoever makes it, and however often.
        (Status::Pending, no, no, false, "reserve its time by reserve:1"),
        (Status::Pending, key, no, false, "reserve its time by reserve:1"),
        (Status::Confirmed, no, ext, false, "nothing"),
        (Status::Confirmed, key, ext, false, "nothing"),
        (Status::Confirmed, no, ext, true, "move ext to the new time by move:3"),
        (Status::Confirmed, key, ext, true, "reserve the new time by some key"),
        // What is not known outside by an id can't be moved there.
        (Status::Confirmed, no, no, true, "nothing"),
        (Status::Cancelling, no, ext, false, "cancel ext by cancel:3"),
        (Status::Cancelling, no, ext, true, "cancel ext by cancel:3"),
        (Status::Cancelling, no, no, false, "close"),
        (Status::Cancelling, no, no, true, "close"),
        // Before anything is cancelled, it has to be known what there is.
        (Status::Cancelling, key, no, false, "reserve its time by some key"),
        (Status::Cancelling, key, ext, false, "reserve its time by some key"),
        (Status::Cancelling, key, ext, true, "reserve the new time by some key"),
        (Status::Cancelled, no, ext, false, "nothing"),
        (Status::Cancelled, key, ext, false, "nothing"),
        (Status::Failed, no, no, false, "nothing"),
        (Status::Failed, key, no, false, "nothing"),
        (Status::Expired, no, no, false, "nothing"),
        (Status::Expired, key, ext, true, "nothing"),
    ] {
        let appointment = appointment(status, external_id, moving);
        let case = format!("{status:?}, key {key:?}, id {external_id:?}, moving {moving}");
        assert_eq!(told(&appointment, key), expected, "{case}");
    }
}

#[test]
fn a_time_is_freed_at_once_only_where_nothing_can_be_outside() {
    for status in Status::ALL {
        for key in [None, Some("key")] {
            for external_id in [None, Some("ext")] {
                for moving in [false, true] {
                    let closes = told(&appointment(status, external_id, moving), key) == "close";
                    assert!(!closes || (key.is_none() && external_id.is_none()), "{status:?}");
                }
            }
        }
    }
}

#[test]
fn another_change_is_another_call() {
    let moving = appointment(Status::Confirmed, Some("ext"), true);
    let again = Appointment { version: 5, ..moving.clone() };
    assert_ne!(next_step(&moving, None), next_step(&again, None));
    assert_ne!(rebook_key(&moving), rebook_key(&again));
}

#[test]
fn an_unanswered_booking_is_given_up_at_its_deadline_or_its_start_if_that_is_sooner() {
    let (hours, pending) = (SignedDuration::from_hours, appointment(Status::Pending, None, false));
    let given_up = |key, hold_for, now| given_up(&pending, key, hold_for, at(now));
    assert!(given_up(None, hours(2), 1).is_none());
    let expired = given_up(None, hours(2), 2).unwrap();
    assert_eq!((expired.status, expired.version), (Status::Expired, 4));
    // Something may be outside: it is undone there first.
    let undone = given_up(Some("key"), hours(2), 2).unwrap();
    assert_eq!((undone.status, undone.ends_as), (Status::Cancelling, Some(Status::Expired)));
    assert!(given_up(None, hours(100), 23).is_none());
    assert_eq!(given_up(None, hours(100), 24).unwrap().status, Status::Expired);
}

#[test]
fn nothing_but_a_booking_is_given_up() {
    for status in Status::ALL.into_iter().filter(|status| *status != Status::Pending) {
        let appointment = appointment(status, None, false);
        let given_up = given_up(&appointment, None, SignedDuration::ZERO, at(99));
        assert!(given_up.is_none(), "{status:?}");
    }
}
