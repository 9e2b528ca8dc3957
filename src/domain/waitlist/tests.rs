use jiff::civil::Weekday;

use super::*;
use crate::domain::{LocalTime, PatientClock, PatientHours, VisitLength};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn slot(from: &str, to: &str) -> TimeSlot {
    TimeSlot::new(at(from), at(to)).unwrap()
}

fn local(text: &str) -> LocalTime {
    text.parse().unwrap()
}

fn window(earliest: &str, latest: &str) -> WaitlistWindow {
    WaitlistWindow {
        earliest: at(earliest),
        latest: at(latest),
        weekdays: Weekdays::ALL,
        local_from: LocalTime::MIDNIGHT,
        local_until: LocalTime::END_OF_DAY,
    }
}

fn new_york() -> PatientClock {
    PatientClock::of(UsState::parse("NY").unwrap(), None)
}

fn always() -> TimeSlot {
    slot("2027-01-01T00:00:00Z", "2027-12-31T00:00:00Z")
}

fn entry() -> WaitlistEntry {
    WaitlistEntry {
        id: WaitlistEntryId::NOBODY,
        version: 1,
        status: WaitlistStatus::Waiting,
        patient_id: PatientId::NOBODY,
        state: UsState::parse("NY").unwrap(),
        payer_id: PayerId::NOBODY,
        provider_id: None,
        shape: VisitShape::plain(VisitLength::DEFAULT),
        window: window("2027-01-04T00:00:00Z", "2027-01-08T00:00:00Z"),
        instead_of: None,
        offers: Vec::new(),
        joined: EventPosition(0),
        position: EventPosition(0),
        created_at: at("2027-01-01T00:00:00Z"),
        updated_at: at("2027-01-01T00:00:00Z"),
    }
}

fn offer(expires_at: &str) -> WaitlistOffer {
    WaitlistOffer {
        id: AppointmentId::NOBODY,
        provider_id: ProviderId::NOBODY,
        slot: slot("2027-01-05T15:00:00Z", "2027-01-05T15:30:00Z"),
        offered_at: at("2027-01-04T12:00:00Z"),
        expires_at: at(expires_at),
        outcome: None,
    }
}

#[test]
fn the_starts_are_those_days_and_times_on_the_patients_clock() {
    let mornings = WaitlistWindow {
        weekdays: Weekdays::of(&[Weekday::Sunday, Weekday::Monday]).unwrap(),
        local_from: local("09:00"),
        local_until: local("12:00"),
        ..window("2027-03-13T00:00:00Z", "2027-03-15T14:00:00Z")
    };
    // The clock goes forward on that Sunday. The latest start belongs to it.
    let starts = mornings.starts(&new_york(), PatientHours::default(), always());
    assert_eq!(
        starts,
        [
            slot("2027-03-14T13:00:00Z", "2027-03-14T16:00:00Z"),
            slot("2027-03-15T13:00:00Z", "2027-03-15T14:00:01Z"),
        ]
    );
}

#[test]
fn the_hours_of_patients_bound_what_was_asked_for() {
    let whole_day = window("2027-01-05T05:00:00Z", "2027-01-06T04:59:00Z");
    let starts = whole_day.starts(&new_york(), PatientHours::default(), always());
    // Both ends of these belong to them.
    assert_eq!(starts, [slot("2027-01-05T12:00:00Z", "2027-01-06T02:01:00Z")]);
}

#[test]
fn a_window_that_can_never_fit_is_told_with_its_field() {
    let (now, hours) = (at("2027-01-01T00:00:00Z"), PatientHours::default());
    let field =
        |window: WaitlistWindow| window.fault(&new_york(), hours, now).map(|(field, _)| field);
    let good = window("2027-01-04T05:00:00Z", "2027-01-05T04:59:00Z"); // A Monday.
    assert_eq!(field(good), None);
    assert_eq!(
        field(WaitlistWindow { latest: at("2027-01-03T00:00:00Z"), ..good }),
        Some(WindowField::Latest)
    );
    let past = window("2026-01-04T05:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(field(past), Some(WindowField::Latest));
    let backward =
        WaitlistWindow { local_from: local("12:00"), local_until: local("12:00"), ..good };
    assert_eq!(field(backward), Some(WindowField::LocalUntil));
    let at_night = WaitlistWindow { local_until: local("07:00"), ..good };
    assert_eq!(field(at_night), Some(WindowField::LocalFrom));
    let tuesdays = WaitlistWindow { weekdays: Weekdays::of(&[Weekday::Tuesday]).unwrap(), ..good };
    assert_eq!(field(tuesdays), Some(WindowField::Weekdays));
    let later = WaitlistWindow { latest: at("2027-03-01T00:00:00Z"), ..tuesdays };
    assert_eq!(field(later), None);
    assert_eq!(Weekdays::of(&[]), None);
}

#[test]
fn an_offer_ends_in_time_for_the_notice_and_is_not_made_where_nobody_could_answer() {
    let (length, now) = (OfferLength::default(), at("2027-01-05T12:00:00.7Z"));
    let slot = slot("2027-01-05T15:00:00Z", "2027-01-05T15:30:00Z");
    let ends_at = |hours: i64, minutes: i64| {
        length.ends_at(now, slot, SignedDuration::from_mins(hours * 60 + minutes))
    };
    assert_eq!(ends_at(0, 0), Some(at("2027-01-05T12:30:00Z")));
    assert_eq!(ends_at(2, 50), Some(at("2027-01-05T12:10:00Z")));
    assert_eq!(ends_at(2, 59), Some(at("2027-01-05T12:01:00Z")));
    assert_eq!(ends_at(3, 0), None);
    assert_eq!(OfferLength::from_minutes(0).or(OfferLength::from_minutes(1441)), None);
}

#[test]
fn what_comes_to_nothing_lets_them_wait_again_unless_it_is_too_late() {
    let offered = entry().offered(offer("2027-01-04T12:30:00Z"));
    assert_eq!((offered.status, offered.version), (WaitlistStatus::Offered, 2));
    let open = offered.open_offer().unwrap();
    assert!(open.is_live(at("2027-01-04T12:29:59Z")) && !open.is_live(at("2027-01-04T12:30:00Z")));
    let again = offered.waits_again(OfferOutcome::Declined, at("2027-01-04T12:10:00Z"));
    assert_eq!((again.status, again.open_offer()), (WaitlistStatus::Waiting, None));
    assert_eq!(again.unwanted().count(), 1);
    let late = offered.waits_again(OfferOutcome::Lapsed, at("2027-01-08T00:00:01Z"));
    assert_eq!(late.status, WaitlistStatus::Lapsed);
    let accepted = offered.accepted(at("2027-01-04T12:10:00Z"));
    assert!(accepted.accepted_offer().is_some() && accepted.open_offer().is_none());
    let refused = accepted.waits_again(OfferOutcome::Refused, at("2027-01-04T12:11:00Z"));
    // The time may be had another day.
    assert_eq!((refused.status, refused.unwanted().count()), (WaitlistStatus::Waiting, 0));
    assert!(accepted.booked(at("2027-01-04T12:11:00Z")).is_over());
    let left = offered.left(at("2027-01-04T12:11:00Z"));
    assert_eq!(left.offers[0].outcome, Some(OfferOutcome::Declined));
}
