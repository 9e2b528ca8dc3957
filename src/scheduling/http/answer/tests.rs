use super::*;

const RESERVE: Call<'static> = Call::Reserve { patient_name: "Ada Lovelace" };

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.into() }
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

#[test]
fn each_status_means_one_thing_to_do() {
    let kind = |call: Call<'_>, status| classify(&call, &answer(status, ""));
    let rejected = |status| Err(SchedulingError::Rejected { status });

    assert_eq!(kind(RESERVE, 401), rejected(401));
    assert_eq!(kind(Call::Find, 403), rejected(403));
    assert_eq!(kind(Call::Cancel, 404), Err(SchedulingError::NotFound));
    assert_eq!(kind(Call::Reschedule, 410), Err(SchedulingError::NotFound));
    assert_eq!(kind(Call::Cancel, 200), Ok(()));
    assert_eq!(kind(Call::Cancel, 204), Ok(()));
    for status in [300, 304, 400, 404, 408, 410, 422, 425, 429, 500, 502, 504, 599] {
        let outcome = kind(RESERVE, status);
        assert!(matches!(outcome, Err(SchedulingError::Unknown { .. })), "{status}: {outcome:?}");
    }
    assert!(matches!(kind(Call::Cancel, 202), Err(SchedulingError::Unknown { .. })));
}

#[test]
fn a_status_says_whether_the_service_is_ill_or_only_this_call() {
    let whose = |call: Call<'_>, status| match classify(&call, &answer(status, "")) {
        Err(SchedulingError::Unknown { trouble, .. }) => trouble,
        other => panic!("{status}: {other:?}"),
    };

    for status in [408, 425, 429, 502, 503, 504] {
        assert_eq!(whose(RESERVE, status), Trouble::Service, "{status}");
        assert_eq!(whose(Call::Cancel, status), Trouble::Service, "{status}");
    }
    for status in [302, 400, 404, 405, 413, 422, 500, 501, 505, 599] {
        assert_eq!(whose(RESERVE, status), Trouble::Call, "{status}");
    }
    assert_eq!(whose(Call::Cancel, 405), Trouble::Call);
}

#[test]
fn only_a_confirmation_of_what_was_asked_is_one() {
    let asked = at("2027-01-15T08:00:00Z");
    let read = |scheduled: bool, id: &str, time: &str| {
        let body = serde_json::json!({"scheduled": scheduled, "appointment_id": id, "time": time});
        confirmation(&answer(201, &body.to_string()), asked)
    };

    let external_id = "e".repeat(200);
    assert_eq!(
        read(true, &external_id, "2027-01-15T09:00:00+01:00"),
        Ok(Confirmation { external_id })
    );
    assert!(read(false, "e", "2027-01-15T08:00:00Z").is_err());
    assert!(read(true, "", "2027-01-15T08:00:00Z").is_err());
    assert!(read(true, &"e".repeat(201), "2027-01-15T08:00:00Z").is_err());
    assert!(read(true, "e", "2027-01-15T08:01:00Z").is_err());
    let another = r#"[{"reference":"apt_2","appointment_id":"e","time":"2027-01-15T08:00:00Z"}]"#;
    assert!(holdings(&answer(200, another), "apt_1").is_err());
    assert!(!holdings(&answer(200, another), "apt_2").unwrap()[0].cancelled);
}

#[test]
fn a_reason_is_one_short_line_without_the_patients_name() {
    let reason = |call: &Call<'_>, status, text: &str| {
        let body = serde_json::json!({"scheduled": false, "reason": text}).to_string();
        match classify(call, &answer(status, &body)) {
            Err(SchedulingError::Refused { reason }) => reason,
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(reason(&RESERVE, 422, "not\u{7} on\r\nSundays"), "not on Sundays");
    assert_eq!(reason(&RESERVE, 409, &"é".repeat(300)).chars().count(), 200);
    assert_eq!(reason(&RESERVE, 409, "ADA LOVELACE is barred"), "refused");
    assert_eq!(reason(&RESERVE, 409, "Mrs lovelace is barred"), "refused");
    assert_eq!(reason(&RESERVE, 409, ""), "refused");
    assert_eq!(reason(&Call::Reschedule, 409, "whoever that is"), "refused");
    assert!(matches!(
        classify(&RESERVE, &answer(409, "no JSON")),
        Err(SchedulingError::Refused { .. })
    ));
}

#[test]
fn a_time_before_the_calendar_begins_is_no_time() {
    // Was taken for an instant before the first there is, which later sums do not expect.
    for time in ["-009999-01-02T01:59:58.999999999Z", "-009999-01-01T00:00:00Z"] {
        let body = format!(r#"{{"scheduled":true,"appointment_id":"e","time":"{time}"}}"#);
        let read = confirmation(&answer(201, &body), at("2027-01-15T08:00:00Z"));
        assert_eq!(read, Err(unknown("unreadable answer")), "{time}");
        let held = format!(r#"[{{"reference":"apt_1","appointment_id":"e","time":"{time}"}}]"#);
        assert_eq!(
            holdings(&answer(200, &held), "apt_1").err(),
            Some(unknown("unreadable answer"))
        );
    }
}
