use super::*;

fn hours(weekday: Weekday, opens_at: &str, closes_at: &str) -> WorkingHours {
    WorkingHours::weekly(weekday, opens_at.parse().unwrap(), closes_at.parse().unwrap())
}

#[test]
fn people_read_a_night_shift_as_two_spans() {
    let shown: Vec<_> = hours(Weekday::Sunday, "22:00", "06:00").split_at_midnight().collect();
    assert_eq!(
        shown,
        [hours(Weekday::Sunday, "22:00", "24:00"), hours(Weekday::Monday, "00:00", "06:00")]
    );
    assert_eq!(hours(Weekday::Sunday, "22:00", "00:00").split_at_midnight().count(), 1);
}

#[test]
fn only_times_of_day_are_local_times() {
    for text in ["9:00", "09:60", "24:01", "25:00", "+9:00", "09:00:00", "", "ab:cd"] {
        assert!(text.parse::<LocalTime>().is_err(), "{text}");
    }
    assert_eq!("24:00".parse(), Ok(LocalTime::END_OF_DAY));
    assert_eq!("07:05".parse::<LocalTime>().unwrap().to_string(), "07:05");
}
