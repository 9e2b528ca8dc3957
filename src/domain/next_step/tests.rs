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
        reassigning: None,
        status,
        ends_as: (status == Status::Cancelling).then_some(Status::Cancelled),
        version: 3,
        state: UsState::parse("CT").unwrap(),
        payer_id: uuid_at(at(0)).into(),
        visit_type_id: None,
        reason: None,
        cancel_reason: None,
        kept_here: false,
        external_id: external_id.map(str::to_owned),
        unsettled_outside: false,
        provenance: None,
        overruled: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The step in a word, its slot and its key without the id and the moment; the table below reads by it.
fn told(appointment: &Appointment, key: Option<&str>) -> String {
    let id = format!("{}:", appointment.id);
    let when = |slot: TimeSlot| if slot == appointment.slot { "its time" } else { "the new time" };
    let moment = format!(":{}", appointment.updated_at.as_second());
    let keyed = |key: &str| key.replace(&id, "").replace(&moment, "");
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
fn a_change_after_a_restore_is_not_taken_for_one_of_the_time_that_is_lost() {
    let lost = appointment(Status::Confirmed, Some("ext"), true);
    let since = Appointment { updated_at: at(1), ..lost.clone() };
    assert_eq!(lost.version, since.version);
    assert_ne!(next_step(&lost, None), next_step(&since, None));
    assert_ne!(rebook_key(&lost), rebook_key(&since));
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

/// The status, whether it is unsettled outside, its slot and what is owed, in words.
fn ended(appointment: &Appointment, key: Option<&str>, hour: i64) -> Option<String> {
    let ended = given_up(appointment, key, SignedDuration::from_hours(99), at(hour))?;
    assert_eq!(ended.version, appointment.version + 1);
    assert_eq!(ended.moving_to, None);
    let unsettled = if ended.unsettled_outside { " unsettled" } else { "" };
    let time = if ended.slot == appointment.slot { "" } else { " at the new time" };
    let told = told(&ended, key).replace("its time", "it");
    Some(format!("{}{unsettled}{time}: {told}", ended.status.as_str()))
}

#[test]
fn whatever_waits_ends_when_its_time_has_come() {
    let (no, key, ext) = (None, Some("some key"), Some("ext"));
    for (status, key, external_id, moving, hour, expected) in [
        (Status::Pending, no, no, false, 24, "EXPIRED: nothing"),
        (Status::Pending, key, no, false, 24, "EXPIRED unsettled: reserve it by some key"),
        (Status::Cancelling, key, no, false, 24, "CANCELLED unsettled: reserve it by some key"),
        (Status::Cancelling, no, ext, false, 24, "CANCELLED unsettled: cancel ext by cancel:4"),
        // Both times are held, so it is the later one that ends it.
        (Status::Cancelling, no, ext, true, 48, "CANCELLED unsettled: cancel ext by cancel:4"),
        (
            Status::Cancelling,
            key,
            ext,
            true,
            48,
            "CANCELLED unsettled at the new time: reserve it by some key",
        ),
        // It stays where it is, and is put back there outside.
        (Status::Confirmed, no, ext, true, 48, "CONFIRMED unsettled: move ext to it by move:4"),
        // The service has lost it, and does not say whether it has booked it anew.
        (
            Status::Confirmed,
            key,
            ext,
            true,
            48,
            "FAILED unsettled at the new time: reserve it by some key",
        ),
    ] {
        let appointment = appointment(status, external_id, moving);
        let case = format!("{status:?}, key {key:?}, id {external_id:?}, moving {moving}");
        assert_eq!(ended(&appointment, key, hour - 1), None, "{case}");
        assert_eq!(ended(&appointment, key, hour).as_deref(), Some(expected), "{case}");
    }
}

#[test]
fn a_move_to_an_earlier_time_ends_with_that_time() {
    let later = Appointment {
        slot: slot(48),
        moving_to: Some(slot(24)),
        ..appointment(Status::Confirmed, Some("ext"), true)
    };
    assert_eq!(ended(&later, None, 23), None);
    let expected = "CONFIRMED unsettled: move ext to it by move:4";
    assert_eq!(ended(&later, None, 24).as_deref(), Some(expected));
}

#[test]
fn what_may_stand_nowhere_is_closed_at_once() {
    let cancelling = appointment(Status::Cancelling, None, false);
    assert_eq!(ended(&cancelling, None, 0).as_deref(), Some("CANCELLED: nothing"));
}

#[test]
fn what_has_ended_owes_until_the_service_has_answered() {
    for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
        let owing =
            Appointment { unsettled_outside: true, ..appointment(status, Some("ext"), false) };
        assert_eq!(told(&owing, Some("key")), "reserve its time by key");
        assert_eq!(told(&owing, None), "cancel ext by cancel:3");
        let found = Appointment { external_id: None, ..owing.clone() }
            .found_outside("ext".to_owned(), at(99));
        assert_eq!((found.status, found.unsettled_outside), (status, true));
        let closed = owing.closed(at(99));
        assert_eq!((closed.status, told(&closed, None).as_str()), (status, "nothing"));
    }
}

#[test]
fn a_no_to_what_is_put_back_loses_it_unless_it_has_begun() {
    let owing = Appointment {
        unsettled_outside: true,
        ..appointment(Status::Confirmed, Some("ext"), false)
    };
    for (hour, expected) in [(23, Status::Failed), (24, Status::Confirmed)] {
        let refused = owing.not_moved(at(hour));
        assert_eq!((refused.status, told(&refused, None).as_str()), (expected, "nothing"));
    }
}

#[test]
fn what_is_settled_is_never_given_up() {
    for status in Status::ALL
        .into_iter()
        .filter(|status| !matches!(status, Status::Pending | Status::Cancelling))
    {
        let appointment = appointment(status, Some("ext"), false);
        assert_eq!(ended(&appointment, None, 99), None, "{status:?}");
        assert_eq!(ended(&appointment, Some("key"), 99), None, "{status:?}");
    }
}
