//! The same local time all year, and what is said where the clock is changed.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;
use crate::support::on_both_engines;

on_both_engines! {
    async fn a_weekly_course_keeps_its_local_time_over_both_changes_of_the_clock(engine) {
        let (app, jane) = jane(engine).await;
        for (name, offsets) in [
            ("America/New_York", 2), ("America/Chicago", 2), ("America/Denver", 2), ("America/Phoenix", 1),
            ("America/Anchorage", 2), ("Pacific/Honolulu", 1), ("America/Puerto_Rico", 1),
        ] {
            make(&app, "updateProvider", "provider { id }", json!({ "id": jane, "timeZone": name })).await;
            let zone = clinic::domain::zone_named(name).unwrap();
            let start = date(2027, 1, 18).at(10, 0, 0, 0).to_zoned_datetime(zone.clone()).unwrap().timestamp();
            let input = by_rule(1, &jane, &start.to_string(), "FREQ=WEEKLY;COUNT=60");
            let found = occurrences(&app, input).await;
            assert_eq!(found.len(), 60);
            assert!(all(&found, "bookable").iter().all(|it| **it == json!(true)), "{name}: {found:?}");
            assert!(all(&found, "note").iter().all(|note| note.is_null()), "{name}: {found:?}");
            let mut told = std::collections::BTreeSet::new();
            for (week, one) in (0_i64..).zip(&found) {
                let local = one["localStartsAt"].as_str().unwrap();
                let day = date(2027, 1, 18).checked_add(jiff::Span::new().weeks(week)).unwrap();
                assert!(local.starts_with(&format!("{day}T10:00:00")), "{name}: {local}");
                let instant: Timestamp = one["startsAt"].as_str().unwrap().parse().unwrap();
                assert_eq!(local.parse::<Timestamp>().unwrap(), instant, "{name}");
                told.insert(local[19..].to_owned());
            }
            assert_eq!(told.len(), offsets, "{name}: {told:?}");
        }
    }
}

on_both_engines! {
    async fn a_local_time_that_is_skipped_or_comes_twice_is_told(engine) {
        let (app, jane) = jane(engine).await;
        around_the_clock(&app, &jane).await;
        let skipped = occurrences(&app, by_rule(1, &jane, "2027-02-28T02:30:00-05:00", "FREQ=WEEKLY;COUNT=4")).await;
        let locals = [
            "2027-02-28T02:30:00-05:00", "2027-03-07T02:30:00-05:00", "2027-03-14T03:00:00-04:00", "2027-03-21T02:30:00-04:00",
        ];
        assert_eq!(all(&skipped, "localStartsAt"), locals);
        let note = "There is no 02:30 on Sunday, 2027-03-14, when the clock goes forward: the visit starts at 03:00, the first moment after";
        assert_eq!(all(&skipped, "note"), [&Value::Null, &Value::Null, &json!(note), &Value::Null]);
        let twice = occurrences(&app, by_rule(1, &jane, "2027-10-31T01:30:00-04:00", "FREQ=WEEKLY;COUNT=3")).await;
        let locals = ["2027-10-31T01:30:00-04:00", "2027-11-07T01:30:00-04:00", "2027-11-14T01:30:00-05:00"];
        assert_eq!(all(&twice, "localStartsAt"), locals);
        let note = |which: &str| format!("There is 01:30 twice on Sunday, 2027-11-07, when the clock goes back: the visit starts the {which}");
        assert_eq!(all(&twice, "note"), [&Value::Null, &json!(note("first time")), &Value::Null]);
        // Whoever asks for the second of the two is given it, and the same clock time from then on.
        let second = occurrences(&app, by_rule(1, &jane, "2027-11-07T01:30:00-05:00", "FREQ=WEEKLY;COUNT=2")).await;
        assert_eq!(all(&second, "localStartsAt"), ["2027-11-07T01:30:00-05:00", "2027-11-14T01:30:00-05:00"]);
        assert_eq!(all(&second, "note"), [&json!(note("second time, as asked for")), &Value::Null]);
        let times = occurrences(&app, at(1, &jane, &["2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"])).await;
        assert_eq!(all(&times, "note"), [&json!(note("first time")), &json!(note("second time, as asked for"))]);
        for one in skipped.iter().chain(&twice) {
            assert_eq!(one["bookable"], true, "{one}");
            assert_eq!(book(&app, 1, &json!(jane), &one["startsAt"]).await, None, "{one}");
        }
    }
}

on_both_engines! {
    async fn the_days_of_a_rule_are_those_on_the_providers_clock(engine) {
        let (app, jane) = jane(engine).await;
        around_the_clock(&app, &jane).await;
        make(&app, "updateProvider", "provider { id }", json!({ "id": jane, "timeZone": "Pacific/Honolulu" })).await;
        // Monday evening on the islands is Tuesday in UTC.
        let input = by_rule(1, &jane, "2027-01-19T05:00:00Z", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=3,-1;UNTIL=20270329");
        let found = occurrences(&app, input).await;
        let locals = ["2027-01-18", "2027-01-25", "2027-02-15", "2027-02-22", "2027-03-15", "2027-03-29"];
        assert_eq!(all(&found, "localStartsAt"), locals.map(|day| json!(format!("{day}T19:00:00-10:00"))).each_ref());
        let (code, field, message) = error(&app, by_rule(1, &jane, "2027-01-19T05:00:00Z", "FREQ=WEEKLY;BYDAY=TU;COUNT=2")).await;
        assert_eq!((code.as_str(), field.as_str()), ("INVALID_INPUT", "startsAt"), "{message}");
        let until = TimeZone::UTC.to_datetime("2027-02-02T04:59:00Z".parse().unwrap());
        let until = until.strftime("%Y%m%dT%H%M%SZ");
        let cut = occurrences(&app, by_rule(1, &jane, "2027-01-19T05:00:00Z", &format!("FREQ=WEEKLY;UNTIL={until}"))).await;
        assert_eq!(cut.len(), 2, "a minute before the third");
    }
}
