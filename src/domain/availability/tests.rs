use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::*;
use crate::domain::working_hours::WorkingHours;

fn monday(opens_at: &str, closes_at: &str) -> WeeklySchedule {
    let (opens_at, closes_at) = (opens_at.parse().unwrap(), closes_at.parse().unwrap());
    let hours = WorkingHours::weekly(Weekday::Monday, opens_at, closes_at);
    WeeklySchedule::new(vec![hours], TimeZone::UTC)
}

/// Monday, 2027-01-11, from one `HH:MM` to another.
fn slot(from: &str, to: &str) -> TimeSlot {
    let at = |time: &str| format!("2027-01-11T{time}:00Z").parse().unwrap();
    TimeSlot::new(at(from), at(to)).unwrap()
}

fn starts(calendar: &Calendar<'_>, window: TimeSlot, minutes: i64) -> Vec<String> {
    let length = VisitLength::from_minutes(minutes).unwrap();
    calendar
        .offers(window, length, OfferGrid::from_minutes(15).unwrap())
        .map(|offer| offer.starts_at().to_string()[11..16].to_owned())
        .collect()
}

#[test]
fn offers_lie_on_the_grid_from_the_opening_time() {
    let hours = monday("09:05", "10:00");
    let calendar = Calendar::new(&hours, vec![]);
    assert_eq!(starts(&calendar, slot("00:00", "23:59"), 20), ["09:05", "09:20", "09:35"]);
}

#[test]
fn the_end_of_a_busy_span_is_offered_too() {
    let hours = monday("09:00", "10:00");
    let calendar = Calendar::new(&hours, vec![slot("09:00", "09:20"), slot("08:00", "08:30")]);
    assert_eq!(starts(&calendar, slot("00:00", "23:59"), 10), ["09:20", "09:30", "09:45"]);
}

#[test]
fn a_busy_span_over_the_opening_time_pushes_the_first_offer() {
    let hours = monday("09:00", "10:00");
    let calendar = Calendar::new(&hours, vec![slot("08:40", "09:10")]);
    assert_eq!(starts(&calendar, slot("00:00", "23:59"), 30), ["09:10", "09:15", "09:30"]);
}

#[test]
fn an_offer_starts_inside_the_window_but_may_end_after_it() {
    let hours = monday("09:00", "12:00");
    let calendar = Calendar::new(&hours, vec![]);
    assert_eq!(starts(&calendar, slot("09:10", "09:31"), 60), ["09:15", "09:30"]);
}

#[test]
fn a_gap_too_short_for_the_visit_offers_nothing() {
    let hours = monday("09:00", "10:00");
    let calendar = Calendar::new(&hours, vec![slot("09:20", "09:45")]);
    assert_eq!(starts(&calendar, slot("00:00", "23:59"), 25), Vec::<String>::new());
    assert!(calendar.is_free(slot("09:00", "09:20")) && !calendar.is_free(slot("09:00", "09:21")));
    assert!(!calendar.is_free(slot("09:50", "10:05")));
}

#[test]
fn one_busy_span_can_block_the_end_of_one_shift_and_the_start_of_the_next() {
    let shift = |opens_at: &str, closes_at: &str| {
        let (opens_at, closes_at) = (opens_at.parse().unwrap(), closes_at.parse().unwrap());
        WorkingHours::weekly(Weekday::Monday, opens_at, closes_at)
    };
    let hours =
        WeeklySchedule::new(vec![shift("09:00", "10:00"), shift("11:00", "12:00")], TimeZone::UTC);
    let calendar = Calendar::new(&hours, vec![slot("09:30", "11:20")]);
    assert_eq!(starts(&calendar, slot("00:00", "23:59"), 30), ["09:00", "11:20", "11:30"]);
}
